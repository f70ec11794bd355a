import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { KafkaClient } from "../kafka-client";
import { faultsOf } from "../mocks/faults";
import { textInput } from "../mocks/identity";
import { type Recorded, type RecordOptions, named, record } from "../mocks/recorder";
import { S3Sink, type S3SinkArgs } from ".";

const inCluster = "posts/9b0c5d1e-1111-2222-3333-444455556666-7";
const clusterArn = `arn:aws:kafka:us-east-1:000000000000:cluster/${inCluster}`;
const bootstrapBrokers = "b-1.posts:9098,b-2.posts:9098";
const topics = ["u1.pin", "u1.geo", "u1.user"];
const required: S3SinkArgs = {
  clusterArn,
  bootstrapBrokers,
  vpcId: "vpc-1",
  subnetIds: ["subnet-private-a", "subnet-private-b"],
  clusterSecurityGroupId: "sg-cluster-clients",
  topics,
  topicsRegex: String.raw`u1\.(pin|geo|user)`,
  deadLetterTopic: "u1.dead-letter",
};

function makeClient() {
  return new KafkaClient("kafka", {
    vpcId: "vpc-1",
    publicSubnetIds: ["subnet-public-a"],
    privateSubnetIds: ["subnet-private-a"],
    sshCidrs: ["203.0.113.7/32"],
    clusterArn,
    bootstrapBrokers,
    clusterSecurityGroupId: "sg-cluster-clients",
    topics: [...topics, "u1.dead-letter"].map((name) => ({ name, partitions: 3 })),
    replicationFactor: 3,
  });
}

/** The sink as the pipeline makes it: its plugin uploaded by the Kafka client, which makes its topics. */
function declare(args: Partial<S3SinkArgs> = {}, options: RecordOptions = {}) {
  return record(() => {
    const client = makeClient();
    const sink = new S3Sink("sink", {
      ...required,
      topics: client.topicNames,
      uploadHost: client.host,
      ...args,
    });
    return {
      bucketName: sink.bucketName,
      bucketArn: sink.bucketArn,
      connectorArn: sink.connectorArn,
      connectorName: sink.connectorName,
      consumerGroup: sink.consumerGroup,
      topicsDirectory: sink.topicsDirectory,
    };
  }, options);
}

function sinkResources(resources: readonly Recorded[]): Recorded[] {
  const { urn } = named(resources, "sink");
  return resources.filter(({ parent }) => parent === urn);
}

function policy(resource: Recorded, property = "policy"): Record<string, unknown>[] {
  const document = JSON.parse(resource.inputs[property] as string) as {
    Statement: Record<string, unknown>[];
  };
  return document.Statement;
}

function settings(resources: readonly Recorded[]): Record<string, string> {
  return named(resources, "sink-connector").inputs.connectorConfiguration as Record<string, string>;
}

/** Names of the resources that one waits for, by way of others too. */
function waitsFor(resources: readonly Recorded[], name: string): Set<string> {
  const found = new Set<string>();
  const visit = (resource: Recorded | undefined) => {
    for (const urn of resource?.dependencies ?? []) {
      const dependency = resources.find((other) => other.urn === urn);
      if (!dependency || found.has(dependency.name)) continue;
      found.add(dependency.name);
      visit(dependency);
    }
  };
  visit(named(resources, name));
  return found;
}

