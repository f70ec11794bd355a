/**
 * The Kafka cluster that the posts pass through: MSK with brokers of its own, MSK Serverless, or a cluster that exists already.
 *
 * Defaults:
 * - Clients prove who they are by IAM, over TLS, and by nothing else; only what carries the client security group reaches the
 *   brokers, on port 9098.
 * - Provisioned: Kafka 3.9, which AWS recommends, in KRaft mode; a broker of kafka.m7g.large in each of three zones; 100 GiB a
 *   broker, growing to 1,000 GiB by itself; TLS between brokers; storage and logs encrypted with a key of its own; broker logs
 *   kept for 30 days; metrics a broker.
 * - Topics are made by whoever owns them, never by a client's first message. Each record lies on three brokers and counts as
 *   written once two have it (with two brokers: two and one).
 * - The cluster is protected from deletion, for nothing remains of its records, unless `forceDestroy` says that they may go.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { allowClients } from "../client-access";
import { type Fault, refuseFaults } from "../faults";
import { isClusterArn, kafkaResourceArn } from "../kafka-resource-arn";
import type { Tags } from "../tags";
import { stableBootstrap } from "./bootstrap";
import {
  defaultBrokerCount,
  makeProvisioned,
  type ProvisionedSettings,
  provisionedFaults,
} from "./provisioned";
import { replication } from "./replication";
import { makeServerless, type ServerlessSettings } from "./serverless";

interface CommonArgs {
  vpcId: pulumi.Input<string>;
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

/** A cluster with brokers of its own. */
export interface ProvisionedKafkaClusterArgs extends CommonArgs, ProvisionedSettings {
  mode: "provisioned";
}

/** A cluster whose capacity AWS manages. */
export interface ServerlessKafkaClusterArgs extends CommonArgs, ServerlessSettings {
  mode: "serverless";
}

/** A cluster that exists, with IAM authentication on; only a security group for its clients is made. */
export interface ExistingKafkaClusterArgs extends CommonArgs {
  mode: "existing";
  clusterArn: pulumi.Input<string>;
  /** The brokers' security group, which gets a rule that lets the clients in. */
  securityGroupId: pulumi.Input<string>;
  /** Brokers that it has, for the topics' replication. Default 3. */
  brokerCount?: number;
}

export type KafkaClusterArgs =
  ProvisionedKafkaClusterArgs | ServerlessKafkaClusterArgs | ExistingKafkaClusterArgs;

/** Port of the brokers' IAM listener. */
const iamPort = 9098;
/** What MSK Serverless spreads a topic over. */
const serverlessBrokers = 3;

/** See the top of this file. */
export class KafkaCluster extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** Brokers' IAM listeners, `host:9098` joined by commas. */
  readonly bootstrapBrokers: pulumi.Output<string>;
  /** Security group that lets its bearer reach the brokers. */
  readonly clientSecurityGroupId: pulumi.Output<string>;
  /** Brokers that hold each record of a topic. */
  readonly replicationFactor: number;
  /** Of those, how many must have a record for it to count as written. */
  readonly minInSyncReplicas: number;

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong. */
  constructor(name: string, args: KafkaClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:kafka:KafkaCluster", name, {}, opts);
    refuseFaults(`KafkaCluster "${name}"`, faultsOf(args));
    const { mode, vpcId, tags } = args;
    const parent = { parent: this };
    const access = allowClients(
      name,
      {
        server: "Kafka brokers",
        port: iamPort,
        vpcId,
        securityGroupId: mode === "existing" ? args.securityGroupId : undefined,
        tags,
      },
      parent,
    );
    this.clientSecurityGroupId = access.clientSecurityGroupId;

    if (mode === "existing") {
      this.arn = pulumi.output(args.clusterArn);
      this.bootstrapBrokers = aws.msk
        .getBootstrapBrokersOutput({ clusterArn: args.clusterArn }, parent)
        .bootstrapBrokersSaslIam.apply(stableBootstrap);
    } else {
      const { securityGroupId } = access;
      const cluster =
        mode === "provisioned"
          ? makeProvisioned(name, { ...args, securityGroupId }, parent)
          : makeServerless(name, { ...args, securityGroupId }, parent);
      this.arn = cluster.arn;
      this.bootstrapBrokers = cluster.bootstrapBrokersSaslIam.apply(stableBootstrap);
    }
    const brokerCount =
      mode === "serverless" ? serverlessBrokers : (args.brokerCount ?? defaultBrokerCount);
    const { replicationFactor, minInSyncReplicas } = replication(brokerCount);
    this.replicationFactor = replicationFactor;
    this.minInSyncReplicas = minInSyncReplicas;
    this.registerOutputs({
      arn: this.arn,
      bootstrapBrokers: this.bootstrapBrokers,
      clientSecurityGroupId: this.clientSecurityGroupId,
      replicationFactor: this.replicationFactor,
      minInSyncReplicas: this.minInSyncReplicas,
    });
  }

  /** ARN of a topic, for IAM policies; the name may end in `*`. */
  topicArn(topic: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi
      .all([this.arn, topic])
      .apply(([arn, name]) => kafkaResourceArn(arn, "topic", name));
  }

  /** ARN of a consumer group, for IAM policies; the name may end in `*`. */
  groupArn(group: pulumi.Input<string>): pulumi.Output<string> {
    return pulumi
      .all([this.arn, group])
      .apply(([arn, name]) => kafkaResourceArn(arn, "group", name));
  }
}

function faultsOf(args: KafkaClusterArgs): Fault[] {
  switch (args.mode) {
    case "provisioned":
      return provisionedFaults(args);
    case "serverless":
      return args.subnetIds.length < 2
        ? [
            {
              propertyPath: "subnetIds",
              reason: `must name subnets in at least two zones, not ${args.subnetIds.length}`,
            },
          ]
        : [];
    case "existing":
      return existingFaults(args);
  }
}

function existingFaults({ clusterArn, brokerCount }: ExistingKafkaClusterArgs): Fault[] {
  const faults: Fault[] = [];
  if (typeof clusterArn === "string" && !isClusterArn(clusterArn))
    faults.push({
      propertyPath: "clusterArn",
      reason: `must be the ARN of an MSK cluster, not ${clusterArn}`,
    });
  if (brokerCount !== undefined && brokerCount < 1)
    faults.push({ propertyPath: "brokerCount", reason: `must be at least 1, not ${brokerCount}` });
  return faults;
}
