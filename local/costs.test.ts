import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { parse } from "yaml";
import type { Inputs } from "../components/mocks/recorder";
import { costsTable, monthlyCosts, total, type Cost } from "./costs";
import { declaredResources } from "./graph";
import prices from "./prices.json";

const root = path.join(__dirname, "..");

const resource = (type: string, inputs: Inputs) => ({ type, name: "it", inputs });
const costs = (type: string, inputs: Inputs = {}) => monthlyCosts([resource(type, inputs)]);
const rounded = (reckoned: readonly Cost[]) =>
  reckoned.map(({ what, dollars }) => [what, Math.round(dollars)]);

describe("monthlyCosts", () => {
  it("reckons brokers with their volumes", () => {
    const cluster = (count: number) =>
      costs("aws:msk/cluster:Cluster", {
        numberOfBrokerNodes: count,
        brokerNodeGroupInfo: {
          instanceType: "kafka.m7g.large",
          storageInfo: { ebsStorageInfo: { volumeSize: 100 } },
        },
      });
    // 0.204 an hour and 0.1 for each of 100 GB.
    assert.deepEqual(rounded(cluster(1)), [["Kafka brokers", 159]]);
    assert.deepEqual(rounded(cluster(3)), [["Kafka brokers", 477]]);
  });

  it("reckons a database's standby, its volume, and the secret of its password", () => {
    const database = (multiAz: boolean) =>
      costs("aws:rds/instance:Instance", {
        instanceClass: "db.m7g.large",
        allocatedStorage: 100,
        multiAz,
      });
    const secret = ["keys and secrets", 0];
    assert.deepEqual(rounded(database(false)), [["source database", 134], secret]);
    assert.deepEqual(rounded(database(true)), [["source database", 268], secret]);
  });

  it("reckons shards, kept for a day or longer, and streams on demand", () => {
    const stream = (streamMode: string, more: Inputs = {}) =>
      rounded(costs("aws:kinesis/stream:Stream", { streamModeDetails: { streamMode }, ...more }));
    const shards = { shardCount: 10, retentionPeriod: 24 };
    assert.deepEqual(stream("PROVISIONED", shards), [["Kinesis streams", 110]]);
    const kept = { ...shards, retentionPeriod: 168 };
    assert.deepEqual(stream("PROVISIONED", kept), [["Kinesis streams", 256]]);
    assert.deepEqual(stream("ON_DEMAND"), [["Kinesis streams", 29]]);
  });

  it("reckons the nodes of a continuous job all day, those of a daily one while it runs", () => {
    const newCluster = { driverNodeTypeId: "m6gd.large", nodeTypeId: "m6gd.large", numWorkers: 1 };
    const job = (more: Inputs) =>
      rounded(costs("databricks:index/job:Job", { jobClusters: [{ newCluster }], ...more }));
    assert.deepEqual(job({ continuous: {} }), [["Databricks stream job, all day", 220]]);
    assert.deepEqual(job({}), [["Databricks batch job, daily", 5]]);
    const autoscale = { ...newCluster, autoscale: { minWorkers: 1, maxWorkers: 9 } };
    assert.deepEqual(job({ jobClusters: [{ newCluster: autoscale }] }), [
      ["Databricks batch job, daily", 23],
    ]);
  });

  it("adds up what belongs together, the dearest first", () => {
    const key = resource("aws:kms/key:Key", {});
    const nat = resource("aws:ec2/natGateway:NatGateway", {});
    const reckoned = monthlyCosts([key, nat, key, resource("aws:iam/role:Role", {})]);
    assert.deepEqual(rounded(reckoned), [
      ["NAT gateways and public addresses", 33],
      ["keys and secrets", 2],
    ]);
    assert.equal(Math.round(total(reckoned)), 35);
  });

  it("names an instance type that has no price", () => {
    assert.throws(
      () => costs("aws:mwaa/environment:Environment", { environmentClass: "mw1.huge" }),
      /^Error: it: local\/prices\.json has no price for "mw1\.huge"; add the published one$/,
    );
  });
});

describe("the prices", () => {
  it("are positive, each with where it is published", () => {
    for (const [name, { dollars, source }] of Object.entries(prices.standing)) {
      assert.ok(dollars > 0, name);
      assert.match(source, /pricing/, name);
    }
  });
});

describe("docs/costs.md", () => {
  const page = readFileSync(path.join(root, "docs", "costs.md"), "utf8");
  const rows = [...page.matchAll(/^\| ([^|]+?) +\| (\d+) +\| (\d+) +\| (.+?) +\|$/gm)];

  it("says of dev and prod what their resources cost", async () => {
    const [dev, prod] = [await declaredResources("dev"), await declaredResources("prod")].map(
      monthlyCosts,
    ) as [Cost[], Cost[]];
    const said = (column: 2 | 3) =>
      new Map(rows.map((row) => [row[1] ?? "", Number(row[column])] as const));
    const expected = (reckoned: Cost[]) =>
      new Map(
        [...reckoned, { what: "in all", dollars: total(reckoned) }].map(
          ({ what, dollars }) => [what, Math.round(dollars)] as const,
        ),
      );
    assert.deepEqual(said(2), expected(dev));
    assert.deepEqual(said(3), expected(prod));
  });

  it("names configuration keys that there are", () => {
    const { config } = parse(readFileSync(path.join(root, "Pulumi.yaml"), "utf8")) as {
      config: Record<string, unknown>;
    };
    const keys = new Set(Object.keys(config));
    const named = rows.flatMap(([, , , , moved]) =>
      [...(moved ?? "").matchAll(/`([a-z]+[A-Z]\w+)`/g)].map(([, key]) => key ?? ""),
    );
    assert.ok(named.length > 15);
    assert.deepEqual(
      named.filter((key) => !keys.has(key)),
      [],
    );
  });
});

describe("npm run graph -- --costs", () => {
  it("prints a stack's", async () => {
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ["--import", "tsx", path.join(__dirname, "graph.ts"), "--costs", "--stack", "prod"],
      { timeout: 60_000 },
    );
    assert.equal(stdout, costsTable(monthlyCosts(await declaredResources("prod"))));
    assert.match(stdout, /^ +1815 {2}in all$/m);
  });
});
