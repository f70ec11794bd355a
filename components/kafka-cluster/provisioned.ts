/** MSK with brokers of its own. */
import { createHash } from "node:crypto";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../faults";
import { keyPolicy } from "../key-policy";
import type { Tags } from "../tags";
import { replication } from "./replication";
import { clusterTimeouts } from "./timeouts";

export interface ProvisionedSettings {
  /** Account that deploys, for policies. */
  accountId: pulumi.Input<string>;
  /** Region that is deployed to, for policies. */
  region: pulumi.Input<string>;
  /** Private subnets, one in each of two or three zones. */
  subnetIds: readonly pulumi.Input<string>[];
  /**
   * Kafka version: 3.8.x, 3.9.x, 4.0.x or 4.1.x. MSK has ended older ones, the seed's 2.8.1 among them, which may still be the
   * client's. Default `3.9.x`, which AWS recommends.
   */
  kafkaVersion?: string;
  /** Brokers, a multiple of the number of subnets. Default 3. */
  brokerCount?: number;
  /** Type of a standard broker. Default `kafka.m7g.large`. */
  brokerInstanceType?: pulumi.Input<string>;
  /** Storage of each broker to begin with, 1 to 16,384 GiB. Default 100. */
  volumeSizeGiB?: number;
  /** Storage that each broker may grow to by itself, in GiB. Default 1000. */
  maxVolumeSizeGiB?: number;
  /** Metrics, from DEFAULT, which is free, to PER_TOPIC_PER_PARTITION. Default `PER_BROKER`. */
  enhancedMonitoring?: pulumi.Input<string>;
  /** Days that broker logs are kept, one of the periods that CloudWatch Logs knows. Default 30. */
  logRetentionDays?: pulumi.Input<number>;
  /** Whether the cluster may be deleted with the records in it. Default false. */
  forceDestroy?: boolean;
}

/** Versions that MSK makes new clusters of standard brokers with. */
const versions = ["3.8.x", "3.9.x", "4.0.x", "4.1.x"];
export const defaultBrokerCount = 3;
const defaults = { kafkaVersion: "3.9.x", volumeSizeGiB: 100, maxVolumeSizeGiB: 1000 };
const largestVolumeGiB = 16_384;
/** Share of a broker's storage in use, in per cent, past which it grows. */
const storageTarget = 60;

/** Makes the cluster, its configuration, key, log and storage scaling. */
export function makeProvisioned(
  name: string,
  args: ProvisionedSettings & { securityGroupId: pulumi.Input<string>; tags?: Tags },
  parent: pulumi.CustomResourceOptions,
): aws.msk.Cluster {
  const {
    accountId,
    region,
    tags,
    brokerCount = defaultBrokerCount,
    volumeSizeGiB = defaults.volumeSizeGiB,
    maxVolumeSizeGiB = defaults.maxVolumeSizeGiB,
  } = args;
  // Kafka 4 knows nothing but KRaft, and the older two support it; by the suffix MSK chooses it over ZooKeeper.
  const kafkaVersion = `${args.kafkaVersion ?? defaults.kafkaVersion}.kraft`;
  const key = new aws.kms.Key(
    `${name}-key`,
    {
      description: `Encrypts the Kafka cluster ${name} and its broker log`,
      enableKeyRotation: true,
      policy: keyPolicy({ accountId, region, logGroupName: `${name}-broker-log*` }),
      tags,
    },
    parent,
  );
  const logGroup = new aws.cloudwatch.LogGroup(
    `${name}-broker-log`,
    { kmsKeyId: key.arn, retentionInDays: args.logRetentionDays ?? 30, tags },
    parent,
  );
  const configuration = makeConfiguration(name, kafkaVersion, brokerCount, parent);
  const cluster = new aws.msk.Cluster(
    `${name}-cluster`,
    {
      kafkaVersion,
      numberOfBrokerNodes: brokerCount,
      brokerNodeGroupInfo: {
        instanceType: args.brokerInstanceType ?? "kafka.m7g.large",
        clientSubnets: [...args.subnetIds],
        securityGroups: [args.securityGroupId],
        connectivityInfo: { publicAccess: { type: "DISABLED" } },
        storageInfo: { ebsStorageInfo: { volumeSize: volumeSizeGiB } },
      },
      configurationInfo: { arn: configuration.arn, revision: configuration.latestRevision },
      clientAuthentication: { sasl: { iam: true, scram: false }, unauthenticated: false },
      encryptionInfo: {
        encryptionAtRestKmsKeyArn: key.arn,
        encryptionInTransit: { clientBroker: "TLS", inCluster: true },
      },
      enhancedMonitoring: args.enhancedMonitoring ?? "PER_BROKER",
      loggingInfo: {
        brokerLogs: { cloudwatchLogs: { enabled: true, logGroup: logGroup.name } },
      },
      tags,
    },
    {
      ...parent,
      protect: args.forceDestroy ? undefined : true,
      // Storage scaling has grown it since, and MSK never shrinks a volume.
      ignoreChanges: ["brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"],
      customTimeouts: clusterTimeouts,
    },
  );
  scaleStorage(name, cluster.arn, maxVolumeSizeGiB, tags, parent);
  return cluster;
}

