import assert from "node:assert/strict";
import { ancestors } from "../components/mocks/ancestors";
import { compare, replacementsByType, type Change } from "../components/mocks/changes";
import { named, type Inputs, type Recorded } from "../components/mocks/recorder";
import { recordStack } from "./record-stack";

type Keys = Readonly<Record<string, string>>;

/** The dev stack as it is, which most changes begin with. */
const dev = async (): Promise<readonly Recorded[]> =>
  (await (recordedDev ??= recordStack("dev"))).resources;
let recordedDev: ReturnType<typeof recordStack> | undefined;

/** What is expected of a change; what is not named is expected not to happen. */
type Expected = Partial<Omit<Change, "precedes">> & {
  /** Steps of which the first is over before the second begins. */
  readonly inOrder?: readonly (readonly [string, string])[];
};

function assertChange(
  { precedes, ...change }: Change,
  { inOrder = [], ...expected }: Expected,
): void {
  const nothing = {
    created: [],
    updated: [],
    replacedCreateFirst: [],
    replacedDeleteFirst: [],
    deleted: [],
    refused: [],
  };
  assert.deepEqual(change, { ...nothing, ...expected });
  for (const [earlier, later] of inOrder)
    assert.ok(precedes(earlier, later), `${earlier} is not over before ${later}`);
}

/** The one connector of the topics goes before its successor comes: its consumer group goes on where it was. */
const connectorReplaced = ["delete sink-connector", "create sink-connector"] as const;

const hostCommands = (host: number) =>
  ["host", "kafka", "properties", "rest-proxy"].map((part) => `kafka-client-${host}-${part}`);
const hostOf = (host: number) => [
  `kafka-client-${host}`,
  `kafka-client-${host}-address`,
  `kafka-client-${host}-association`,
  ...hostCommands(host),
  `kafka-client-${host}-target`,
];

