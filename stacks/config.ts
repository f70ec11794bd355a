/**
 * All configuration of the program, read and checked once. `Pulumi.yaml` holds each key's type, description and default;
 * this file holds what a value must be beyond its type. All faults are gathered and thrown as one error.
 */
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { airflowVersions } from "../components/orchestration/dag-files";

/** The periods for which CloudWatch Logs keeps logs, in days (AWS: PutRetentionPolicy). */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288,
  3653,
];

const text = z.string().trim();
const filled = text.min(1, "must be set");
const optional = text.transform((value) => (value === "" ? undefined : value));
const flag = z
  .enum(["true", "false"], "must be true or false")
  .transform((value) => value === "true");
const list = z.string().transform((value, context): string[] => {
  try {
    return z.array(z.string()).parse(JSON.parse(value));
  } catch {
    context.addIssue("must be a list of texts");
    return z.NEVER;
  }
});

function integer(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .string()
    .regex(/^-?\d+$/, message)
    .transform(Number)
    .refine((value) => value >= least && value <= most, message);
}

function matching(pattern: RegExp, form: string) {
  return text.regex(pattern, `must be ${form}`);
}

function arn(service: string) {
  const pattern = new RegExp(`^arn:aws[a-z-]*:${service}:[a-z0-9-]+:\\d{12}:.+$`);
  return optional.refine(
    (value) => value === undefined || pattern.test(value),
    `must be an ARN of ${service}`,
  );
}

function identifier(prefix: string) {
  const pattern = new RegExp(`^${prefix}-[0-9a-f]{8,17}$`);
  return optional.refine(
    (value) => value === undefined || pattern.test(value),
    `must be an id that begins with ${prefix}-`,
  );
}

const checksum = (digits: number) =>
  optional.refine(
    (value) => value === undefined || new RegExp(`^[0-9a-f]{${digits}}$`).test(value),
    `must be ${digits} hexadecimal digits`,
  );

/** A range that SSH may be opened to: a block of addresses that someone owns, not a share of the internet. */
const sshCidr = z
  .cidrv4("must be an IPv4 range such as 203.0.113.7/32")
  .refine(
    (value) => Number(value.split("/")[1]) >= 8,
    "opens SSH to more than a /8; name the addresses you deploy from",
  );