/**
 * The brokers' settings. The name holds a hash of the content: MSK lets nobody delete what a cluster uses, so a change makes a
 * new configuration, the cluster takes it up, and the old one goes.
 */
function makeConfiguration(
  name: string,
  kafkaVersion: string,
  brokerCount: number,
  parent: pulumi.CustomResourceOptions,
): aws.msk.Configuration {
  const { replicationFactor, minInSyncReplicas } = replication(brokerCount);
  const properties = {
    "auto.create.topics.enable": false,
    "default.replication.factor": replicationFactor,
    "min.insync.replicas": minInSyncReplicas,
    "unclean.leader.election.enable": false,
  };
  const serverProperties = Object.entries(properties)
    .map(([property, value]) => `${property}=${value}\n`)
    .join("");
  const hash = createHash("sha256").update(`${kafkaVersion}\n${serverProperties}`).digest("hex");
  return new aws.msk.Configuration(
    `${name}-configuration-${hash.slice(0, 8)}`,
    {
      description: `Brokers of ${name}`,
      kafkaVersions: [kafkaVersion],
      serverProperties,
    },
    parent,
  );
}

/** Lets the brokers' storage grow by itself as it fills. */
function scaleStorage(
  name: string,
  clusterArn: pulumi.Output<string>,
  maxVolumeSizeGiB: number,
  tags: Tags | undefined,
  parent: pulumi.CustomResourceOptions,
): void {
  const target = new aws.appautoscaling.Target(
    `${name}-storage`,
    {
      serviceNamespace: "kafka",
      scalableDimension: "kafka:broker-storage:VolumeSize",
      resourceId: clusterArn,
      // The only minimum that MSK takes; it never shrinks a volume.
      minCapacity: 1,
      maxCapacity: maxVolumeSizeGiB,
      tags,
    },
    parent,
  );
  new aws.appautoscaling.Policy(
    `${name}-storage-growth`,
    {
      policyType: "TargetTrackingScaling",
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
      targetTrackingScalingPolicyConfiguration: {
        predefinedMetricSpecification: {
          predefinedMetricType: "KafkaBrokerStorageUtilization",
        },
        targetValue: storageTarget,
        disableScaleIn: true,
      },
    },
    parent,
  );
}

/** What is wrong with the settings, as far as they are known when the program runs. */
export function provisionedFaults(settings: ProvisionedSettings): Fault[] {
  const {
    subnetIds,
    brokerInstanceType,
    kafkaVersion = defaults.kafkaVersion,
    brokerCount = defaultBrokerCount,
    volumeSizeGiB = defaults.volumeSizeGiB,
    maxVolumeSizeGiB = defaults.maxVolumeSizeGiB,
  } = settings;
  const zones = subnetIds.length;
  const faults: Fault[] = [];
  const refuse = (propertyPath: keyof ProvisionedSettings, reason: string) =>
    faults.push({ propertyPath, reason });
  if (!versions.includes(kafkaVersion))
    refuse(
      "kafkaVersion",
      `must be one of ${versions.join(", ")}, which MSK makes new clusters of, not ${kafkaVersion}; 2.8.1 has ended there and can only be the client's version`,
    );
  if (zones < 2 || zones > 3)
    refuse("subnetIds", `must name one subnet in each of two or three zones, not ${zones}`);
  else if (brokerCount < zones || brokerCount % zones !== 0)
    refuse(
      "brokerCount",
      `must be a multiple of the number of zones, ${zones}, so that each has as many, not ${brokerCount}`,
    );
  if (typeof brokerInstanceType === "string" && !brokerInstanceType.startsWith("kafka."))
    refuse(
      "brokerInstanceType",
      `must be a standard broker's, such as kafka.m7g.large, not ${brokerInstanceType}: others have no volumes to size`,
    );
  if (volumeSizeGiB < 1 || volumeSizeGiB > largestVolumeGiB)
    refuse("volumeSizeGiB", `must be 1 to ${largestVolumeGiB}, not ${volumeSizeGiB}`);
  if (maxVolumeSizeGiB < volumeSizeGiB || maxVolumeSizeGiB > largestVolumeGiB)
    refuse(
      "maxVolumeSizeGiB",
      `must be volumeSizeGiB, ${volumeSizeGiB}, to ${largestVolumeGiB}, not ${maxVolumeSizeGiB}`,
    );
  return faults;
}
