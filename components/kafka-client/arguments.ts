/** What a Kafka client is told. */
import type * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";

/** A topic as it is wanted. */
export interface TopicArgs {
  name: pulumi.Input<string>;
  /** Partitions; may be raised later, never lowered. */
  partitions: pulumi.Input<number>;
  /** Topic settings by Kafka's names, e.g. `min.insync.replicas`. Default: the cluster's. */
  config?: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

export interface KafkaClientArgs {
  vpcId: pulumi.Input<string>;
  /** Where the hosts are, one after the other in turn. */
  publicSubnetIds: pulumi.Input<string>[];
  /** Where the load balancer has addresses. */
  privateSubnetIds: pulumi.Input<string>[];
  /** IPv4 ranges that may reach the hosts by SSH, the deploying machine's among them; none wider than a /8. */
  sshCidrs: readonly string[];
  /** The MSK cluster. */
  clusterArn: pulumi.Input<string>;
  /** Its brokers' IAM listeners, host:port, separated by commas. */
  bootstrapBrokers: pulumi.Input<string>;
  /** Security group that the cluster lets in. */
  clusterSecurityGroupId: pulumi.Input<string>;
  /** More groups that the hosts carry, so that they reach other servers, e.g. that of a database's clients. Default none. */
  clientSecurityGroupIds?: pulumi.Input<string>[];
  /** Topics to make, the sink's dead letter topic among them. */
  topics: readonly TopicArgs[];
  /** Copies of each partition. */
  replicationFactor: pulumi.Input<number>;
  /** Hosts. Default 1. */
  instanceCount?: number;
  /** Default `t3.small`. Graviton types get the image for them; a change to or from them makes new hosts. */
  instanceType?: string;
  /** Scala and Kafka version of the tools. Default `2.13-3.9.1`. */
  kafkaVersion?: string;
  /** SHA-512 of Apache's archive; needed for versions that are not known here (versions.ts). */
  kafkaSha512?: string;
  /** Version of aws-msk-iam-auth. Default `2.3.9`. */
  iamAuthVersion?: string;
  /** SHA-256 of its jar; needed for versions that are not known here. */
  iamAuthSha256?: string;
  /** Version of Confluent Platform that the REST proxy is of. Default `7.9.2`. */
  confluentVersion?: string;
  /**
   * RPM repository with packages signed by Confluent, without a slash at the end. Default: Confluent's own for the version.
   * Confluent removes versions from it that it no longer supports; an older one has to come from a copy.
   */
  confluentRepositoryUrl?: string;
  /** Whether the secret with the host key goes at once when it is deleted, instead of after 7 days. Default false. */
  forceDestroy?: boolean;
  tags?: Tags;
}
