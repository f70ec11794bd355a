/**
 * The whole pipeline, put together from its components:
 *
 * batch: MySQL → (emulator) → API Gateway → REST proxy → MSK → S3 sink → S3 → Databricks: clean, query
 * stream: MySQL → (emulator) → API Gateway → Kinesis → Databricks: clean → Delta tables
 * daily: MWAA (Airflow DAG) → Databricks: the batch job
 */
import * as aws from "@pulumi/aws";
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import { IngestApi } from "../components/ingest-api";
import { KafkaClient } from "../components/kafka-client";
import { KafkaCluster } from "../components/kafka-cluster";
import { Lakehouse } from "../components/lakehouse";
import { Network } from "../components/network";
import { AlarmTopic, Observability } from "../components/observability";
import { Orchestration } from "../components/orchestration";
import { S3Sink } from "../components/s3-sink";
import { SourceDatabase } from "../components/source-database";
import { Streams } from "../components/streams";
import posts from "../schemas/posts.json";
import type { Config } from "./config";

/**
 * Declares every resource of the pipeline.
 *
 * @returns the stack's outputs; what the emulator needs among them (see emulator/stack-outputs.ts).
 */
export async function pipeline(config: Config) {
  const { userId, region, forceDestroy, protectData, logRetentionDays } = config;
  const tags = { Project: pulumi.getProject(), Stack: pulumi.getStack() };
  const { accountId } = aws.getCallerIdentityOutput();
  const zoneNames = await firstZones(config.zoneCount);

  const alarms = makeAlarmTopic(config, { accountId, tags });
  const network = makeNetwork(config, { zoneNames, accountId, tags });
  const { vpcId, publicSubnetIds, privateSubnetIds } = network;
  const database = makeDatabase(config, { network, accountId, tags });
  const cluster = makeCluster(config, { network, accountId, tags });

  const topics = Object.keys(posts.kinds).map((kind) => `${userId}.${kind}`);
  const deadLetterTopic = `${userId}-dead-letters`;
  const client = new KafkaClient("kafka-client", {
    vpcId,
    publicSubnetIds,
    privateSubnetIds,
    sshCidrs: config.sshCidrs,
    clusterArn: cluster.arn,
    bootstrapBrokers: cluster.bootstrapBrokers,
    clusterSecurityGroupId: cluster.clientSecurityGroupId,
    // The way from outside to the database is a tunnel through a Kafka client.
    clientSecurityGroupIds: [database.clientSecurityGroupId],
    topics: [...topics, deadLetterTopic].map((name) => ({
      name,
      partitions: config.topicPartitions,
    })),
    replicationFactor: cluster.replicationFactor,
    instanceCount: config.kafkaClientCount,
    instanceType: config.kafkaClientInstanceType,
    kafkaVersion: config.kafkaClientVersion,
    kafkaSha512: config.kafkaClientSha512,
    confluentVersion: config.confluentVersion,
    confluentRepositoryUrl: config.confluentRepositoryUrl,
    forceDestroy,
    tags,
  });

  const sink = new S3Sink("sink", {
    clusterArn: cluster.arn,
    bootstrapBrokers: cluster.bootstrapBrokers,
    vpcId,
    subnetIds: privateSubnetIds,
    clusterSecurityGroupId: cluster.clientSecurityGroupId,
    topics: client.topicNames,
    topicsRegex: `${userId}\\.(${Object.keys(posts.kinds).join("|")})`,
    deadLetterTopic,
    flushSize: config.sinkFlushSize,
    rotateIntervalSeconds: config.sinkRotateSeconds,
    tasks: config.sinkTasks,
    pluginVersion: config.sinkPluginVersion,
    pluginSha256: config.sinkPluginSha256,
    uploadHost: client.host,
    logRetentionDays,
    protect: protectData,
    forceDestroy,
    tags,
  });

  const streams = new Streams("streams", {
    userId,
    region,
    accountId,
    mode: config.streamMode,
    shardCount: config.streamShardCount,
    retentionHours: config.streamRetentionHours,
    maxIteratorAgeMinutes: config.streamMaxAgeMinutes,
    alarmTopicArn: alarms.arn,
    protect: protectData,
    forceDestroy,
    tags,
  });

  const api = new IngestApi("ingest", {
    proxyUrl: client.proxyUrl,
    loadBalancerArn: client.loadBalancerArn,
    streams: {
      names: Object.values(streams.streamNames),
      arns: Object.values(streams.streamArns),
      keyArn: streams.keyArn,
      allowDeletion: forceDestroy,
    },
    region,
    accountId,
    authorization: config.apiAuthorization,
    throttleRate: config.apiThrottleRate,
    throttleBurst: config.apiThrottleBurst,
    manageAccountLogging: config.apiAccountLogging,
    logRetentionDays,
    tags,
  });

  const workspace = new databricks.Provider("databricks", {
    host: config.databricksHost,
    token: config.databricksToken,
    // The provider tries without end where nothing is said, so that a workspace that cannot be reached hangs even a preview.
    retryTimeoutSeconds: 30,
  });
  const lakehouse = new Lakehouse(
    "lakehouse",
    {
      userId,
      bucketName: sink.bucketName,
      bucketArn: sink.bucketArn,
      topicsDirectory: sink.topicsDirectory,
      streams: {
        names: streams.streamNames,
        arns: streams.streamArns,
        keyArn: streams.keyArn,
      },
      sparkVersion: config.databricksSparkVersion,
      nodeType: config.databricksNodeType,
      minWorkers: config.databricksMinWorkers,
      maxWorkers: config.databricksMaxWorkers,
      streamWorkers: config.databricksStreamWorkers,
      crossAccountRoleName: config.databricksCrossAccountRole,
      ...(config.databricksCatalog !== undefined && {
        unityCatalog: { catalogName: config.databricksCatalog, accountId },
      }),
      readers: config.databricksReaders,
      operators: config.databricksOperators,
      tags,
    },
    { providers: { databricks: workspace } },
  );
  const orchestration = makeOrchestration(config, {
    network,
    accountId,
    tags,
    workspace,
    batchJobId: lakehouse.jobId,
    alarms,
  });
  const observability = new Observability("watch", {
    region,
    alarmTopicArn: alarms.arn,
    api: { name: api.apiName, stage: api.stageName },
    proxy: { loadBalancerArn: client.loadBalancerArn, targetGroupArn: client.targetGroupArn },
    kafka: {
      clusterArn: cluster.arn,
      // Of brokers that AWS manages, or that are someone else's, CloudWatch tells nothing that is known here.
      brokerCount: config.kafkaMode === "provisioned" ? config.kafkaBrokerCount : 0,
    },
    sink: {
      connectorName: sink.connectorName,
      consumerGroup: sink.consumerGroup,
      topics,
      // Two files' time, and a quarter of an hour for what may be slow.
      maxLagSeconds: 2 * config.sinkRotateSeconds + 900,
    },
    streamNames: Object.values(streams.streamNames),
    airflow: orchestration?.environmentName && {
      environmentName: orchestration.environmentName,
      dagId: orchestration.dagId,
    },
    database: database.identifier && {
      identifier: database.identifier,
      // RDS grows storage of which less than a tenth is free.
      leastFreeGiB: config.databaseStorageGiB / 20,
    },
    budget:
      config.monthlyBudgetDollars === 0
        ? undefined
        : { dollars: config.monthlyBudgetDollars, byTags: tags },
    tags,
  });

  return {
    userId,
    invokeUrl: api.invokeUrl,
    ...(api.apiKey && { apiKey: api.apiKey }),
    databaseAddress: database.address,
    databasePort: database.port,
    databaseName: database.databaseName,
    ...(database.userName !== undefined && { databaseUser: database.userName }),
    databaseSecretArn: database.secretArn,
    kafkaClientAddresses: client.publicAddresses,
    kafkaClientKey: client.sshPrivateKey,
    topics: client.topicNames,
    bucketName: sink.bucketName,
    connectorName: sink.connectorName,
    alarmTopicArn: alarms.arn,
    dashboardName: observability.dashboardName,
    mountPoint: lakehouse.mountPoint,
    batchJobId: lakehouse.jobId,
    streamJobId: lakehouse.streamJobId,
    ...(orchestration && { dagId: orchestration.dagId }),
    ...(orchestration?.webserverUrl && { airflowUrl: orchestration.webserverUrl }),
  };
}