describe("S3Sink", () => {
  for (const preview of [false, true])
    it(`makes exactly these resources, all its own children (preview ${preview})`, async () => {
      const { resources } = await declare({}, { preview });
      assert.equal(named(resources, "sink").type, "pinterest:sink:S3Sink");
      assert.deepEqual(
        sinkResources(resources)
          .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
          .sort(),
        [
          "Bucket sink-bucket",
          "BucketLifecycleConfiguration sink-lifecycle",
          "BucketOwnershipControls sink-ownership",
          "BucketPolicy sink-policy",
          "BucketPublicAccessBlock sink-public-access",
          "BucketServerSideEncryptionConfiguration sink-encryption",
          "BucketVersioning sink-versioning",
          "Command sink-plugin-upload",
          "Connector sink-connector",
          "CustomPlugin sink-plugin",
          "Key sink-log-key",
          "LogGroup sink-log",
          "Role sink-role",
          "RolePolicy sink-plugin-upload-policy",
          "RolePolicy sink-role-policy",
          "SecurityGroup sink-workers",
          "SecurityGroupEgressRule sink-workers-https",
          "WorkerConfiguration sink-worker",
        ],
      );
      for (const { name, custom } of sinkResources(resources)) assert.ok(custom, name);
    });

  it("waits with the connector for the topics, the role's policy and the plugin, and with the bucket for nothing", async () => {
    const { resources } = await declare();
    const connector = named(resources, "sink-connector").dependencies.map((urn) =>
      urn.split("::").at(-1),
    );
    for (const name of ["kafka-topics", "sink-role-policy", "sink-plugin", "sink-worker"])
      assert.ok(connector.includes(name), name);
    assert.deepEqual(named(resources, "sink-bucket").dependencies, []);
    const upload = waitsFor(resources, "sink-plugin-upload");
    assert.ok(upload.has("kafka-1-host") && upload.has("sink-plugin-upload-policy"));
    assert.ok(!upload.has("kafka-topics"));
    assert.ok(waitsFor(resources, "sink-plugin").has("sink-plugin-upload"));
  });

  it("waits for the topics in a preview too", async () => {
    const { resources } = await declare({}, { preview: true });
    assert.ok(waitsFor(resources, "sink-connector").has("kafka-topics"));
  });

  describe("bucket", () => {
    it("is protected and closed by default", async () => {
      const { resources, outputs } = await declare();
      const bucket = named(resources, "sink-bucket");
      assert.equal(bucket.protect, true);
      assert.equal(bucket.inputs.forceDestroy, false);
      assert.equal(bucket.inputs.bucket, undefined);
      assert.equal(outputs.bucketArn, `arn:aws:s3:::${outputs.bucketName}`);
      assert.equal(outputs.topicsDirectory, "topics");
      assert.deepEqual(named(resources, "sink-ownership").inputs.rule, {
        objectOwnership: "BucketOwnerEnforced",
      });
      assert.deepEqual(named(resources, "sink-public-access").inputs, {
        bucket: outputs.bucketName,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      });
      assert.deepEqual(named(resources, "sink-versioning").inputs.versioningConfiguration, {
        status: "Enabled",
      });
      assert.deepEqual(named(resources, "sink-encryption").inputs.rules, [
        { applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } },
      ]);
      assert.deepEqual(named(resources, "sink-lifecycle").inputs.rules, [
        {
          id: "abort-unfinished-uploads",
          status: "Enabled",
          filter: {},
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
        {
          id: "expire-noncurrent-versions",
          status: "Enabled",
          filter: {},
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          expiration: { expiredObjectDeleteMarker: true },
        },
      ]);
    });

    it("refuses connections without TLS or by an old one, whoever makes them", async () => {
      const { resources, outputs } = await declare();
      const refused = {
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [outputs.bucketArn, `${outputs.bucketArn}/*`],
      };
      assert.deepEqual(policy(named(resources, "sink-policy")), [
        {
          Sid: "DenyPlainHttp",
          ...refused,
          Condition: { Bool: { "aws:SecureTransport": "false" } },
        },
        {
          Sid: "DenyOldTls",
          ...refused,
          Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
        },
      ]);
    });

    it("may be emptied and deleted, and its access logged, where that is asked for", async () => {
      const { resources, outputs } = await declare({
        forceDestroy: true,
        protect: false,
        noncurrentDays: 3,
        accessLogBucketName: "logs",
      });
      const bucket = named(resources, "sink-bucket");
      assert.equal(bucket.protect, false);
      assert.equal(bucket.inputs.forceDestroy, true);
      assert.deepEqual(named(resources, "sink-access-log").inputs, {
        bucket: outputs.bucketName,
        targetBucket: "logs",
        targetPrefix: `${outputs.bucketName}/`,
      });
    });
  });

  describe("connector", () => {
    it("has the settings of the original, its dot escaped, and a dead letter topic", async () => {
      const { resources, outputs } = await declare();
      assert.deepEqual(settings(resources), {
        "connector.class": "io.confluent.connect.s3.S3SinkConnector",
        "tasks.max": "3",
        "topics.regex": "u1\\.(pin|geo|user)",
        "topics.dir": "topics",
        "s3.region": "us-east-1",
        "s3.bucket.name": outputs.bucketName,
        "s3.part.size": "5242880",
        "storage.class": "io.confluent.connect.s3.storage.S3Storage",
        "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
        "partitioner.class": "io.confluent.connect.storage.partitioner.DefaultPartitioner",
        "schema.compatibility": "NONE",
        "flush.size": "10000",
        "rotate.schedule.interval.ms": "600000",
        timezone: "UTC",
        "key.converter": "org.apache.kafka.connect.storage.StringConverter",
        "value.converter": "org.apache.kafka.connect.json.JsonConverter",
        "value.converter.schemas.enable": "false",
        "behavior.on.null.values": "ignore",
        "errors.tolerance": "all",
        "errors.deadletterqueue.topic.name": "u1.dead-letter",
        "errors.deadletterqueue.context.headers.enable": "true",
        "errors.log.enable": "true",
      });
    });

    it("takes one record an object, as the original", async () => {
      const { resources } = await declare({ flushSize: 1, rotateIntervalSeconds: 5, tasks: 6 });
      const { "flush.size": flush, "rotate.schedule.interval.ms": rotate } = settings(resources);
      assert.deepEqual([flush, rotate, settings(resources)["tasks.max"]], ["1", "5000", "6"]);
    });

    it("signs in by IAM over TLS, from groups that the cluster lets in and that reach S3", async () => {
      const { resources } = await declare();
      const { inputs } = named(resources, "sink-connector");
      const egress = named(resources, "sink-workers-https").inputs;
      assert.deepEqual(inputs.kafkaClusterClientAuthentication, { authenticationType: "IAM" });
      assert.deepEqual(inputs.kafkaClusterEncryptionInTransit, { encryptionType: "TLS" });
      assert.deepEqual(inputs.kafkaCluster, {
        apacheKafkaCluster: {
          bootstrapServers: bootstrapBrokers,
          vpc: {
            securityGroups: [egress.securityGroupId, "sg-cluster-clients"],
            subnets: ["subnet-private-a", "subnet-private-b"],
          },
        },
      });
      assert.deepEqual([egress.fromPort, egress.toPort, egress.ipProtocol], [443, 443, "tcp"]);
      assert.equal(inputs.kafkaconnectVersion, "3.7.x");
      assert.deepEqual(inputs.capacity, { provisionedCapacity: { mcuCount: 1, workerCount: 1 } });
      const log = named(resources, "sink-log");
      assert.equal(log.inputs.retentionInDays, 90);
      assert.match(textInput(log, "kmsKeyId"), /^arn:aws:kms:/);
      const { workerLogDelivery } = inputs.logDelivery as {
        workerLogDelivery: { cloudwatchLogs: { enabled: boolean; logGroup: string } };
      };
      assert.equal(workerLogDelivery.cloudwatchLogs.enabled, true);
      assert.match(workerLogDelivery.cloudwatchLogs.logGroup, /^sink-log-/);
    });

    it("is replaced when a setting changes, the old one deleted first, and goes on where it stopped", async () => {
      const [one, other] = [await declare(), await declare({ flushSize: 1 })];
      const connector = named(one.resources, "sink-connector");
      assert.equal(connector.deleteBeforeReplace, true);
      assert.deepEqual(connector.replaceOnChanges, ["connectorConfiguration"]);
      assert.ok(connector.customTimeouts.create);
      // MSK Connect reads as the group that is called after the connector.
      for (const { connectorName, consumerGroup } of [one.outputs, other.outputs]) {
        assert.equal(connectorName, "pinterest-data-pipeline-test-sink");
        assert.equal(consumerGroup, `connect-${connectorName}`);
      }
    });

    it("runs on workers whose settings name their configuration", async () => {
      const { resources } = await declare();
      const { inputs, deleteBeforeReplace } = named(resources, "sink-worker");
      assert.equal(
        inputs.propertiesFileContent,
        [
          "key.converter=org.apache.kafka.connect.storage.StringConverter",
          "value.converter=org.apache.kafka.connect.json.JsonConverter",
          "value.converter.schemas.enable=false",
          "",
        ].join("\n"),
      );
      assert.match(inputs.name as string, /^pinterest-data-pipeline-test-sink-[0-9a-f]{8}$/);
      assert.equal(deleteBeforeReplace, undefined);
    });
  });

  it("gives the connector's role these actions on these things, to this stack's connectors only", async () => {
    const { resources, outputs } = await declare();
    const inside = (kind: string) => (name: string) =>
      `arn:aws:kafka:us-east-1:000000000000:${kind}/${inCluster}/${name}`;
    const topic = inside("topic");
    const group = inside("group");
    const allowed = (Sid: string, Action: string[], Resource: string[]) => ({
      Sid,
      Effect: "Allow",
      Action,
      Resource,
    });
    assert.deepEqual(policy(named(resources, "sink-role-policy")), [
      allowed("Connect", ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"], [clusterArn]),
      allowed(
        "ReadTopics",
        ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
        topics.map(topic),
      ),
      allowed(
        "WriteDeadLetters",
        ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"],
        [topic("u1.dead-letter")],
      ),
      allowed(
        "KeepWorkerState",
        [
          "kafka-cluster:CreateTopic",
          "kafka-cluster:DescribeTopic",
          "kafka-cluster:ReadData",
          "kafka-cluster:WriteData",
        ],
        [topic("__amazon_msk_connect_*")],
      ),
      allowed(
        "JoinGroups",
        ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
        [group("__amazon_msk_connect_*"), group("connect-pinterest-data-pipeline-test-sink")],
      ),
      allowed(
        "FindBucket",
        ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
        [outputs.bucketArn],
      ),
      allowed(
        "WriteObjects",
        ["s3:AbortMultipartUpload", "s3:GetObject", "s3:ListMultipartUploadParts", "s3:PutObject"],
        [`${outputs.bucketArn}/topics/*`],
      ),
    ]);
    assert.deepEqual(policy(named(resources, "sink-role"), "assumeRolePolicy"), [
      {
        Effect: "Allow",
        Principal: { Service: "kafkaconnect.amazonaws.com" },
        Action: ["sts:AssumeRole"],
        Condition: {
          StringEquals: { "aws:SourceAccount": "000000000000" },
          ArnLike: {
            "aws:SourceArn":
              "arn:aws:kafkaconnect:us-east-1:000000000000:connector/pinterest-data-pipeline-test-sink/*",
          },
        },
      },
    ]);
  });

  describe("plugin", () => {
    it("is downloaded, checked and uploaded by the host, which may write that one object", async () => {
      const { resources, outputs } = await declare({ pluginSha256: "a".repeat(64) });
      const create = named(resources, "sink-plugin-upload").inputs.create as string;
      const key = /^KEY='(.*)'$/m.exec(create)?.[1] ?? "";
      assert.match(key, /^plugins\/confluentinc-kafka-connect-s3-10\.5\.13-[0-9a-f]{8}\.zip$/);
      assert.match(create, /^URL='https:\/\/hub-downloads\.confluent\.io\/\S+-10\.5\.13\.zip'$/m);
      assert.match(create, /^SHA256='a{64}'$/m);
      assert.match(create, new RegExp(`^BUCKET='${outputs.bucketName}'$`, "m"));
      assert.match(create, /^REGION='us-east-1'$/m);
      assert.equal(spawnSync("bash", ["-n"], { input: create }).status, 0);
      assert.deepEqual(policy(named(resources, "sink-plugin-upload-policy")), [
        {
          Sid: "UploadPlugin",
          Effect: "Allow",
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: [`${outputs.bucketArn}/${key}`],
        },
      ]);
      const plugin = named(resources, "sink-plugin");
      assert.equal(plugin.inputs.contentType, "ZIP");
      assert.deepEqual(plugin.inputs.location, {
        s3: { bucketArn: outputs.bucketArn, fileKey: key },
      });
    });

    it("is another, made before this one goes, for another version or checksum", async () => {
      const names = new Set<unknown>();
      for (const args of [
        {},
        { pluginVersion: "10.0.3" },
        { pluginSha256: "a".repeat(64) },
        { pluginSha256: "b".repeat(64) },
      ]) {
        const plugin = named((await declare(args)).resources, "sink-plugin");
        assert.match(
          plugin.inputs.name as string,
          /^pinterest-data-pipeline-test-sink-[0-9a-f]{8}$/,
        );
        assert.equal(plugin.deleteBeforeReplace, undefined);
        names.add(plugin.inputs.name);
      }
      assert.equal(names.size, 4);
    });

    describe("from a file", () => {
      let folder: string;
      let pluginFile: string;
      const sha256 = createHash("sha256").update("zip").digest("hex");

      before(() => {
        folder = mkdtempSync(path.join(tmpdir(), "plugin-"));
        pluginFile = path.join(folder, "plugin.zip");
        writeFileSync(pluginFile, "zip");
      });

      after(() => {
        rmSync(folder, { recursive: true });
      });

      it("is uploaded as it is, and needs no host", async () => {
        const { resources } = await record(() => {
          new S3Sink("sink", { ...required, pluginFile, pluginSha256: sha256 });
        });
        assert.deepEqual(
          resources.filter(({ type }) => type === "command:remote:Command"),
          [],
        );
        const zip = named(resources, "sink-plugin-zip");
        assert.equal(path.resolve((zip.inputs.source as { path: string }).path), pluginFile);
        assert.match(zip.inputs.key as string, /^plugins\/.*-[0-9a-f]{8}\.zip$/);
        const { s3 } = named(resources, "sink-plugin").inputs.location as {
          s3: { fileKey: string; objectVersion: string };
        };
        assert.equal(s3.fileKey, zip.inputs.key);
        // Without versioning there would be none.
        assert.match(s3.objectVersion, /^[0-9a-f]{32}$/);
        const { urn } = named(resources, "sink-versioning");
        assert.ok(zip.dependencies.includes(urn), "is uploaded before its bucket is versioned");
      });

      it("is refused where it is missing, or not what it must be", async () => {
        assert.deepEqual(
          await faultsOf(
            () => new S3Sink("sink", { ...required, pluginFile: `${pluginFile}.not` }),
          ),
          [["pluginFile", `there is no file ${pluginFile}.not`]],
        );
        assert.deepEqual(
          await faultsOf(
            () => new S3Sink("sink", { ...required, pluginFile, pluginSha256: "a".repeat(64) }),
          ),
          [["pluginSha256", `is not the checksum of ${pluginFile}, which has ${sha256}`]],
        );
      });
    });
  });

  it("names every fault in its arguments", async () => {
    const faults = await faultsOf(
      () =>
        new S3Sink("sink", {
          ...required,
          topicsRegex: String.raw`u1\..*`,
          subnetIds: [],
        }),
    );
    assert.deepEqual(
      faults.map(([property]) => property),
      ["uploadHost", "deadLetterTopic", "subnetIds"],
    );
    const [, deadLetters] = faults;
    assert.match(deadLetters?.[1] ?? "", /u1\.dead-letter matches topicsRegex/);
    assert.deepEqual(
      (await faultsOf(() => new S3Sink("sink", { ...required, topicsRegex: "u1(" }))).map(
        ([property]) => property,
      ),
      ["uploadHost", "topicsRegex"],
    );
  });

  it("reads topics that are named without anything to wait for", async () => {
    const { resources } = await record(() => {
      const { host } = makeClient();
      new S3Sink("sink", { ...required, topics: [pulumi.output("u1.pin")], uploadHost: host });
    });
    assert.ok(!waitsFor(resources, "sink-connector").has("kafka-topics"));
  });
});
