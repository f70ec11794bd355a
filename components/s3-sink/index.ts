/**
 * The S3 sink: an MSK Connect connector that writes the topics' records into a bucket, one JSON document a line.
 *
 * Defaults:
 * - a bucket that is versioned, encrypted (SSE-S3), reached by TLS 1.2 only, closed to the public, with ACLs off; old versions
 *   go after 30 days, unfinished uploads after 7; protected against deletion, and never emptied unless `forceDestroy` says so;
 * - Confluent's S3 sink 10.5.13 from Confluent Hub, checked by its checksum;
 * - objects of up to 10,000 records, or what has come in 600 s; three tasks on one worker of one MCU (provisioned, because with
 *   autoscaling MSK Connect sets the number of tasks itself); Kafka Connect 3.7;
 * - IAM and TLS to the cluster; a role that reads these topics, as this consumer group, and writes this folder, nothing else;
 * - a record that cannot be converted goes to the dead letter topic, with what was wrong in its headers;
 * - worker logs encrypted with a KMS key of their own, and kept 90 days.
 *
 * Plugin and worker configuration cannot be changed once they are made, so each is named by its content. A changed connector
 * is deleted before the new one is made: two at once would write the same records twice, and a change in place may fail unseen
 * (the provider takes UPDATE_FAILED for success). The new one has the old one's name, and so its consumer group,
 * `connect-<name>` (AWS: "MSK Connect state management"): it goes on where the old one stopped.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { contentName } from "../content-name";
import { encryptedLog } from "../encrypted-log";
import { refuseFaults, type Fault } from "../faults";
import { clusterLocation } from "../kafka-resource-arn";
import type { RemoteHost } from "../kafka-client/remote-host";
import { makePrivateBucket } from "../private-bucket";
import { withName, type Tags } from "../tags";
import { hubUrl, makePlugin, pluginFaults, type PluginSource } from "./plugin";
import { makeSinkRole } from "./role";
import { connectorSettings, defaultFlushSize, workerProperties } from "./settings";

export { connectorSettings, type ConnectorSettingsArgs } from "./settings";

export interface S3SinkArgs {
  /** The MSK cluster. */
  clusterArn: pulumi.Input<string>;
  /** Its brokers' IAM listeners, host:port, separated by commas. */
  bootstrapBrokers: pulumi.Input<string>;
  vpcId: pulumi.Input<string>;
  /** Private subnets of the connector's workers, with a way to S3. */
  subnetIds: pulumi.Input<string>[];
  /** Security group that the cluster lets in. */
  clusterSecurityGroupId: pulumi.Input<string>;
  /** Names of the topics that are read; the dead letter topic among them is left out. The connector waits for whatever this output waits for; the bucket does not. */
  topics: pulumi.Input<pulumi.Input<string>[]>;
  /** Java regular expression that the whole name of a topic must match: these topics' names and no others. */
  topicsRegex: string;
  /** Topic for records that cannot be converted; it must be there, and must not match `topicsRegex`. */
  deadLetterTopic: string;
  /** Records in one object at most. Default 10,000; 1 makes one object a record. */
  flushSize?: pulumi.Input<number>;
  /** Seconds after which what is there is written, however little. Default 600. */
  rotateIntervalSeconds?: pulumi.Input<number>;
  /** Tasks at most. Default 3. */
  tasks?: pulumi.Input<number>;
  /** Workers. Default 1. */
  workerCount?: pulumi.Input<number>;
  /** MSK Connect units of each worker, 1 (a core, 4 GiB), 2, 4 or 8. Default 1. */
  workerUnits?: pulumi.Input<number>;
  /** Kafka Connect version that MSK Connect offers: `2.7.1` or `3.7.x`. Default `3.7.x`. */
  kafkaConnectVersion?: pulumi.Input<string>;
  /** Version of Confluent's S3 sink. Default 10.5.13. */
  pluginVersion?: string;
  /** SHA-256 of its zip. Default: the checksum that Confluent Hub publishes for the version is looked up when it is installed. */
  pluginSha256?: string;
  /** Where its zip is. Default: Confluent Hub. */
  pluginUrl?: string;
  /** The zip on the deploying machine; it is uploaded as it is, and no host is needed. Default: it is downloaded. */
  pluginFile?: string;
  /** The host that downloads, checks and uploads the zip; must be set where `pluginFile` is not. */
  uploadHost?: RemoteHost;
  /** Days that replaced and deleted objects are kept. Default 30. */
  noncurrentDays?: pulumi.Input<number>;
  /** Bucket for the bucket's access log. Default: none is written. */
  accessLogBucketName?: pulumi.Input<string>;
  /** Days that the workers' logs are kept. Default 90. */
  logRetentionDays?: pulumi.Input<number>;
  /** Refuse to delete the bucket. Default true. */
  protect?: boolean;
  /** Let the bucket be deleted with objects in it. Default false. */
  forceDestroy?: boolean;
  tags?: Tags;
}