/** What the components of the AWS side share. */
interface Surroundings {
  readonly accountId: pulumi.Output<string>;
  readonly tags: Record<string, string>;
}

/** A topic that is told of alarms, and its key where that is the stack's own. */
interface Told {
  readonly arn: pulumi.Input<string>;
  readonly keyArn?: pulumi.Input<string>;
}

function makeAlarmTopic(config: Config, { accountId, tags }: Surroundings): Told {
  if (config.alarmTopicArn !== undefined) return { arn: config.alarmTopicArn };
  return new AlarmTopic("alarms", {
    region: config.region,
    accountId,
    emails: config.alarmEmails,
    tags,
  });
}

/** Zones in which MSK makes no brokers (MSK API reference, `clientSubnets`). */
const zonesWithoutBrokers = ["use1-az3"];

/**
 * The region's first zones, by name; local zones and those that the account has to ask for are left out. Not those that are in
 * trouble at the moment: other zones would be other subnets, and so another cluster.
 */
async function firstZones(count: number): Promise<string[]> {
  const { names } = await aws.getAvailabilityZones({
    excludeZoneIds: zonesWithoutBrokers,
    filters: [{ name: "opt-in-status", values: ["opt-in-not-required"] }],
  });
  return [...names].sort().slice(0, count);
}

function makeNetwork(
  config: Config,
  { zoneNames, accountId, tags }: Surroundings & { zoneNames: string[] },
): Network {
  return new Network(
    "network",
    config.existingVpcId === undefined
      ? {
          accountId,
          region: config.region,
          zoneNames,
          cidrBlock: config.vpcCidr,
          natGatewayPerZone: config.natGatewayPerZone,
          flowLogRetentionDays: config.logRetentionDays,
          tags,
        }
      : {
          vpcId: config.existingVpcId,
          publicSubnetIds: config.existingPublicSubnetIds,
          privateSubnetIds: config.existingPrivateSubnetIds,
        },
  );
}

