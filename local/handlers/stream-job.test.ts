import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import * as aws from "@pulumi/aws";
import * as databricks from "@pulumi/databricks";
import { Lakehouse } from "../../components/lakehouse";
import { accountId, region } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import { record } from "../../components/mocks/recorder";
import { Streams } from "../../components/streams";
import type { Machine } from "../machine";
import { Processes } from "../processes";
import { awsOf } from "../services/aws";
import { callDatabricks, startDatabricks } from "../services/databricks";
import { runJob } from "../services/jobs";
import { callKinesis } from "../services/kinesis";
import { installToolchain } from "../toolchain";
import { lakehouse } from "./lakehouse";
import { storage } from "./storage";
import { streams } from "./streams";

const rows = {
  pin: (index: number) => ({ index, title: "Untitled", follower_count: "2k", downloaded: 1 }),
  geo: (ind: number) => ({
    ind,
    timestamp: "2022-01-01T02:26:50",
    latitude: -89.5,
    longitude: -154,
    country: "Cocos (Keeling) Islands",
  }),
  user: (ind: number) => ({
    ind,
    first_name: "Zoë",
    last_name: "Turner",
    age: 34,
    date_joined: "2016-12-22T00:02:02",
  }),
};
type Kind = keyof typeof rows;
const kinds = Object.keys(rows) as Kind[];

interface Counts {
  readonly read: number;
  readonly cleaned: number;
  readonly duplicates: number;
  readonly quarantined: number;
}
interface Result extends Counts {
  readonly kind: Kind;
  readonly total: Counts;
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
}

const numbersOf = ({ read, cleaned, duplicates, quarantined }: Counts): Counts => ({
  read,
  cleaned,
  duplicates,
  quarantined,
});

describe("the stream job on this machine", function () {
  this.timeout(900_000);
  let directory: string;
  let machine: Machine;
  let streamJobId: string;

  before(async () => {
    // With a space, as the path of a checkout may have one.
    directory = await mkdtemp(path.join(tmpdir(), "stream job-"));
    machine = {
      directory: path.join(directory, "run"),
      toolchain: await installToolchain(),
      processes: await Processes.open(path.join(directory, "run")),
      services: {},
      routes: new Map(),
    };
    const { host } = await startDatabricks(machine);
    const handlers = { ...lakehouse, ...storage, ...streams };
    const { outputs } = await record(
      () => {
        const bucket = new aws.s3.Bucket("lake");
        const declared = new Streams("streams", { userId: "a", region, accountId });
        const { streamJobId: id } = new Lakehouse(
          "lake",
          {
            userId: "a",
            bucketName: bucket.id,
            bucketArn: bucket.arn,
            streams: {
              names: declared.streamNames,
              arns: declared.streamArns,
              keyArn: declared.keyArn,
            },
          },
          { providers: { databricks: new databricks.Provider("databricks", { host }) } },
        );
        return { ...(id && { streamJobId: id }) };
      },
      {
        make: (resource) => handlers[resource.type]?.(resource, machine) ?? cloudOutputs(resource),
      },
    );
    assert.ok(outputs.streamJobId);
    streamJobId = outputs.streamJobId;
  });

  after(async () => {
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
    const escaped = encodeURI(directory);
    assert.ok(!existsSync(escaped), `${escaped} was written beside ${directory}`);
  });

  async function put(payloadsOf: (kind: Kind) => readonly string[]) {
    for (const kind of kinds)
      await callKinesis(await awsOf(machine), "PutRecords", {
        StreamName: `streaming-a-${kind}`,
        Records: payloadsOf(kind).map((payload, place) => ({
          Data: Buffer.from(payload).toString("base64"),
          PartitionKey: String(place),
        })),
      });
  }

  async function runOnce(): Promise<Record<Kind, Result>> {
    const run = await runJob(machine, streamJobId, { parameters: { trigger: "availableNow" } });
    assert.deepEqual(
      run.tasks.map(({ key }) => key),
      ["stream"],
    );
    return JSON.parse(run.tasks[0]?.output ?? "") as Record<Kind, Result>;
  }

  it("is declared as a continuous one", async () => {
    const { settings } = await callDatabricks<{
      settings: { continuous: object; tasks: { task_key: string }[] };
    }>(machine, "GET", `/api/2.2/jobs/get?job_id=${streamJobId}`);
    assert.deepEqual(settings.continuous, { pause_status: "UNPAUSED", task_retry_mode: "NEVER" });
  });

  it("cleans what is in the streams, then what came since, each post once", async () => {
    await put((kind) => [
      ...[1, 2, 3, 2].map((index) => JSON.stringify(rows[kind](index))),
      "{broken",
    ]);
    const first = await runOnce();
    const counts = { read: 5, cleaned: 3, duplicates: 1, quarantined: 1 };
    for (const kind of kinds) {
      const { latencyMs, kind: told, total, ...run } = first[kind];
      assert.equal(told, kind);
      assert.deepEqual([numbersOf(run), numbersOf(total)], [counts, counts]);
      assert.ok(latencyMs.p50 !== null && latencyMs.p99 !== null);
      assert.ok(latencyMs.p50 > 0 && latencyMs.p50 <= latencyMs.p99, JSON.stringify(latencyMs));
      assert.ok(latencyMs.p99 < 600_000, JSON.stringify(latencyMs));
    }

    await put((kind) => [3, 4].map((index) => JSON.stringify(rows[kind](index))));
    const second = await runOnce();
    for (const kind of kinds) {
      assert.deepEqual(numbersOf(second[kind]), {
        read: 2,
        cleaned: 1,
        duplicates: 1,
        quarantined: 0,
      });
      assert.deepEqual(numbersOf(second[kind].total), {
        read: 7,
        cleaned: 4,
        duplicates: 2,
        quarantined: 1,
      });
    }
  });
});
