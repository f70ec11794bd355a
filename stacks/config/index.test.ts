import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../../components/mocks/recorder";
import { keys, readConfig, type Config } from ".";
import { readProject, readStackConfig } from "../stack-files";

const prefix = "pinterest-data-pipeline:";

type Changes = Readonly<Record<string, string | undefined>>;

/** Reads dev's configuration with some keys changed; undefined takes a key away. */
async function read(changes: Changes, stack = "dev"): Promise<Config> {
  const { config, secretKeys } = readStackConfig("dev");
  const changed: Record<string, string> = { ...config };
  for (const [key, value] of Object.entries(changes)) {
    const full = key.includes(":") ? key : prefix + key;
    if (value === undefined) Reflect.deleteProperty(changed, full);
    else changed[full] = value;
  }
  let read: Config | undefined;
  await record(
    () => {
      read = readConfig();
    },
    { stack, config: changed, secretConfig: secretKeys },
  );
  assert.ok(read);
  return read;
}

/** The error that names the faults, whole; empty where there are none. */
async function refusal(changes: Changes, stack?: string): Promise<string> {
  try {
    await read(changes, stack);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error.message;
  }
  return "";
}

/** The lines of that error that name a fault each. */
async function faults(changes: Changes, stack?: string): Promise<string[]> {
  return (await refusal(changes, stack))
    .split("\n")
    .filter((line) => line.startsWith("  "))
    .map((line) => line.trim());
}