/** What each key must be. A key here and none in Pulumi.yaml, or the other way about, fails a test. */
export const keys = {
  userId: matching(/^[a-z0-9]{3,20}$/, "3 to 20 lower-case letters and digits"),
  zoneCount: integer(2, 3),
  vpcCidr: z
    .cidrv4("must be an IPv4 range such as 10.0.0.0/16")
    .refine((value) => /\/(1[6-9]|2[0-4])$/.test(value), "must be a /16 to a /24"),
  natGatewayPerZone: flag,
  existingVpcId: identifier("vpc"),
  existingPublicSubnetIds: list,
  existingPrivateSubnetIds: list,
  databaseVersion: matching(
    /^(8\.0|8\.4)(\.\d+)?$/,
    "8.0 or 8.4, the MySQL versions that RDS supports",
  ),
  databaseInstanceClass: matching(
    /^db\.[a-z0-9]+\.[a-z0-9]+$/,
    "an RDS instance class such as db.t4g.small",
  ),
  databaseStorageGiB: integer(20, 65_536),
  databaseMaxStorageGiB: integer(20, 65_536),
  databaseMultiZone: flag,
  databaseBackupDays: integer(1, 35),
  existingDatabaseAddress: optional,
  existingDatabasePort: integer(1, 65_535),
  existingDatabaseCredentialsArn: arn("secretsmanager"),
  existingDatabaseSecurityGroupId: identifier("sg"),
  kafkaMode: z.enum(
    ["provisioned", "serverless", "existing"],
    "must be provisioned, serverless or existing",
  ),
  kafkaVersion: matching(
    /^(3\.8|3\.9|4\.0|4\.1)\.x$/,
    "3.8.x, 3.9.x, 4.0.x or 4.1.x, which MSK takes for new clusters; the seed's 2.8.1 can be the client's version only (kafkaClientVersion)",
  ),
  kafkaBrokerCount: integer(2, 60),
  kafkaBrokerInstanceType: matching(
    /^kafka\.[a-z0-9]+\.[a-z0-9]+$/,
    "an MSK instance type such as kafka.m7g.large",
  ),
  kafkaVolumeGiB: integer(1, 16_384),
  kafkaMaxVolumeGiB: integer(1, 16_384),
  existingKafkaClusterArn: arn("kafka"),
  existingKafkaSecurityGroupId: identifier("sg"),
  existingKafkaBrokerCount: integer(1, 60),
  topicPartitions: integer(1, 1000),
  kafkaClientVersion: matching(
    /^2\.1[23]-\d+\.\d+\.\d+$/,
    "a Scala and a Kafka version such as 2.13-3.9.1",
  ),
  kafkaClientSha512: checksum(128),
  confluentVersion: matching(/^\d+\.\d+\.\d+$/, "a Confluent Platform version such as 7.9.2"),
  confluentRepositoryUrl: optional.refine(
    (value) => value === undefined || /^https:\/\/[^\s]+[^/\s]$/.test(value),
    "must be an https:// URL without a slash at the end",
  ),
  kafkaClientInstanceType: matching(
    /^[a-z0-9-]+\.[a-z0-9]+$/,
    "an EC2 instance type such as t3.small",
  ),
  kafkaClientCount: integer(1, 10),
  sshCidrs: list
    .pipe(z.array(sshCidr))
    .refine(
      (value) => value.length > 0,
      "must name at least one range, that of the deploying machine",
    ),
  sinkFlushSize: integer(1, 10_000_000),
  sinkRotateSeconds: integer(1, 86_400),
  sinkTasks: integer(1, 100),
  sinkPluginVersion: matching(/^\d+\.\d+\.\d+$/, "a version such as 10.5.13"),
  sinkPluginSha256: checksum(64),
  streamMode: z.enum(["onDemand", "provisioned"], "must be onDemand or provisioned"),
  streamShardCount: integer(1, 10_000),
  streamRetentionHours: integer(24, 8_760),
  streamMaxAgeMinutes: integer(1, 525_599),
  alarmTopicArn: arn("sns"),
  alarmEmails: list.pipe(z.array(z.email("must be e-mail addresses"))),
  monthlyBudgetDollars: integer(0, 1_000_000),
  apiAuthorization: z.enum(["apiKey", "iam"], "must be apiKey or iam"),
  apiThrottleRate: integer(1, 10_000),
  apiThrottleBurst: integer(1, 5_000),
  apiAccountLogging: flag,
  databricksHost: matching(
    /^(https:\/\/[^\s/]+|http:\/\/127\.0\.0\.1(:\d+)?)\/?$/,
    "the URL of your Databricks workspace, such as https://dbc-….cloud.databricks.com",
  ),
  databricksToken: optional,
  databricksSparkVersion: matching(
    /^\d+\.\d+\.x-scala2\.1[23]$/,
    "a Databricks runtime such as 17.3.x-scala2.13",
  ),
  databricksNodeType: filled,
  databricksMinWorkers: integer(1, 1000),
  databricksMaxWorkers: integer(1, 1000),
  databricksCrossAccountRole: optional,
  databricksCatalog: optional.refine(
    (value) => value === undefined || /^[^\s./]+$/.test(value),
    "must be a catalog's name, without spaces, dots and slashes",
  ),
  databricksReaders: list,
  databricksOperators: list,
  airflowMode: z.enum(["managed", "existing", "none"], "must be managed, existing or none"),
  airflowVersion: z.enum(airflowVersions, `must be one of ${airflowVersions.join(", ")}`),
  airflowEnvironmentClass: matching(
    /^mw1\.(micro|small|medium|large|xlarge|2xlarge)$/,
    "a class of MWAA, mw1.micro to mw1.2xlarge",
  ),
  airflowMaxWorkers: integer(1, 25),
  airflowWebserverAccess: z.enum(["private", "public"], "must be private or public"),
  airflowRetryDelaySeconds: integer(1, 3_600),
  airflowPollSeconds: integer(1, 600),
  existingAirflowBucket: optional,
  existingAirflowDagsPath: optional,
  existingAirflowConnectionsPrefix: optional,
  existingAirflowVariablesPrefix: optional,
  quarantineLimitPercent: integer(0, 100),
  logRetentionDays: integer(1, 3653).refine(
    (value) => retentionDays.includes(value),
    `must be one of ${retentionDays.join(", ")}`,
  ),
  forceDestroy: flag,
  protectData: flag,
};

