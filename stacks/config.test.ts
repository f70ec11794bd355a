import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../components/mocks/recorder";
import { keys, readConfig, type Config } from "./config";
import { readProject, readStackConfig } from "./stack-files";

const prefix = "pinterest-data-pipeline:";

/** Reads dev's configuration with some keys changed; undefined takes a key away. */
async function read(changes: Record<string, string | undefined>): Promise<Config> {
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
    { stack: "dev", config: changed, secretConfig: secretKeys },
  );
  assert.ok(read);
  return read;
}

/** The lines of the error that names the faults. */
async function faults(changes: Record<string, string | undefined>): Promise<string[]> {
  try {
    await read(changes);
  } catch (error) {
    assert.ok(pulumi.RunError.isInstance(error), String(error));
    return error.message
      .split("\n")
      .filter((line) => line.startsWith("  "))
      .map((line) => line.trim());
  }
  return [];
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

  it("names every fault at once", async () => {
    assert.deepEqual(
      await faults({
        userId: "No Good",
        zoneCount: "4",
        kafkaVersion: "2.8.1",
        sshCidrs: '["0.0.0.0/0"]',
        databricksHost: undefined,
        logRetentionDays: "15",
        "aws:region": undefined,
      }),
      [
        "userId: must be 3 to 20 lower-case letters and digits",
        "zoneCount: must be a whole number from 2 to 3",
        "kafkaVersion: must be 3.8.x, 3.9.x, 4.0.x or 4.1.x, which MSK takes for new clusters; the seed's 2.8.1 can be the client's version only (kafkaClientVersion)",
        "sshCidrs: opens SSH to more than a /8; name the addresses you deploy from",
        "databricksHost: must be the URL of your Databricks workspace, such as https://dbc-….cloud.databricks.com",
        "logRetentionDays: must be one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
        "aws:region: must be set",
      ],
    );
  });

  for (const [what, changes, fault] of [
    [
      "brokers that do not spread over the zones",
      { kafkaBrokerCount: "3" },
      /^kafkaBrokerCount: 3 brokers .* 2 zones/,
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
      "half an existing database",
      { existingDatabaseAddress: "db.example.com" },
      /^existingDatabaseAddress: goes with/,
    ],
    [
      "an existing cluster without its ARN",
      { kafkaMode: "existing" },
      /^kafkaMode: existing goes with/,
    ],
    ["data to be both deleted and protected", { protectData: "true" }, /^forceDestroy: says/],
    ["a list that is none", { sshCidrs: "203.0.113.0/24" }, /^sshCidrs: must be a list/],
    ["no range for SSH", { sshCidrs: "[]" }, /^sshCidrs: must name at least one/],
    [
      "an alarm that comes after the loss",
      { streamMaxAgeMinutes: "1440" },
      /^streamMaxAgeMinutes: 1440/,
    ],
    ["a key that there is not", { sinkFlushsize: "1" }, /^sinkFlushsize: there is no such key/],
    [
      "a catalog's name that is more than one",
      { databricksCatalog: "main.posts" },
      /^databricksCatalog: must be a catalog's name/,
    ],
    ["a flag that is none", { forceDestroy: "yes" }, /^forceDestroy: must be true or false/],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const [first, ...others] = await faults(changes);
      assert.match(first ?? "none", fault);
      assert.deepEqual(others, []);
    });
  }
});

describe("Pulumi.yaml", () => {
  const project = readProject();

  it("describes exactly the keys that the program reads", () => {
    assert.deepEqual(Object.keys(project.config), Object.keys(keys));
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