describe("a change of the configuration", () => {
  const cases: Readonly<Record<string, { from?: Keys; to: Keys; expected: Expected }>> = {
    "of the topics' partitions runs the topics' script again": {
      to: { topicPartitions: "6" },
      expected: { updated: ["kafka-client-topics"] },
    },
    "of the connector's settings replaces the connector alone": {
      to: { sinkFlushSize: "500" },
      expected: { replacedDeleteFirst: ["sink-connector"], inOrder: [connectorReplaced] },
    },
    "of the plugin uploads it, and replaces plugin and connector, the connector first": {
      to: { sinkPluginVersion: "10.5.14" },
      expected: {
        updated: ["sink-plugin-upload", "sink-plugin-upload-policy"],
        replacedDeleteFirst: ["sink-connector", "sink-plugin"],
        inOrder: [
          ["update sink-plugin-upload", "create sink-plugin"],
          ["delete sink-connector", "delete sink-plugin"],
          ["create sink-plugin", "create sink-connector"],
        ],
      },
    },
    "of the Kafka client's version installs it on the host that there is": {
      to: { kafkaClientVersion: "2.12-2.8.1" },
      expected: { updated: ["kafka-client-1-kafka"] },
    },
    "of the client's instance type keeps the instance": {
      to: { kafkaClientInstanceType: "t3.medium" },
      expected: { updated: ["kafka-client-1"] },
    },
    "of the client's processors makes another instance, moves the address, and lets the old one go last":
      {
        to: { kafkaClientInstanceType: "t4g.small" },
        expected: {
          created: ["kafka-client-1-arm64"],
          updated: [...hostCommands(1), "kafka-client-topics"].sort(),
          replacedCreateFirst: ["kafka-client-1-association", "kafka-client-1-target"],
          deleted: ["kafka-client-1"],
          inOrder: [
            ["create kafka-client-1-association", "update kafka-client-1-host"],
            ["update kafka-client-1-rest-proxy", "delete kafka-client-1-target"],
            ["delete kafka-client-1-target", "delete kafka-client-1"],
          ],
        },
      },
    "to one more client touches none of the others": {
      to: { kafkaClientCount: "2" },
      expected: { created: hostOf(2).sort() },
    },
    "to one client fewer needs no command on the one that goes": {
      from: { kafkaClientCount: "2" },
      to: { kafkaClientCount: "1" },
      expected: {
        deleted: hostOf(2).sort(),
        inOrder: [["delete kafka-client-2-target", "delete kafka-client-2"]],
      },
    },
    "of the brokers' type keeps the cluster": {
      to: { kafkaBrokerInstanceType: "kafka.m7g.large" },
      expected: { updated: ["kafka-cluster"] },
    },
    "of Kafka's version keeps the cluster, with a new configuration before the old one goes": {
      to: { kafkaVersion: "4.0.x" },
      expected: {
        created: ["kafka-configuration-81de2da8"],
        updated: ["kafka-cluster"],
        deleted: ["kafka-configuration-7267f8b4"],
        inOrder: [
          ["create kafka-configuration-81de2da8", "update kafka-cluster"],
          ["update kafka-cluster", "delete kafka-configuration-7267f8b4"],
        ],
      },
    },
    "of the shards splits the streams that there are": {
      to: { streamShardCount: "2" },
      expected: { updated: ["streams-geo", "streams-pin", "streams-user"] },
    },
    "of the streams' mode keeps the streams": {
      to: { streamMode: "onDemand" },
      expected: { updated: ["streams-geo", "streams-pin", "streams-user"] },
    },
    "of the database's class keeps the database": {
      to: { databaseInstanceClass: "db.m7g.large" },
      expected: { updated: ["database-instance"] },
    },
    "of the Airflow environment's class keeps the environment": {
      to: { airflowEnvironmentClass: "mw1.small" },
      expected: { updated: ["airflow-environment"] },
    },
    "of the job clusters' type changes the jobs": {
      to: { databricksNodeType: "m7gd.large" },
      expected: { updated: ["lakehouse-batch", "lakehouse-mount-cluster", "lakehouse-stream"] },
    },
    "of the API's authorization deploys the document anew before the old deployment goes": {
      to: { apiAuthorization: "iam" },
      expected: {
        updated: ["ingest-api", "ingest-stage"],
        replacedCreateFirst: ["ingest-deployment"],
        deleted: ["ingest-key", "ingest-plan", "ingest-plan-key"],
        inOrder: [
          ["update ingest-api", "create ingest-deployment"],
          ["create ingest-deployment", "update ingest-stage"],
          ["update ingest-stage", "delete ingest-deployment"],
        ],
      },
    },
    "of the API's throttle changes no deployment": {
      to: { apiThrottleRate: "100" },
      expected: { updated: ["ingest-plan", "ingest-settings"] },
    },
    "of who may log in leaves the rules of the others": {
      from: { sshCidrs: '["192.0.2.0/24", "198.51.100.0/24"]' },
      to: { sshCidrs: '["198.51.100.0/24", "203.0.113.0/24"]' },
      expected: {
        created: ["kafka-client-ssh-203.0.113.0-24"],
        deleted: ["kafka-client-ssh-192.0.2.0-24"],
      },
    },
    "of whom alarms are sent to leaves the subscriptions of the others": {
      from: { alarmEmails: '["first@example.com", "second@example.com"]' },
      to: { alarmEmails: '["second@example.com"]' },
      expected: { deleted: ["alarms-email-first@example.com"] },
    },
    "from the mount to a volume makes the volume before the mount goes": {
      to: { databricksCatalog: "main" },
      expected: {
        created: [
          "lakehouse-catalog-policy",
          "lakehouse-catalog-role",
          "lakehouse-external-location",
          "lakehouse-schema",
          "lakehouse-storage-credential",
          "lakehouse-volume",
        ],
        updated: ["lakehouse-batch", "lakehouse-stream"],
        deleted: ["lakehouse-cluster-bucket-policy", "lakehouse-mount", "lakehouse-mount-cluster"],
        inOrder: [
          ["create lakehouse-volume", "delete lakehouse-mount"],
          ["delete lakehouse-mount", "delete lakehouse-mount-cluster"],
        ],
      },
    },
  };

  for (const [what, { from, to, expected }] of Object.entries(cases))
    it(what, async () => {
      const start = from ? (await recordStack("dev", { changes: from })).resources : await dev();
      assertChange(
        await compare(start, (make) => recordStack("dev", { changes: to, make })),
        expected,
      );
    });

  it("of nothing changes nothing", async () => {
    const { resources } = await recordStack("prod");
    assertChange(await compare(resources, (make) => recordStack("prod", { make })), {});
  });

  it("that would replace what holds data is refused in prod", async () => {
    const { resources } = await recordStack("prod");
    const { refused } = await compare(resources, (make) =>
      recordStack("prod", { changes: { vpcCidr: "10.9.0.0/16" }, make }),
    );
    assert.ok(refused.includes("kafka-cluster"), refused.join());
  });
});

