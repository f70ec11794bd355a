import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { defaultAirflowVersion } from "../../components/orchestration/dag-files";
import { generate, kinds, tables, type Kind } from "../../emulator";
import { readStackConfig } from "../../stacks/stack-files";
import type { RunRecord } from "../run-record";
import { runDirectory } from "../run";
import { expectedResults, type Source, type SourceRow } from "./answers";

const entry = path.join(__dirname, "..", "start.ts");
const minutes = 60_000;

/** Rows of the brief's shape, and among them some that try the cleaning, the joins and the ties. */
function source(): Source {
  const rows: Record<Kind, SourceRow[]> = { pin: [], geo: [], user: [] };
  for (const post of generate({ rows: 400, seed: 7 })) {
    for (const kind of kinds) {
      const values = post.rows[kind] ?? [];
      rows[kind].push(
        Object.fromEntries(
          tables[kind].columns.map(({ name }, position) => {
            const value = values[position] ?? null;
            return [name, value === null ? null : String(value)];
          }),
        ),
      );
    }
  }
  const change = (kind: Kind, position: number, values: SourceRow) => {
    rows[kind][position] = { ...rows[kind][position], ...values };
  };
  change("pin", 0, {
    title: 'A "quoted", title\nof two lines',
    poster_name: "Zoë\u00a0Ångström 🧁",
    follower_count: "1.5M",
  });
  change("pin", 1, {
    description: "back\\slash and\ttab",
    follower_count: "2.3k",
    category: "quotes",
  });
  change("pin", 2, { category: "  ", follower_count: "", poster_name: null });
  change("pin", 3, { follower_count: "15M", poster_name: "First of two" });
  change("pin", 4, { follower_count: "15M", poster_name: "Second of two" });
  change("geo", 0, { timestamp: "2018-01-01 00:00:00", country: "Côte d'Ivoire" });
  change("geo", 1, { timestamp: "2017-12-31 23:59:59.999999" });
  change("geo", 2, { country: null, latitude: null });
  change("geo", 3, { country: "Åland Islands" });
  change("geo", 4, { country: "Åland Islands" });
  change("user", 0, { age: "17", date_joined: "2015-12-31 23:59:59" });
  change("user", 1, { age: null });
  change("user", 2, { age: "51", date_joined: "2021-06-01 12:00:00" });
  change("user", 3, {
    first_name: "Mary Ann",
    last_name: "Smith",
    age: "30",
    date_joined: "2016-02-29 08:00:00",
  });
  change("user", 4, {
    first_name: "Mary",
    last_name: "Ann Smith",
    age: "30",
    date_joined: "2016-02-29 08:00:00",
  });
  change("user", 5, { date_joined: null });
  rows.geo.splice(6, 1); // a post that was posted from nowhere
  rows.user.splice(7, 1); // and one by nobody
  return rows;
}

