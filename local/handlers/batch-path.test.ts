/** The program's way from the REST proxy to S3, on this machine: the declared scripts and settings with the real services. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { createConnection } from "mysql2/promise";
import { KafkaClient } from "../../components/kafka-client";
import { KafkaCluster } from "../../components/kafka-cluster";
import { cloudOutputs } from "../../components/mocks/outputs";
import { record, type Recorded } from "../../components/mocks/recorder";
import { S3Sink } from "../../components/s3-sink";
import { SourceDatabase } from "../../components/source-database";
import { untilSunk } from "../counts";
import type { Machine } from "../machine";
import { Processes } from "../processes";
import { awsOf } from "../services/aws";
import { installToolchain } from "../toolchain";
import { database } from "./database";
import { kafka } from "./kafka";
import { kafkaClient } from "./kafka-client";
import { secrets } from "./secrets";
import { sink } from "./sink";
import { storage } from "./storage";

const handlers = { ...database, ...kafka, ...kafkaClient, ...secrets, ...sink, ...storage };

const flushSize = 1_000;

function program() {
  const vpc = { vpcId: "vpc-1", clusterSecurityGroupId: "sg-clients" };
  const source = new SourceDatabase("database", {
    vpcId: vpc.vpcId,
    subnetIds: ["subnet-a", "subnet-b"],
    accountId: "000000000000",
    region: "us-east-1",
  });
  const cluster = new KafkaCluster("kafka", {
    mode: "provisioned",
    vpcId: vpc.vpcId,
    subnetIds: ["subnet-a", "subnet-b", "subnet-c"],
    accountId: "000000000000",
    region: "us-east-1",
  });
  const client = new KafkaClient("client", {
    ...vpc,
    publicSubnetIds: ["subnet-public"],
    privateSubnetIds: ["subnet-a"],
    sshCidrs: ["203.0.113.7/32"],
    clusterArn: cluster.arn,
    bootstrapBrokers: cluster.bootstrapBrokers,
    topics: [
      { name: "u1.pin", partitions: 3, config: { "min.insync.replicas": "2" } },
      { name: "u1.geo", partitions: 1 },
      { name: "u1-dead-letters", partitions: 1 },
    ],
    replicationFactor: cluster.replicationFactor,
    instanceCount: 2,
  });
  const objects = new S3Sink("sink", {
    ...vpc,
    clusterArn: cluster.arn,
    bootstrapBrokers: cluster.bootstrapBrokers,
    subnetIds: ["subnet-a"],
    topics: client.topicNames,
    topicsRegex: String.raw`u1\.(pin|geo)`,
    deadLetterTopic: "u1-dead-letters",
    flushSize,
    rotateIntervalSeconds: 3,
    uploadHost: client.host,
    protect: false,
  });
  return {
    proxyUrl: client.proxyUrl,
    topics: client.topicNames,
    bucketName: objects.bucketName,
    connectorName: objects.connectorName,
    databaseAddress: source.address,
    databasePort: source.port,
    secretArn: source.secretArn,
  };
}

describe("the batch path on this machine", function () {
  this.timeout(300_000);
  let directory: string;
  let machine: Machine;
  let outputs: Awaited<ReturnType<typeof deploy>>;
  let s3: S3Client;

  async function deploy() {
    const make = (resource: Recorded) => {
      const handler = handlers[resource.type];
      return handler ? handler(resource, machine) : cloudOutputs(resource);
    };
    return (await machine.processes.guard(record(program, { make }))).outputs;
  }

  before(async () => {
    const toolchain = await installToolchain();
    directory = await mkdtemp(path.join(tmpdir(), "batch-path-"));
    const processes = await Processes.open(directory);
    machine = { directory, toolchain, processes, services: {}, routes: new Map() };
    outputs = await deploy();
    const { endpoint, region, ...credentials } = await awsOf(machine);
    s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  });

  after(async () => {
    s3.destroy();
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** The proxy, by the address that the program declares. */
  function proxy(requestPath: string): string {
    const served = machine.routes.get(new URL(outputs.proxyUrl).host);
    assert.ok(served, `nothing serves ${outputs.proxyUrl}`);
    return `http://${served}${requestPath}`;
  }

  async function produce(topic: string, values: readonly { index: number }[]) {
    const reply = await fetch(proxy(`/topics/${topic}`), {
      method: "POST",
      headers: { "content-type": "application/vnd.kafka.json.v2+json" },
      body: JSON.stringify({ records: values.map((value) => ({ key: value.index, value })) }),
    });
    assert.equal(reply.status, 200);
    return (await reply.json()) as { offsets: { partition: number; offset: number }[] };
  }

  async function objectsOf(topic: string): Promise<Map<string, unknown[]>> {
    const prefix = `topics/${topic}/`;
    const { Contents: listed = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: outputs.bucketName, Prefix: prefix }),
    );
    const objects = new Map<string, unknown[]>();
    for (const { Key: key = "" } of listed) {
      const { Body: body } = await s3.send(
        new GetObjectCommand({ Bucket: outputs.bucketName, Key: key }),
      );
      const text = (await body?.transformToString()) ?? "";
      assert.ok(text.endsWith("\n"));
      objects.set(
        key.slice(prefix.length),
        text
          .trimEnd()
          .split("\n")
          .map((line): unknown => JSON.parse(line)),
      );
    }
    return objects;
  }

  /** Waits until the topic's objects hold that many records. */
  async function objectsWith(topic: string, count: number): Promise<Map<string, unknown[]>> {
    const bound = Date.now() + 60_000;
    for (;;) {
      const objects = await objectsOf(topic);
      const records = [...objects.values()].flat().length;
      if (records >= count) return objects;
      assert.ok(Date.now() < bound, `${records} of ${count} records are in ${topic}'s objects`);
      await sleep(200);
    }
  }

  it("makes the topics by the declared script, with what one node can give", async () => {
    assert.deepEqual(outputs.topics, ["u1.pin", "u1.geo", "u1-dead-letters"]);
    const reply = await fetch(proxy("/topics/u1.pin"));
    const { partitions } = (await reply.json()) as { partitions: { replicas: unknown[] }[] };
    assert.equal(partitions.length, 3);
    assert.ok(partitions.every(({ replicas }) => replicas.length === 1));
  });

  it("serves the declared address of the proxies' load balancer", async () => {
    assert.match(
      outputs.proxyUrl,
      /^http:\/\/client-nlb-[\w-]+\.elb\.us-east-1\.amazonaws\.com:8082$/,
    );
    assert.deepEqual(await (await fetch(proxy("/topics"))).json(), [
      "__connect_configs",
      "__connect_offsets",
      "__connect_status",
      "u1-dead-letters",
      "u1.geo",
      "u1.pin",
    ]);
  });

  it("brings 10,000 records from the proxy into objects with the keys of Confluent's sink", async () => {
    const total = 10_000;
    const written = new Map<number, unknown[]>([0, 1, 2].map((partition) => [partition, []]));
    for (let first = 0; first < total; first += 500) {
      const values = Array.from({ length: 500 }, (_, index) => ({
        index: first + index,
        title: `Zoë's "post" ${first + index} 😀`,
        latitude: -89.5236 + index,
        missing: null,
      }));
      const { offsets } = await produce("u1.pin", values);
      assert.equal(offsets.length, 500);
      offsets.forEach(({ partition, offset }, index) => {
        const log = written.get(partition);
        assert.ok(log && log.length === offset, "offsets count up from 0 in the records' order");
        log.push(values[index]);
      });
    }
    assert.ok([...written.values()].every((log) => log.length > 2 * flushSize));

    const objects = await objectsWith("u1.pin", total);
    for (const [partition, log] of written) {
      const keys = [...objects.keys()].filter((key) => key.startsWith(`partition=${partition}/`));
      let offset = 0;
      for (const key of keys.sort()) {
        const digits = String(offset).padStart(10, "0");
        assert.equal(key, `partition=${partition}/u1.pin+${partition}+${digits}.json`);
        const lines = objects.get(key) ?? [];
        assert.ok(lines.length <= flushSize);
        assert.deepEqual(lines, log.slice(offset, offset + lines.length));
        offset += lines.length;
      }
      assert.equal(offset, log.length);
    }
  });

  it("goes on where it was when the connector is restarted, losing nothing and repeating nothing", async () => {
    const before = await produce(
      "u1.geo",
      Array.from({ length: 1_500 }, (_, index) => ({ index })),
    );
    assert.equal(before.offsets.length, 1_500);
    await objectsWith("u1.geo", flushSize);
    const url = `${machine.services.connect?.url ?? ""}/connectors/${outputs.connectorName}`;
    const { tasks } = (await (await fetch(`${url}/status`)).json()) as { tasks: unknown[] };
    assert.equal(tasks.length, 3);
    const restart = await fetch(`${url}/restart?includeTasks=true`, { method: "POST" });
    assert.equal(restart.status, 202);
    await produce(
      "u1.geo",
      Array.from({ length: 500 }, (_, index) => ({ index: 1_500 + index })),
    );
    const objects = await objectsWith("u1.geo", 2_000);
    assert.deepEqual(
      [...objects.entries()].sort().flatMap(([, lines]) => lines),
      Array.from({ length: 2_000 }, (_, index) => ({ index })),
    );
  });

  it("is waited for until it has written what was sent twice too, in whatever object", async () => {
    const { kafka, aws } = machine.services;
    assert.ok(kafka && aws, "the program starts both");
    const stored = { topic: "u1.geo", bucket: outputs.bucketName };
    const before = await untilSunk({ kafka, aws }, stored, 0, 60);
    await produce("u1.geo", [{ index: 2_000 }, { index: 2_000 }]);
    const after = await untilSunk({ kafka, aws }, stored, before.records, 60);
    assert.equal(after.records, before.records + 2);
  });

  it("runs the source database, its password in the declared secret", async () => {
    const { endpoint, region, ...credentials } = await awsOf(machine);
    const client = new SecretsManagerClient({ endpoint, region, credentials });
    const { SecretString: secret = "" } = await client.send(
      new GetSecretValueCommand({ SecretId: outputs.secretArn }),
    );
    client.destroy();
    const { username, password } = JSON.parse(secret) as Record<string, string>;
    assert.equal(username, "admin");
    const connection = await createConnection({
      host: outputs.databaseAddress,
      port: outputs.databasePort,
      user: username,
      password,
      database: "pinterest_data",
    });
    try {
      const [rows] = await connection.query(
        "SELECT @@character_set_database AS characters, @@time_zone AS zone, '😀' AS text",
      );
      assert.deepEqual(rows, [{ characters: "utf8mb4", zone: "+00:00", text: "😀" }]);
    } finally {
      await connection.end();
    }
    await assert.rejects(
      createConnection({ host: "127.0.0.1", port: outputs.databasePort, user: "root" }),
      /Access denied/,
    );
  });

  it("stays within its share of the memory", async () => {
    const peak = await machine.processes.peakMemoryMiB();
    assert.ok(peak < 2_000, `${peak} MiB`);
  });
});