describe("readConfig", () => {
  it("reads dev, with the defaults of Pulumi.yaml where dev is silent", async () => {
    const config = await read({});
    assert.equal(config.region, "us-east-1");
    assert.equal(config.zoneCount, 2);
    assert.equal(config.topicPartitions, 3);
    assert.equal(config.forceDestroy, true);
    assert.deepEqual(config.sshCidrs, ["203.0.113.0/24"]);
    assert.equal(config.existingVpcId, undefined);
    assert.equal(config.databricksToken, undefined);
  });

  it("keeps the token secret", async () => {
    const { databricksToken } = await read({ databricksToken: "token" });
    assert.ok(databricksToken && (await pulumi.isSecret(databricksToken)));
  });

  it("refuses a token in the clear", async () => {
    const { config } = readStackConfig("dev");
    const clear = { ...config, [`${prefix}databricksToken`]: "token" };
    await assert.rejects(
      record(readConfig, { stack: "dev", config: clear }),
      /databricksToken: must be encrypted/,
    );
  });

  it("names every fault at once, and how to set a key", async () => {
    const message = await refusal(
      {
        userId: "No Good",
        zoneCount: "4",
        vpcCidr: "10.0.0.0/28",
        databaseMaxStorageGiB: "10",
        kafkaVersion: "2.8.1",
        kafkaVolumeGiB: "200",
        kafkaClientVersion: "2.13-3.7.2",
        sshCidrs: '["0.0.0.0/0","::/0","203.0.113.7/24"]',
        alarmEmails: '["on-call"]',
        databricksHost: undefined,
        databricksMinWorkers: "9",
        quarantineLimitPercent: "101",
        logRetentionDays: "15",
        protectData: "true",
        sinkFlushsize: "1",
        "aws:region": undefined,
      },
      "feature/one",
    );
    assert.equal(
      message,
      `the configuration of stack feature/one has 19 faults:
  userId: must be 3 to 20 lower-case letters and digits
  zoneCount: must be a whole number from 2 to 3
  vpcCidr: must be a /24 or larger, not a /28: a public subnet gets a sixteenth of it, and AWS makes none smaller than a /28
  databaseMaxStorageGiB: must be a whole number from 20 to 65536
  kafkaVersion: must be 3.8.x, 3.9.x, 4.0.x or 4.1.x, which MSK takes for new clusters; the seed's 2.8.1 can be the client's version only (kafkaClientVersion)
  sshCidrs: 0.0.0.0/0 opens SSH to everywhere; name the addresses that you deploy from
  sshCidrs: ::/0 is an IPv6 range, and the hosts have IPv4 addresses only; name the addresses that you deploy from
  sshCidrs: must begin where a /24 begins, such as 203.0.113.0/24, not 203.0.113.7/24
  alarmEmails: on-call is no e-mail address
  databricksHost: must be the URL of your Databricks workspace, such as https://dbc-….cloud.databricks.com
  quarantineLimitPercent: must be a whole number from 0 to 100
  logRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
  the stack's name, feature/one: must be letters, digits, hyphens and underscores, for the names in AWS that hold it
  kafkaMaxVolumeGiB: 100 is less than kafkaVolumeGiB, 200
  kafkaClientSha512: the checksum of Kafka 2.13-3.7.2 is not known here; set it, or kafkaClientVersion to one of 2.12-2.8.1, 2.13-2.8.1, 2.13-3.8.1, 2.13-3.9.1, 2.13-4.0.1, 2.13-4.1.1
  databricksMaxWorkers: 4 is less than databricksMinWorkers, 9
  forceDestroy: says that destroy may delete data, and protectData that it may not; set one of them to false
  sinkFlushsize: there is no such key; did you mean sinkFlushSize?
  aws:region: must be set
Set a key with: pulumi config set <key> <value>   (a list: --path '<key>[0]')`,
    );
  });

  const sha512 = "0".repeat(128);
  const cluster = {
    kafkaMode: "existing",
    existingKafkaClusterArn: "arn:aws:kafka:eu-west-1:000000000000:cluster/posts/0a1b",
    existingKafkaSecurityGroupId: "sg-0a1b2c3d4e5f60719",
  };
  const vpc = {
    existingVpcId: "vpc-0a1b2c3d4e5f60718",
    existingPublicSubnetIds: '["subnet-0a1b2c3d4e5f60711","subnet-0a1b2c3d4e5f60712"]',
    existingPrivateSubnetIds: '["subnet-0a1b2c3d4e5f60713","subnet-0a1b2c3d4e5f60714"]',
  };
  const refused: readonly (readonly [string, Changes, RegExp])[] = [
    ["an id that is too short", { userId: "ab" }, /^userId: must be 3 to 20/],
    ["a number that is none", { sinkTasks: "many" }, /^sinkTasks: must be a whole number/],
    ["a flag that is none", { forceDestroy: "yes" }, /^forceDestroy: must be true or false/],
    ["a list that is none", { sshCidrs: "203.0.113.0/24" }, /^sshCidrs: must be a list/],
    [
      "a list that names something twice",
      { databricksReaders: '["analysts","analysts"]' },
      /^databricksReaders: names analysts more than once/,
    ],
    [
      "a word that is none of those it may be",
      { kafkaMode: "managed" },
      /^kafkaMode: must be provisioned, serverless or existing$/,
    ],
    ["a VPC too large for AWS", { vpcCidr: "10.0.0.0/8" }, /^vpcCidr: must be a \/16 or smaller/],
    [
      "a VPC too small for its subnets",
      { vpcCidr: "10.0.0.0/25" },
      /^vpcCidr: must be a \/24 or larger/,
    ],
    [
      "a VPC that begins in the middle of its range",
      { vpcCidr: "10.0.1.0/16" },
      /^vpcCidr: must begin where a \/16 begins, such as 10\.0\.0\.0\/16/,
    ],
    ["a VPC that is no range", { vpcCidr: "10.0.0.0" }, /^vpcCidr: must be an IPv4 range/],
    [
      "a VPC with addresses of others",
      { vpcCidr: "8.8.0.0/16" },
      /^vpcCidr: must lie in one of 10\.0\.0\.0\/8/,
    ],
    [
      "a VPC that overlaps a peer",
      { vpcCidr: "10.4.0.0/16", peeredCidrs: '["10.4.128.0/20"]' },
      /^vpcCidr: 10\.4\.0\.0\/16 overlaps 10\.4\.128\.0\/20 \(peeredCidrs\)/,
    ],
    [
      "a peer that MSK Connect cannot reach",
      { peeredCidrs: '["172.16.0.0/12"]' },
      /^peeredCidrs: 172\.16\.0\.0\/12 overlaps 172\.21\.0\.0\/16, which MSK Connect uses/,
    ],
    ["a peer that is no range", { peeredCidrs: '["office"]' }, /^peeredCidrs: must be an IPv4/],
    [
      "fewer brokers than zones",
      { zoneCount: "3" },
      /^kafkaBrokerCount: 2 brokers are fewer than the 3 zones/,
    ],
    [
      "brokers that do not spread over the zones",
      { kafkaBrokerCount: "3" },
      /^kafkaBrokerCount: 3 brokers do not spread evenly over 2 zones/,
    ],
    ["a volume that would shrink", { kafkaMaxVolumeGiB: "10" }, /^kafkaMaxVolumeGiB: 10 is less/],
    [
      "storage that would shrink",
      { databaseMaxStorageGiB: "20", databaseStorageGiB: "30" },
      /^databaseMaxStorageGiB: 20/,
    ],
    [
      "fewer workers at most than at least",
      { databricksMinWorkers: "9" },
      /^databricksMaxWorkers: 4 is less/,
    ],
    [
      "an existing VPC without its subnets",
      { existingVpcId: "vpc-0a1b2c3d4e5f60718" },
      /^existingVpcId: needs/,
    ],
    [
      "subnets without their VPC",
      { existingPublicSubnetIds: '["subnet-0a1b2c3d4e5f60718"]' },
      /^existingVpcId: must be set/,
    ],
    [
      "a subnet that is both public and private",
      {
        ...vpc,
        existingPrivateSubnetIds: '["subnet-0a1b2c3d4e5f60711","subnet-0a1b2c3d4e5f60714"]',
      },
      /^existingPublicSubnetIds: subnet-0a1b2c3d4e5f60711 is among existingPrivateSubnetIds too/,
    ],
    [
      "a subnet that is none",
      { ...vpc, existingPublicSubnetIds: '["subnet-0a1b2c3d4e5f60711","public-2"]' },
      /^existingPublicSubnetIds: public-2 is no id that begins with subnet-/,
    ],
    [
      "gateways for an existing VPC",
      { ...vpc, natGatewayPerZone: "true" },
      /^natGatewayPerZone: no gateways are made in an existing VPC/,
    ],
    [
      "half an existing database",
      { existingDatabaseAddress: "db.example.com" },
      /^existingDatabaseAddress: goes with/,
    ],
    [
      "a standby of an existing database",
      {
        existingDatabaseAddress: "db.example.com",
        existingDatabaseCredentialsArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:db",
        existingDatabaseSecurityGroupId: "sg-0a1b2c3d4e5f60718",
        databaseMultiZone: "true",
      },
      /^databaseMultiZone: no standby is made of an existing database/,
    ],
    ["an old MySQL", { databaseVersion: "5.7" }, /^databaseVersion: must be 8\.0 or 8\.4/],
    [
      "an existing cluster without its ARN",
      { kafkaMode: "existing" },
      /^kafkaMode: existing goes with/,
    ],
    [
      "a cluster's ARN where one is made",
      {
        existingKafkaClusterArn: "arn:aws:kafka:us-east-1:000000000000:cluster/posts/0a1b",
        existingKafkaSecurityGroupId: "sg-0a1b2c3d4e5f60719",
      },
      /^kafkaMode: existing goes with/,
    ],
    [
      "an existing cluster in another region",
      cluster,
      /^existingKafkaClusterArn: is in eu-west-1, and the stack in us-east-1/,
    ],
    [
      "a Kafka version that MSK no longer takes",
      { kafkaVersion: "3.6.x" },
      /^kafkaVersion: must be 3\.8\.x/,
    ],
    [
      "a client whose checksum is not known",
      { kafkaClientVersion: "2.13-3.9.9" },
      /^kafkaClientSha512: the checksum of Kafka 2\.13-3\.9\.9 is not known here/,
    ],
    [
      "a client that Apache never built",
      { kafkaClientVersion: "2.12-4.1.1", kafkaClientSha512: sha512 },
      /^kafkaClientVersion: there is no Kafka 4\.1\.1 for Scala 2\.12/,
    ],
    [
      "a client that is too old for the brokers",
      { kafkaVersion: "4.1.x", kafkaClientVersion: "2.12-2.0.1", kafkaClientSha512: sha512 },
      /^kafkaClientVersion: 2\.12-2\.0\.1 cannot talk to brokers of Kafka 4\.1\.x/,
    ],
    [
      "a REST proxy that is too old for the brokers",
      { kafkaVersion: "4.0.x", confluentVersion: "5.0.4" },
      /^confluentVersion: the REST proxy of 5\.0\.4 cannot talk to brokers of Kafka 4\.0\.x/,
    ],
    [
      "packages by plain HTTP",
      { confluentRepositoryUrl: "http://packages.example.com/rpm" },
      /^confluentRepositoryUrl: must be an https/,
    ],
    ["a checksum that is none", { sinkPluginSha256: "abc" }, /^sinkPluginSha256: must be 64 hexa/],
    ["no range for SSH", { sshCidrs: "[]" }, /^sshCidrs: must name at least one/],
    [
      "SSH from everywhere",
      { sshCidrs: '["0.0.0.0/0"]' },
      /^sshCidrs: 0\.0\.0\.0\/0 opens SSH to everywhere/,
    ],
    ["SSH from everywhere by IPv6", { sshCidrs: '["::/0"]' }, /^sshCidrs: ::\/0 is an IPv6 range/],
    [
      "SSH from a share of the internet",
      { sshCidrs: '["32.0.0.0/3"]' },
      /^sshCidrs: 32\.0\.0\.0\/3 opens SSH to more than a \/8/,
    ],
    [
      "an alarm that comes after the loss",
      { streamMaxAgeMinutes: "1440" },
      /^streamMaxAgeMinutes: 1440/,
    ],
    [
      "shards that Kinesis would decide on",
      { streamMode: "onDemand", streamShardCount: "4" },
      /^streamShardCount: 4 shards are for streamMode provisioned/,
    ],
    ["an address that is none", { alarmEmails: '["on-call"]' }, /^alarmEmails: on-call is no/],
    [
      "addresses for a topic of others",
      {
        alarmTopicArn: "arn:aws:sns:us-east-1:000000000000:operators",
        alarmEmails: '["on-call@example.com"]',
      },
      /^alarmEmails: are of the stack's own topic/,
    ],
    [
      "an alarm topic in another region",
      { alarmTopicArn: "arn:aws:sns:eu-west-1:000000000000:operators" },
      /^alarmTopicArn: is in eu-west-1/,
    ],
    [
      "an ARN of something else",
      { alarmTopicArn: "arn:aws:sqs:us-east-1:000000000000:operators" },
      /^alarmTopicArn: must be an ARN of sns/,
    ],
    ["no workspace", { databricksHost: undefined }, /^databricksHost: must be the URL of your/],
    [
      "a workspace without its scheme",
      { databricksHost: "example.cloud.databricks.com" },
      /^databricksHost: must be the URL of your/,
    ],
    [
      "the account console for a workspace",
      { databricksHost: "https://accounts.cloud.databricks.com" },
      /^databricksHost: is the account console's/,
    ],
    [
      "a workspace of another cloud",
      { databricksHost: "https://adb-1.2.azuredatabricks.net" },
      /^databricksHost: is a workspace of another cloud/,
    ],
    [
      "a runtime without Spark 4",
      { databricksSparkVersion: "15.4.x-scala2.12" },
      /^databricksSparkVersion: 15\.4\.x-scala2\.12 has no Spark 4/,
    ],
    [
      "a catalog's name that is more than one",
      { databricksCatalog: "main.posts" },
      /^databricksCatalog: must be a catalog's name/,
    ],
    [
      "a bucket of an Airflow that is made",
      { existingAirflowBucket: "airflow-of-others" },
      /^airflowMode: existing goes with/,
    ],
    ["an Airflow that MWAA does not make", { airflowVersion: "3.1.0" }, /^airflowVersion: must be/],
    [
      "more workers than the smallest Airflow has",
      { airflowMaxWorkers: "2" },
      /^airflowMaxWorkers: mw1\.micro/,
    ],
    [
      "a share above all",
      { quarantineLimitPercent: "101" },
      /^quarantineLimitPercent: must be a whole number from 0 to 100/,
    ],
    [
      "a time that CloudWatch does not know",
      { logRetentionDays: "15" },
      /^logRetentionDays: must be one of/,
    ],
    ["data to be both deleted and protected", { protectData: "true" }, /^forceDestroy: says/],
    [
      "a mistyped key, and names the right one",
      { kafkaBrokersCount: "2" },
      /^kafkaBrokersCount: there is no such key; did you mean kafkaBrokerCount\?/,
    ],
    [
      "a key like no other",
      { colour: "red" },
      /^colour: there is no such key; Pulumi\.yaml lists them all/,
    ],
    [
      "a key in a mistyped namespace",
      { "pinterest-pipeline:userId": "abc" },
      /^pinterest-pipeline:userId: is not read; write pinterest-data-pipeline:userId/,
    ],
    ["no region", { "aws:region": undefined }, /^aws:region: must be set/],
  ];
  for (const [what, changes, fault] of refused) {
    it(`refuses ${what}`, async () => {
      const [first, ...others] = await faults(changes);
      assert.match(first ?? "none", fault);
      assert.deepEqual(others, []);
    });
  }

  it("refuses a stack's name that makes names too long for AWS", async () => {
    const longest = "s".repeat(57);
    assert.deepEqual(await faults({}, longest), []);
    const [fault] = await faults({}, `${longest}s`);
    assert.match(fault ?? "none", /have 81 characters, and AWS takes 80: shorten .* by 1$/);
  });

  it("takes the seed's client with any brokers, and peers that stand clear", async () => {
    const seed = { kafkaClientVersion: "2.12-2.8.1", confluentVersion: "7.2.0" };
    for (const kafkaVersion of ["3.8.x", "4.1.x"])
      assert.deepEqual(
        await faults({ ...seed, kafkaVersion, peeredCidrs: '["10.1.0.0/16","10.100.0.0/16"]' }),
        [],
      );
  });
});

