import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { criticalPath, criticalPathTable, end } from "./critical-path";
import durations from "./durations.json";
import { declaredResources } from "./graph";

/** What another waits for, and how: a minimal registration. */
function resource(
  type: string,
  name: string,
  awaited: { dependencies?: string[]; parent?: string; provider?: string; custom?: boolean } = {},
) {
  const { dependencies = [], parent, provider, custom = true } = awaited;
  return { type, name, urn: name, parent, provider, custom, dependencies };
}

const cluster = "aws:msk/cluster:Cluster";
const connector = "aws:mskconnect/connector:Connector";
const database = "aws:rds/instance:Instance";
const queue = "aws:sqs/queue:Queue";

const names = (chain: readonly { name: string }[]) => chain.map(({ name }) => name);

describe("criticalPath", () => {
  it("is the chain that ends last, however many resources another has", () => {
    const chain = criticalPath([
      resource(queue, "one"),
      resource(queue, "two", { dependencies: ["one"] }),
      resource(queue, "three", { dependencies: ["two"] }),
      resource(connector, "connector", { dependencies: ["cluster", "three"] }),
      resource(cluster, "cluster"),
      resource(database, "database", { dependencies: ["three"] }),
    ]);
    assert.deepEqual(chain, [
      { type: cluster, name: "cluster", start: 0, seconds: 1800 },
      { type: connector, name: "connector", start: 1800, seconds: 600 },
    ]);
    assert.equal(end(chain), 2400);
  });

  it("waits for parents and providers too, and counts no time for a component", () => {
    const chain = criticalPath([
      resource(cluster, "cluster"),
      resource("pinterest:a:A", "component", { dependencies: ["cluster"], custom: false }),
      resource(queue, "child", { parent: "component" }),
      resource("pulumi:providers:databricks", "provider", { dependencies: ["child"] }),
      resource(queue, "last", { provider: "provider", parent: "stack" }),
    ]);
    assert.deepEqual(names(chain), ["cluster", "child", "provider", "last"]);
    const { seconds } = durations.others;
    assert.equal(end(chain), 1800 + 3 * seconds);
  });

  it("is nothing where nothing is declared", () => {
    assert.deepEqual(criticalPath([]), []);
    assert.equal(end([]), 0);
  });
});

describe("criticalPathTable", () => {
  it("tells when each starts, what it takes, and when all is there", () => {
    const chain = [
      { type: cluster, name: "kafka", start: 0, seconds: 1800 },
      { type: connector, name: "sink", start: 1800, seconds: 65 },
    ];
    assert.equal(
      criticalPathTable(chain),
      [
        " starts   takes  resource",
        "   0:00   30:00  aws:msk/cluster:Cluster kafka",
        "  30:00    1:05  aws:mskconnect/connector:Connector sink",
        "  31:05          all is there",
        "",
      ].join("\n"),
    );
  });
});

describe("the durations", () => {
  it("are whole seconds, each with where it is from", () => {
    for (const [type, { seconds, source }] of Object.entries(durations.types)) {
      assert.ok(Number.isInteger(seconds) && seconds > durations.others.seconds, type);
      assert.ok(source.length > 20, type);
    }
  });
});

describe("a deployment of dev", () => {
  it("takes as long as the cluster, its topics and their connector, and hardly longer", async () => {
    const chain = criticalPath(await declaredResources("dev"));
    const slow = chain.filter(({ seconds }) => seconds > durations.others.seconds);
    assert.deepEqual(names(slow), ["kafka-cluster", "kafka-client-topics", "sink-connector"]);
    const unavoidable = slow.reduce((sum, { seconds }) => sum + seconds, 0);
    assert.ok(end(chain) - unavoidable <= 30, criticalPathTable(chain));
  });

  it("is told by the command, of dev unless told otherwise", async () => {
    const graph = path.join(__dirname, "graph.ts");
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", graph, "--critical-path"],
      { timeout: 60_000 },
    );
    assert.equal(stdout, criticalPathTable(criticalPath(await declaredResources("dev"))));
  });
});