/** First part of every object's key, Confluent's own default. */
const topicsDirectory = "topics";

/** Whether a topic's whole name matches, as Java's `matches` tells. */
function matches(regex: string, topic: string): boolean | undefined {
  try {
    return new RegExp(`^(?:${regex})$`).test(topic);
  } catch {
    return undefined;
  }
}

function argumentFaults(args: S3SinkArgs, plugin: PluginSource): Fault[] {
  const { topicsRegex, deadLetterTopic } = args;
  const matched = matches(topicsRegex, deadLetterTopic);
  const faults = pluginFaults(plugin);
  if (matched === undefined)
    faults.push({ propertyPath: "topicsRegex", reason: `${topicsRegex} is no regular expression` });
  if (matched)
    faults.push({
      propertyPath: "deadLetterTopic",
      reason: `${deadLetterTopic} matches topicsRegex, so that the sink would read its own dead letters`,
    });
  if (args.subnetIds.length === 0) faults.push({ propertyPath: "subnetIds", reason: "is empty" });
  return faults;
}

export class S3Sink extends pulumi.ComponentResource {
  readonly bucketName: pulumi.Output<string>;
  readonly bucketArn: pulumi.Output<string>;
  readonly connectorArn: pulumi.Output<string>;
  readonly connectorName: pulumi.Output<string>;
  /** Kafka consumer group by which the connector reads. */
  readonly consumerGroup: pulumi.Output<string>;
  /** First part of every object's key. */
  readonly topicsDirectory: string = topicsDirectory;

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong. */
  constructor(name: string, args: S3SinkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:sink:S3Sink", name, {}, opts);
    const { tags, pluginVersion = "10.5.13" } = args;
    const source: PluginSource = {
      version: pluginVersion,
      url: args.pluginUrl ?? hubUrl(pluginVersion),
      sha256: args.pluginSha256,
      file: args.pluginFile,
      uploadHost: args.uploadHost,
    };
    refuseFaults(`S3Sink "${name}"`, argumentFaults(args, source));
    const child = { parent: this };
    const namePrefix = [pulumi.getProject(), pulumi.getStack(), name].join("-");
    const consumerGroup = `connect-${namePrefix}`;
    this.consumerGroup = pulumi.output(consumerGroup);

    const { bucket, closedName } = makePrivateBucket(
      name,
      {
        forceDestroy: args.forceDestroy ?? false,
        protect: args.protect ?? true,
        noncurrentDays: args.noncurrentDays ?? 30,
        accessLogBucketName: args.accessLogBucketName,
        tags,
      },
      child,
    );
    const plugin = makePlugin(name, { source, bucket, closedName, namePrefix, tags }, child);
    const propertiesFileContent = workerProperties();
    const worker = new aws.mskconnect.WorkerConfiguration(
      `${name}-worker`,
      {
        name: contentName(namePrefix, propertiesFileContent),
        propertiesFileContent,
        tags,
      },
      child,
    );
    const location = pulumi.output(args.clusterArn).apply(clusterLocation);
    const logGroup = encryptedLog(
      `${name}-log`,
      {
        region: location.region,
        accountId: location.accountId,
        retentionDays: args.logRetentionDays ?? 90,
        tags,
      },
      child,
    );
    const roleArn = makeSinkRole(
      name,
      {
        clusterArn: args.clusterArn,
        topics: args.topics,
        deadLetterTopic: args.deadLetterTopic,
        consumerGroup,
        bucketArn: bucket.arn,
        topicsDirectory,
        connectorName: namePrefix,
        tags,
      },
      child,
    );

    const securityGroup = new aws.ec2.SecurityGroup(
      `${name}-workers`,
      {
        description: "Workers of the S3 sink connector",
        vpcId: args.vpcId,
        tags: withName(tags, `${name}-workers`),
      },
      child,
    );
    const toHttps = new aws.vpc.SecurityGroupEgressRule(
      `${name}-workers-https`,
      {
        description: "HTTPS, to S3",
        securityGroupId: securityGroup.id,
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        tags,
      },
      child,
    );
    // Known once its rule stands: workers that cannot reach S3 fail for good.
    const workerGroupId = pulumi.all([securityGroup.id, toHttps.id]).apply(([id]) => id);

    const settings = pulumi
      .all([
        args.clusterArn,
        bucket.bucket,
        args.flushSize ?? defaultFlushSize,
        args.rotateIntervalSeconds ?? 600,
        args.tasks ?? 3,
      ])
      .apply(([clusterArn, bucketName, flushSize, rotateIntervalSeconds, tasks]) =>
        connectorSettings({
          region: clusterLocation(clusterArn).region,
          bucketName,
          topicsRegex: args.topicsRegex,
          topicsDirectory,
          deadLetterTopic: args.deadLetterTopic,
          flushSize,
          rotateIntervalSeconds,
          tasks,
        }),
      );
    // An output's dependencies count as one's own: nothing of the topics' names stands in the connector itself.
    const topicsMade = pulumi.output(args.topics).apply((): pulumi.Resource[] => []);
    const connector = new aws.mskconnect.Connector(
      `${name}-connector`,
      {
        name: namePrefix,
        connectorConfiguration: settings,
        kafkaconnectVersion: args.kafkaConnectVersion ?? "3.7.x",
        capacity: {
          provisionedCapacity: {
            mcuCount: args.workerUnits ?? 1,
            workerCount: args.workerCount ?? 1,
          },
        },
        kafkaCluster: {
          apacheKafkaCluster: {
            bootstrapServers: args.bootstrapBrokers,
            vpc: {
              securityGroups: [workerGroupId, args.clusterSecurityGroupId],
              subnets: args.subnetIds,
            },
          },
        },
        kafkaClusterClientAuthentication: { authenticationType: "IAM" },
        kafkaClusterEncryptionInTransit: { encryptionType: "TLS" },
        plugins: [{ customPlugin: { arn: plugin.arn, revision: plugin.latestRevision } }],
        workerConfiguration: { arn: worker.arn, revision: worker.latestRevision },
        serviceExecutionRoleArn: roleArn,
        logDelivery: {
          workerLogDelivery: { cloudwatchLogs: { enabled: true, logGroup: logGroup.name } },
        },
        tags,
      },
      {
        ...child,
        dependsOn: topicsMade,
        deleteBeforeReplace: true,
        replaceOnChanges: ["connectorConfiguration"],
        customTimeouts: { create: "45m", update: "45m", delete: "30m" },
      },
    );

    this.bucketName = bucket.bucket;
    this.bucketArn = bucket.arn;
    this.connectorArn = connector.arn;
    this.connectorName = connector.name;
    this.registerOutputs({
      bucketName: this.bucketName,
      bucketArn: this.bucketArn,
      connectorArn: this.connectorArn,
      connectorName: this.connectorName,
      consumerGroup: this.consumerGroup,
      topicsDirectory: this.topicsDirectory,
    });
  }
}