type Key = keyof typeof keys;
type Values = { [K in Key]: z.output<(typeof keys)[K]> };

/** The checked configuration; an optional key that is not set is undefined. */
export interface Config extends Omit<Values, "databricksToken"> {
  /** AWS region, from `aws:region`. */
  readonly region: string;
  readonly databricksToken: pulumi.Output<string> | undefined;
}

/** What must hold between keys: a message where it does not. */
const rules: readonly ((config: Partial<Values>) => string | false | undefined)[] = [
  ({ kafkaMode, kafkaBrokerCount = 0, zoneCount = 1 }) =>
    kafkaMode === "provisioned" &&
    kafkaBrokerCount % zoneCount !== 0 &&
    `kafkaBrokerCount: ${kafkaBrokerCount} brokers do not spread evenly over ${zoneCount} zones (zoneCount); MSK wants a multiple`,
  ({ kafkaVolumeGiB = 0, kafkaMaxVolumeGiB = 0 }) =>
    kafkaMaxVolumeGiB < kafkaVolumeGiB &&
    `kafkaMaxVolumeGiB: ${kafkaMaxVolumeGiB} is less than kafkaVolumeGiB, ${kafkaVolumeGiB}`,
  ({ databaseStorageGiB = 0, databaseMaxStorageGiB = 0 }) =>
    databaseMaxStorageGiB < databaseStorageGiB &&
    `databaseMaxStorageGiB: ${databaseMaxStorageGiB} is less than databaseStorageGiB, ${databaseStorageGiB}`,
  ({ databricksMinWorkers = 0, databricksMaxWorkers = 0 }) =>
    databricksMaxWorkers < databricksMinWorkers &&
    `databricksMaxWorkers: ${databricksMaxWorkers} is less than databricksMinWorkers, ${databricksMinWorkers}`,
  ({ existingVpcId, existingPublicSubnetIds = [], existingPrivateSubnetIds = [], zoneCount }) =>
    existingVpcId !== undefined &&
    (existingPublicSubnetIds.length !== zoneCount ||
      existingPrivateSubnetIds.length !== zoneCount) &&
    `existingVpcId: needs existingPublicSubnetIds and existingPrivateSubnetIds, one subnet for each of the ${zoneCount ?? 0} zones (zoneCount)`,
  ({ existingVpcId, existingPublicSubnetIds = [], existingPrivateSubnetIds = [] }) =>
    existingVpcId === undefined &&
    existingPublicSubnetIds.length + existingPrivateSubnetIds.length > 0 &&
    "existingVpcId: must be set where subnets of it are",
  ({
    existingDatabaseAddress,
    existingDatabaseCredentialsArn,
    existingDatabaseSecurityGroupId,
  }) => {
    const set = [
      existingDatabaseAddress,
      existingDatabaseCredentialsArn,
      existingDatabaseSecurityGroupId,
    ].filter(Boolean);
    return (
      set.length % 3 !== 0 &&
      "existingDatabaseAddress: goes with existingDatabaseCredentialsArn and existingDatabaseSecurityGroupId; set all three or none"
    );
  },
  ({ kafkaMode, existingKafkaClusterArn, existingKafkaSecurityGroupId }) =>
    (kafkaMode === "existing") !==
      (existingKafkaClusterArn !== undefined && existingKafkaSecurityGroupId !== undefined) &&
    "kafkaMode: existing goes with existingKafkaClusterArn and existingKafkaSecurityGroupId; set all three or none",
  ({
    airflowMode,
    existingAirflowBucket,
    existingAirflowDagsPath,
    existingAirflowConnectionsPrefix,
    existingAirflowVariablesPrefix,
  }) => {
    const set = [
      existingAirflowBucket,
      existingAirflowDagsPath,
      existingAirflowConnectionsPrefix,
      existingAirflowVariablesPrefix,
    ].filter(Boolean);
    return (
      set.length !== (airflowMode === "existing" ? 4 : 0) &&
      "airflowMode: existing goes with existingAirflowBucket, existingAirflowDagsPath, existingAirflowConnectionsPrefix and existingAirflowVariablesPrefix; set all or none"
    );
  },
  ({ airflowEnvironmentClass, airflowMaxWorkers = 1 }) =>
    airflowEnvironmentClass === "mw1.micro" &&
    airflowMaxWorkers > 1 &&
    `airflowMaxWorkers: mw1.micro (airflowEnvironmentClass) has one worker, not ${airflowMaxWorkers}`,
  ({ streamMaxAgeMinutes = 0, streamRetentionHours = 0 }) =>
    streamMaxAgeMinutes >= streamRetentionHours * 60 &&
    `streamMaxAgeMinutes: ${streamMaxAgeMinutes} minutes are no less than the ${streamRetentionHours} hours after which the records are gone (streamRetentionHours)`,
  ({ forceDestroy, protectData }) =>
    forceDestroy &&
    protectData &&
    "forceDestroy: says that destroy may delete data, and protectData that it may not; set one of them to false",
];