function writeCsv(directory: string, rows: Source): void {
  const field = (value: string | null | undefined) =>
    value === null || value === undefined
      ? "\\N"
      : /[",\r\n]/.test(value)
        ? `"${value.replaceAll('"', '""')}"`
        : value;
  for (const kind of kinds) {
    const names = tables[kind].columns.map(({ name }) => name);
    const lines = rows[kind].map((row) => names.map((name) => field(row[name])).join(","));
    writeFileSync(
      path.join(directory, `${tables[kind].name}.csv`),
      [names.join(","), ...lines].join("\r\n") + "\r\n",
    );
  }
}

interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `npm start` as a user in another time zone and with another language does. */
function start(...args: string[]): {
  process: ChildProcess;
  ended: Promise<Ended>;
  output: () => string;
} {
  const child = spawn(process.execPath, ["--import", "tsx", entry, ...args], {
    env: { ...process.env, TZ: "America/St_Johns", LANG: "tr_TR.UTF-8", LC_ALL: "tr_TR.UTF-8" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const gather = (chunk: Buffer) => {
    output += chunk.toString("utf8");
  };
  child.stdout.on("data", gather);
  child.stderr.on("data", gather);
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, output }));
  return { process: child, ended, output: () => output };
}

/** Processes that have this run's folder in their command line. */
function leftovers(): string[] {
  try {
    return execFileSync("pgrep", ["-af", runDirectory], { encoding: "utf8" }).trim().split("\n");
  } catch {
    return [];
  }
}

describe("npm start", () => {
  const directory = mkdtempSync(path.join(tmpdir(), "pinterest-end-to-end-"));
  const out = path.join(directory, "out");
  after(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  it("refuses a source that cannot be loaded whole, before anything is started", async () => {
    const { code, output } = await start("--source", directory, "--out", out).ended;
    assert.equal(code, 1);
    assert.match(output, /pinterest_data\.csv/);
    assert.ok(!output.includes("deploying"));
    assert.deepEqual(leftovers(), []);
  }).timeout(minutes);

  it("fails naming the service that is killed in the middle of the run, and leaves nothing running", async () => {
    const run = start("--rows", "200000", "--no-airflow", "--out", out);
    const bound = Date.now() + 10 * minutes;
    while (!run.output().includes("posting them")) {
      assert.equal(run.process.exitCode, null, run.output());
      assert.ok(Date.now() < bound, run.output());
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    const [kafka] = execFileSync("pgrep", ["-f", "kafka\\.Kafka"], { encoding: "utf8" }).split(
      "\n",
    );
    process.kill(Number(kafka), "SIGKILL");
    const { code, output } = await run.ended;
    assert.equal(code, 1, output);
    assert.match(output, /kafka was ended by SIGKILL/);
    assert.ok(!output.includes("aws:mwaa/environment"), "it was told to leave Airflow out");
    assert.deepEqual(leftovers(), []);
    assert.ok(!existsSync(path.join(out, "results.json")));
  }).timeout(15 * minutes);

  it("takes a source through every part, and answers as plain computation does", async () => {
    const rows = source();
    writeCsv(directory, rows);
    const { code, output } = await start("--source", directory, "--out", out).ended;
    assert.equal(code, 0, output);
    const read = (file: string): unknown => JSON.parse(readFileSync(path.join(out, file), "utf8"));
    assert.deepEqual(read("results.json"), expectedResults(rows));
    const record = read("run.json") as RunRecord;
    for (const kind of kinds) {
      const { objects, ...counts } = record.batch[kind];
      const all = rows[kind].length;
      assert.deepEqual(counts, {
        read: all,
        accepted: all,
        inTopic: all,
        inS3: all,
        cleaned: all,
        duplicates: 0,
        quarantined: 0,
      });
      assert.ok(objects >= 1 && objects < 30, `${objects} objects`);
      const { latencyMs, ...streamed } = record.stream[kind];
      assert.deepEqual(streamed, {
        read: all,
        accepted: all,
        inTable: all,
        duplicates: 0,
        quarantined: 0,
      });
      const { p50, p99 } = latencyMs;
      assert.ok(p50 !== null && p99 !== null && p50 > 0 && p50 <= p99, `${p50} and ${p99} ms`);
    }
    const { project, config } = readStackConfig("local");
    const { seconds, job, ...daily } = record.daily ?? assert.fail("Airflow was left out");
    assert.deepEqual(daily, {
      dag: `${config[`${project}:userId`]}_dag`,
      state: "success",
      airflow: defaultAirflowVersion,
    });
    assert.ok(seconds > 0 && job > 0);
    assert.ok(
      record.peakMemoryMiB > 500 && record.peakMemoryMiB < 5 * 1024,
      `${record.peakMemoryMiB} MiB`,
    );
    assert.ok(record.declaredOnly.includes("aws:ec2/vpc:Vpc"));
    assert.ok(!record.declaredOnly.includes("aws:mskconnect/connector:Connector"));
    assert.ok(!record.declaredOnly.includes("aws:mwaa/environment:Environment"));
    assert.match(readFileSync(path.join(out, "report.html"), "utf8"), /Every count agrees/);
    assert.deepEqual(leftovers(), []);
  }).timeout(10 * minutes);
});