describe("a change of a file", () => {
  /** What the program was like when one resource had other inputs. */
  async function since(name: string, earlier: Inputs): Promise<Change> {
    const resources = await dev();
    assert.ok(resources.some((resource) => resource.name === name));
    const start = resources.map((resource): Recorded =>
      resource.name === name
        ? { ...resource, inputs: { ...resource.inputs, ...earlier } }
        : resource,
    );
    return compare(start, (make) => recordStack("dev", { make }));
  }

  it("of a host's user data makes the new host, moves the address, and lets the old one go last", async () => {
    assertChange(await since("kafka-client-1", { userData: "#cloud-config\n{}\n" }), {
      updated: [...hostCommands(1), "kafka-client-topics"].sort(),
      replacedCreateFirst: [
        "kafka-client-1",
        "kafka-client-1-association",
        "kafka-client-1-target",
      ],
      inOrder: [
        ["create kafka-client-1-association", "update kafka-client-1-host"],
        ["update kafka-client-1-rest-proxy", "delete kafka-client-1-target"],
        ["delete kafka-client-1-target", "delete kafka-client-1"],
      ],
    });
  });

  it("of the worker's settings replaces worker configuration and connector, the connector first", async () => {
    assertChange(await since("sink-worker", { name: "before", propertiesFileContent: "" }), {
      replacedDeleteFirst: ["sink-connector", "sink-worker"],
      inOrder: [
        ["delete sink-connector", "delete sink-worker"],
        ["create sink-worker", "create sink-connector"],
      ],
    });
  });

  it("of a notebook changes the notebook where it is", async () => {
    assertChange(await since("lakehouse-notebook-query", { contentBase64: "" }), {
      updated: ["lakehouse-notebook-query"],
    });
  });

  it("of the DAG changes the object where it is", async () => {
    assertChange(await since("airflow-pinterest-dag-py", { content: "" }), {
      updated: ["airflow-pinterest-dag-py"],
    });
  });

  it("of the OpenAPI document is an update of the API, never another address", async () => {
    assertChange(await since("ingest-api", { body: "{}" }), { updated: ["ingest-api"] });
  });
});

describe("a teardown", () => {
  for (const stack of ["dev", "prod"])
    it(`of ${stack} runs no command on a host that is going away`, async () => {
      const { resources } = await recordStack(stack);
      const commands = resources.filter(({ type }) => type.startsWith("command:"));
      assert.ok(commands.length > 0);
      for (const { name, inputs } of commands) assert.equal(inputs.delete, undefined, name);
    });

  it("of dev empties what must be empty, and keeps nothing back", async () => {
    for (const { type, name, inputs, protect } of await dev()) {
      assert.equal(protect, false, name);
      if (type === "aws:s3/bucket:Bucket") assert.equal(inputs.forceDestroy, true, name);
      if (type === "aws:secretsmanager/secret:Secret")
        assert.equal(inputs.recoveryWindowInDays, 0, name);
      if (type === "aws:kinesis/stream:Stream")
        assert.equal(inputs.enforceConsumerDeletion, true, name);
      if (type === "aws:rds/instance:Instance") {
        assert.equal(inputs.deletionProtection, false);
        assert.equal(inputs.skipFinalSnapshot, true);
      }
    }
  });

  it("of prod is refused for what holds data", async () => {
    const { resources } = await recordStack("prod");
    const kept = resources.filter(({ protect }) => protect).map(({ name }) => name);
    for (const name of ["database-instance", "kafka-cluster", "sink-bucket", "streams-pin"])
      assert.ok(kept.includes(name), `${name} is not protected`);
    for (const { type, name, inputs } of resources)
      if (type === "aws:s3/bucket:Bucket") assert.notEqual(inputs.forceDestroy, true, name);
  });

  it("goes against the stream: from the connector and the jobs to the network", async () => {
    const resources = await dev();
    for (const [first, last] of [
      ["sink-connector", "kafka-cluster"],
      ["sink-connector", "sink-bucket"],
      ["sink-connector", "sink-plugin"],
      ["kafka-client-topics", "kafka-cluster"],
      ["ingest-link", "kafka-client-nlb"],
      ["ingest-stage", "ingest-deployment"],
      ["lakehouse-mount", "lakehouse-mount-cluster"],
      ["lakehouse-mount", "sink-bucket"],
      ["airflow-environment", "airflow-bucket"],
    ] as const) {
      const needed = ancestors(resources, named(resources, first));
      assert.ok(needed.has(named(resources, last).urn), `${first} does not go before ${last}`);
    }
  });
});

describe("what is known of replacements", () => {
  for (const [stack, keys] of [
    ["dev", {}],
    ["prod", {}],
    ["dev", { kafkaMode: "serverless" }],
    ["dev", { databricksCatalog: "main" }],
  ] as const)
    it(`covers every type of ${stack} with ${JSON.stringify(keys)}`, async () => {
      const { resources } = await recordStack(stack, { changes: keys });
      const types = resources.filter(({ custom }) => custom).map(({ type }) => type);
      const unknown = types.filter(
        (type) => !type.startsWith("pulumi:") && !(type in replacementsByType),
      );
      assert.deepEqual([...new Set(unknown)], []);
    });
});