describe("Pulumi.yaml", () => {
  const project = readProject();

  it("describes exactly the keys that the program reads", () => {
    assert.deepEqual(Object.keys(project.config), Object.keys(keys));
  });

  it("gives each key the type that the program takes", () => {
    const typeOf = (schema: (typeof keys)[keyof typeof keys]) => {
      const message = schema.safeParse("?").error?.issues[0]?.message ?? "";
      if (message.startsWith("must be a whole number")) return "integer";
      if (message === "must be true or false") return "boolean";
      return message === "must be a list of texts" ? "array" : "string";
    };
    for (const [key, schema] of Object.entries(keys))
      assert.equal(project.config[key]?.type ?? "string", typeOf(schema), key);
  });

  it("has defaults that are right", async () => {
    const { config } = readStackConfig("dev");
    const silent = Object.keys(project.config).filter(
      (key) => project.config[key]?.default === undefined,
    );
    const onlyDefaults = Object.fromEntries(
      Object.keys(keys).map((key) => [key, undefined as string | undefined]),
    );
    for (const [key, { default: value }] of Object.entries(project.config)) {
      onlyDefaults[key] =
        value === undefined
          ? config[prefix + key]
          : typeof value === "string"
            ? value
            : JSON.stringify(value);
    }
    assert.deepEqual(silent, ["userId", "sshCidrs", "databricksHost"]);
    assert.deepEqual(await faults({ ...onlyDefaults }), []);
  });
});