/** Whether a key's value was encrypted. The runtime has this; only its types leave it out. */
const { isConfigSecret } = pulumi.runtime as unknown as {
  isConfigSecret: (key: string) => boolean;
};

/**
 * Reads the stack's configuration.
 *
 * @throws pulumi.RunError naming every key that is wrong, what is wrong with it, and how to set it.
 */
export function readConfig(): Config {
  const config = new pulumi.Config();
  const faults: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(keys)) {
    const parsed = schema.safeParse(config.get(key) ?? "");
    if (parsed.success) values[key] = parsed.data;
    else faults.push(...new Set(parsed.error.issues.map((issue) => `${key}: ${issue.message}`)));
  }
  for (const rule of rules) {
    const fault = rule(values);
    if (fault) faults.push(fault);
  }
  faults.push(...unknownKeys());
  const token = `${pulumi.getProject()}:databricksToken`;
  if (values.databricksToken !== undefined && !isConfigSecret(token))
    faults.push("databricksToken: must be encrypted: pulumi config set --secret databricksToken");
  const region = new pulumi.Config("aws").get("region");
  if (!region) faults.push("aws:region: must be set");
  if (faults.length > 0 || !region) {
    throw new pulumi.RunError(
      `the configuration of stack ${pulumi.getStack()} has ${faults.length} fault${faults.length > 1 ? "s" : ""}:\n` +
        faults.map((fault) => `  ${fault}`).join("\n") +
        `\nSet a key with: pulumi config set <key> <value>   (a list: --path '<key>[0]')`,
    );
  }
  const { databricksToken, ...rest } = values as Values;
  return {
    ...rest,
    region,
    databricksToken: databricksToken === undefined ? undefined : pulumi.secret(databricksToken),
  };
}

/** Keys that are set and mean nothing: a mistyped key would else be silently ignored. */
function unknownKeys(): string[] {
  const namespace = `${pulumi.getProject()}:`;
  return Object.keys(pulumi.runtime.allConfig())
    .filter((key) => key.startsWith(namespace))
    .map((key) => key.slice(namespace.length))
    .filter((key) => !Object.hasOwn(keys, key))
    .map((key) => `${key}: there is no such key; Pulumi.yaml lists them all`);
}