type InNetwork = Surroundings & { readonly network: Network };

function makeDatabase(config: Config, { network, accountId, tags }: InNetwork): SourceDatabase {
  const {
    existingDatabaseAddress,
    existingDatabaseCredentialsArn,
    existingDatabaseSecurityGroupId,
  } = config;
  const common = { vpcId: network.vpcId, tags };
  if (
    existingDatabaseAddress &&
    existingDatabaseCredentialsArn &&
    existingDatabaseSecurityGroupId
  ) {
    return new SourceDatabase("database", {
      ...common,
      address: existingDatabaseAddress,
      port: config.existingDatabasePort,
      secretArn: existingDatabaseCredentialsArn,
      securityGroupId: existingDatabaseSecurityGroupId,
    });
  }
  return new SourceDatabase("database", {
    ...common,
    accountId,
    region: config.region,
    subnetIds: network.unroutedPrivateSubnetIds,
    engineVersion: config.databaseVersion,
    instanceClass: config.databaseInstanceClass,
    allocatedStorageGiB: config.databaseStorageGiB,
    maxAllocatedStorageGiB: config.databaseMaxStorageGiB,
    multiZone: config.databaseMultiZone,
    backupRetentionDays: config.databaseBackupDays,
    logRetentionDays: config.logRetentionDays,
    deletionProtection: config.protectData,
    forceDestroy: config.forceDestroy,
  });
}

function makeCluster(config: Config, { network, accountId, tags }: InNetwork): KafkaCluster {
  const { kafkaMode, existingKafkaClusterArn, existingKafkaSecurityGroupId } = config;
  const common = { vpcId: network.vpcId, tags };
  const made = {
    ...common,
    subnetIds: network.unroutedPrivateSubnetIds,
    forceDestroy: config.forceDestroy,
  };
  if (kafkaMode === "serverless") return new KafkaCluster("kafka", { ...made, mode: "serverless" });
  if (existingKafkaClusterArn && existingKafkaSecurityGroupId) {
    return new KafkaCluster("kafka", {
      ...common,
      mode: "existing",
      clusterArn: existingKafkaClusterArn,
      securityGroupId: existingKafkaSecurityGroupId,
      brokerCount: config.existingKafkaBrokerCount,
    });
  }
  return new KafkaCluster("kafka", {
    ...made,
    mode: "provisioned",
    accountId,
    region: config.region,
    kafkaVersion: config.kafkaVersion,
    brokerCount: config.kafkaBrokerCount,
    brokerInstanceType: config.kafkaBrokerInstanceType,
    volumeSizeGiB: config.kafkaVolumeGiB,
    maxVolumeSizeGiB: config.kafkaMaxVolumeGiB,
    logRetentionDays: config.logRetentionDays,
  });
}

function makeOrchestration(
  config: Config,
  {
    network,
    accountId,
    tags,
    workspace,
    batchJobId,
    alarms,
  }: InNetwork & {
    workspace: databricks.Provider;
    batchJobId: pulumi.Output<string>;
    alarms: Told;
  },
): Orchestration | undefined {
  if (config.airflowMode === "none") return undefined;
  const dailyRun = {
    userId: config.userId,
    region: config.region,
    databricksHost: config.databricksHost,
    databricksToken: config.databricksToken,
    batchJobId,
    failureTopicArn: alarms.arn,
    quarantineLimitPercent: config.quarantineLimitPercent,
    retryDelaySeconds: config.airflowRetryDelaySeconds,
    pollSeconds: config.airflowPollSeconds,
    forceDestroy: config.forceDestroy,
    tags,
  };
  const { existingAirflowBucket, existingAirflowDagsPath } = config;
  const { existingAirflowConnectionsPrefix, existingAirflowVariablesPrefix } = config;
  const existing = existingAirflowBucket !== undefined &&
    existingAirflowDagsPath !== undefined &&
    existingAirflowConnectionsPrefix !== undefined &&
    existingAirflowVariablesPrefix !== undefined && {
      bucketName: existingAirflowBucket,
      dagsPath: existingAirflowDagsPath,
      prefixes: {
        connections: existingAirflowConnectionsPrefix,
        variables: existingAirflowVariablesPrefix,
      },
    };
  return new Orchestration(
    "airflow",
    config.airflowMode === "existing" && existing
      ? { ...dailyRun, existing }
      : {
          ...dailyRun,
          accountId,
          failureTopicKeyArn: alarms.keyArn,
          vpcId: network.vpcId,
          subnetIds: network.privateSubnetIds,
          airflowVersion: config.airflowVersion,
          environmentClass: config.airflowEnvironmentClass,
          maxWorkers: config.airflowMaxWorkers,
          webserverAccess: config.airflowWebserverAccess,
          logRetentionDays: config.logRetentionDays,
        },
    { providers: { databricks: workspace } },
  );
}
