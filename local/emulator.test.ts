import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import {
  checkSource,
  emulate,
  generate,
  kinds,
  tables,
  load,
  loadSource,
  SourceRefused,
} from "../emulator";
import type { Database, EmulateOptions, Kind, Post, Row } from "../emulator";
import { Journal } from "../emulator/journal";
import { spawnEmulator } from "../emulator/testing/command";
import { startApi, takeAll, type Behaviour, type TestApi } from "../emulator/testing/ingest-api";
import { writeSource } from "../emulator/source-files/write";
import { startSourceDatabase, type SourceDatabase } from "./testing/source-database";

const rows = 2_500;
/** Of 400 rows. */
const pages = 7;
const posts = [...generate({ rows, seed: 11 })];

/** The JSON of a generated row, as the API is to get it. */
function valueOf(kind: Kind, post: Post): unknown[] {
  return (post.rows[kind] ?? []).map((value) =>
    typeof value === "string"
      ? value.replace(/^(\d{4}-\d\d-\d\d) (?=\d\d:\d\d:\d\d(\.\d+)?$)/, "$1T")
      : value,
  );
}

describe("the emulator on MariaDB", function () {
  this.timeout(600_000);
  let directory: string;
  let source: SourceDatabase | undefined;
  let database: Database;
  let api: TestApi;

  before(async () => {
    source = await startSourceDatabase(posts);
    ({ directory, database } = source);
  });

  after(() => source?.close());

  beforeEach(async () => {
    api = await startApi(takeAll);
  });

  afterEach(() => api.close());

  function run(options: Partial<EmulateOptions<"batch">> = {}) {
    return emulate({
      source: database,
      paths: ["batch"],
      api: api.url,
      userId: "0ea7",
      ...options,
    });
  }

  async function statement(sql: string, of: Database = database): Promise<Row[]> {
    const { host, port, user, password, database: name } = of;
    const connection = await createConnection({
      host,
      user,
      dateStrings: true,
      rowsAsArray: true,
      ...(port !== undefined && { port }),
      ...(password !== undefined && { password }),
      ...(name !== undefined && { database: name }),
    });
    try {
      const [answer] = await connection.query(sql);
      return answer as unknown as Row[];
    } finally {
      await connection.end();
    }
  }

  /** The statements that read rows of the source tables while something runs. */
  async function readsDuring(action: () => Promise<unknown>): Promise<string[]> {
    await statement("SET GLOBAL log_output = 'TABLE'");
    await statement("TRUNCATE mysql.general_log");
    await statement("SET GLOBAL general_log = ON");
    await action();
    await statement("SET GLOBAL general_log = OFF");
    const log = await statement("SELECT CONVERT(argument USING utf8mb4) FROM mysql.general_log");
    return log.map(([sql]) => String(sql)).filter((sql) => /SELECT .*`(ind|index)`/.test(sql));
  }

  it("replays every row of every table once, with its values, over many pages", async () => {
    const summary = await run();
    for (const kind of kinds) {
      assert.deepEqual(summary.paths.batch.counts[kind], {
        read: rows,
        accepted: rows,
        retried: 0,
        possibleDuplicates: 0,
        failed: 0,
      });
      const taken = (api.taken.get(`0ea7.${kind}`) ?? []).toSorted(
        (a, b) => Number(a.key) - Number(b.key),
      );
      assert.deepEqual(
        taken.map(({ key, value }) => [key, Object.values(value)]),
        posts.map((post) => [post.key, valueOf(kind, post)]),
      );
    }
  });

  it("reads by keyset: no statement has an offset, and no more statements than pages", async () => {
    const reads = await readsDuring(run);
    assert.equal(reads.length, kinds.length * pages, reads.join("\n"));
    assert.equal(reads.filter((sql) => /WHERE `(ind|index)` > \d+ ORDER BY/.test(sql)).length, 18);
    assert.ok(!reads.some((sql) => /OFFSET|LIMIT \d+\s*,/i.test(sql)));
  });

  it("samples the same posts for the same seed, with replacement", async () => {
    const draw = async (seed: number) => {
      const from = await startApi(takeAll);
      const options = {
        mode: "sample",
        seed,
        rows: 3_000,
        api: from.url,
        requestsInFlight: 1,
      } as const;
      const summary = await run(options);
      await from.close();
      assert.equal(summary.paths.batch.counts.user.accepted, 3_000);
      return (from.taken.get("0ea7.user") ?? []).map(({ key }) => key);
    };
    const first = await draw(1);
    assert.deepEqual(await draw(1), first);
    assert.notDeepEqual(await draw(2), first);
    const distinct = new Set(first).size;
    // Of 2,500 posts, 3,000 draws meet 2,500 (1 - 1/e^1.2), about 1,747.
    assert.ok(distinct > 1_650 && distinct < 1_850, `${distinct} distinct posts`);
  });

  it("samples a post whose index is larger than an INT holds", async () => {
    const other = { ...database, database: "large" };
    const key = 5_000_000_000;
    await load([], other);
    await statement("ALTER TABLE user_data MODIFY ind BIGINT", other);
    await statement(`INSERT INTO user_data (ind) VALUES (${key})`, other);
    await run({ source: other, mode: "sample", rows: 2 });
    assert.deepEqual(
      api.taken.get("0ea7.user")?.map((record) => record.key),
      [key, key],
    );
  });

  let journals = 0;

  /** Files of a command's own, so that none takes up what another has left. */
  function state(): string[] {
    journals++;
    const file = (name: string) => path.join(directory, `${journals}.${name}`);
    return ["--journal", file("journal"), "--dead-letters", file("dead-letters.jsonl")];
  }

  /** Starts `npm run emulate` as a user does; `ended` answers its exit code and what it printed. */
  function command(...options: readonly string[]) {
    return spawnEmulator(database, ...state(), ...options);
  }

  it("ends on Ctrl-C with a summary: what was read has arrived", async () => {
    const { child, ended } = command("--api", api.url, "--rate", "50");
    while (api.requests.length < 6) await sleep(50);
    child.kill("SIGINT");
    const { code, printed } = await ended();
    assert.equal(code, 130, printed);
    const posted = api.taken.get("0ea7.pin")?.length ?? 0;
    assert.match(
      printed,
      new RegExp(`^batch +pinterest_data +${posted} +${posted} +0 +0 +0$`, "m"),
    );
    assert.match(printed, /ended early: interrupted/);
    assert.match(printed, /the same command with --resume/);
    assert.equal(api.requests[0]?.headers["x-api-key"], "the-key");
  });

  it("delivers every row, however often it is killed and resumed", async () => {
    const slow = await startApi(async (request, response, take) => {
      // One path falls behind, so that the last run has rows of the other to leave out.
      await sleep(request.path === "stream" ? 30 : 15);
      await takeAll(request, response, take);
    });
    const journal = path.join(directory, "killed.journal");
    const call = (...options: readonly string[]) =>
      spawnEmulator(
        database,
        ...["--api", slow.url, "--target", "both", "--batch-records", "20"],
        ...["--journal", journal, ...options],
      );
    try {
      for (let kill = 0; kill < 6; kill++) {
        const seen = slow.requests.length;
        const { child, ended } = call(...(kill === 0 ? [] : ["--resume"]));
        while (slow.requests.length < seen + 10 + 7 * kill && child.exitCode === null)
          await sleep(1);
        child.kill("SIGKILL");
        await ended();
      }
      const { code, printed } = await call("--resume").ended();
      assert.equal(code, 0, printed);
      assert.match(printed, /\d+ of the rows read were left out: an earlier run has settled them/);
      const all = posts.map(({ key }) => key);
      for (const place of kinds.flatMap((kind) => [`0ea7.${kind}`, `streaming-0ea7-${kind}`])) {
        const keys = (slow.taken.get(place) ?? []).map(({ key }) => Number(key));
        assert.deepEqual(
          [...new Set(keys)].sort((one, other) => one - other),
          all,
          place,
        );
        // Of each run that was killed, what was on its way comes again, and no more.
        assert.ok(keys.length - rows <= 6 * 6 * 20, `${place}: ${keys.length} of ${rows}`);
      }
      const again = await call("--resume").ended();
      assert.equal(again.code, 0, again.printed);
      assert.match(again.printed, /^0 posts in /m);
      const other = await call("--resume", "--rows", "5").ended();
      assert.equal(other.code, 2, "a journal is good for no other replay");
    } finally {
      await slow.close();
    }
  });

  it("tells of a resumed replay how far it is of what is left to read", async () => {
    const file = path.join(directory, "progress.journal");
    const ends = new AbortController();
    const first = Journal.begin(file, {});
    const ending = await startApi((request, response, take) => {
      if (request.number === 20) ends.abort();
      return takeAll(request, response, take);
    });
    const options = { api: ending.url, batchRecords: 100, requestsInFlight: 1 };
    const interrupted = await run({ ...options, journal: first, signal: ends.signal });
    first.close();
    await ending.close();
    assert.equal(interrupted.interrupted, true);
    const second = Journal.resume(file, {});
    let told: unknown;
    await run({
      journal: second,
      onProgress: ({ posts: done, total }) => (told = { done, total }),
    });
    second.close();
    const left = rows - interrupted.posts;
    assert.ok(left > 0 && left < rows, `${left} left`);
    assert.deepEqual(told, { done: left, total: left });
  });

  it("puts what can never be delivered into a file, delivers the rest, and ends with code 3", async () => {
    const [bad] = posts;
    const picky = await startApi((request, response, take) => {
      if (!request.records.some(({ key }) => Number(key) === bad?.key))
        return takeAll(request, response, take);
      response.writeHead(422).end("unprocessable");
    });
    const letters = path.join(directory, "letters.jsonl");
    try {
      const { code, printed } = await spawnEmulator(
        database,
        ...["--api", picky.url, "--journal", path.join(directory, "picky.journal")],
        ...["--dead-letters", letters],
      ).ended();
      assert.equal(code, 3, printed);
      for (const kind of kinds) assert.equal(picky.taken.get(`0ea7.${kind}`)?.length, rows - 1);
      const lines = (await readFile(letters, "utf8")).trimEnd().split("\n");
      const found = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
      assert.deepEqual(
        found.map(({ table }) => table).toSorted(),
        kinds.map((kind) => tables[kind].name).toSorted(),
      );
      for (const { key, reason } of found) {
        assert.equal(key, bad?.key);
        assert.match(String(reason), /422/);
      }
      const pin = found.find(({ table }) => table === tables.pin.name)?.["row"];
      assert.deepEqual(Object.values(pin ?? {}), bad && valueOf("pin", bad));
    } finally {
      await picky.close();
    }
  });

  it("posts each row on both paths, from one reading of MySQL", async () => {
    let outcome = { code: null as number | null, printed: "" };
    const reads = await readsDuring(async () => {
      outcome = await command("--api", api.url, "--target", "both").ended();
    });
    const { code, printed } = outcome;
    assert.equal(code, 0, printed);
    assert.equal(reads.length, kinds.length * pages, reads.join("\n"));
    for (const kind of kinds) {
      const values = (place: string) =>
        (api.taken.get(place) ?? [])
          .toSorted((a, b) => Number(a.key) - Number(b.key))
          .map(({ value }) => value);
      assert.equal(values(`0ea7.${kind}`).length, rows);
      assert.deepEqual(values(`streaming-0ea7-${kind}`), values(`0ea7.${kind}`));
    }
    const counts = `${rows} +${rows} +0 +0 +0$`;
    assert.match(printed, new RegExp(`^batch +geolocation_data +${counts}`, "m"));
    assert.match(printed, new RegExp(`^stream +geolocation_data +${counts}`, "m"));
  });

  it("ends with code 1 where one of both paths fails, and delivers everything on the other", async () => {
    const noStreams: Behaviour = (request, response, take) => {
      if (request.path === "batch") return takeAll(request, response, take);
      response.writeHead(403).end('{"message":"Forbidden"}');
    };
    const half = await startApi(noStreams);
    try {
      const { ended } = command("--api", half.url, "--target", "both");
      const { code, printed } = await ended();
      assert.equal(code, 1, printed);
      assert.match(printed, /^stream ended early: the API answered 403/m);
      for (const kind of kinds) assert.equal(half.taken.get(`0ea7.${kind}`)?.length, rows);
      assert.deepEqual(
        [...half.taken.keys()].filter((place) => place.startsWith("streaming")),
        [],
      );
    } finally {
      await half.close();
    }
  });

  it("posts what there is of a post that a table lacks", async () => {
    const other = { ...database, database: "gaps" };
    await load(
      [
        { key: -5, rows: { pin: posts[0]?.rows.pin?.with(0, -5) ?? [] } },
        { key: 2147483647, rows: { user: [2147483647, null, null, null, null] } },
      ],
      other,
    );
    const summary = await run({ source: other });
    assert.deepEqual(
      kinds.map((kind) => summary.paths.batch.counts[kind].accepted),
      [1, 0, 1],
    );
    assert.equal(api.taken.get("0ea7.user")?.[0]?.key, 2147483647);
  });

  it("refuses a table in which a key stands twice, or is null", async () => {
    const other = { ...database, database: "faulty" };
    await load([], other);
    await statement("ALTER TABLE user_data DROP PRIMARY KEY, MODIFY ind INT NULL", other);
    await statement("INSERT INTO user_data (ind) VALUES (1), (1)", other);
    await assert.rejects(run({ source: other }), /user_data has several rows with ind 1/);
    await statement("UPDATE user_data SET ind = NULL", other);
    await assert.rejects(run({ source: other }), /user_data has a row whose ind is null/);
  });

  it("says what is missing where there is no such database", async () => {
    await assert.rejects(run({ source: { ...database, database: "nowhere" } }), /nowhere/);
  });

  it("refuses to load over existing tables, and changes nothing", async () => {
    await assert.rejects(load(posts.slice(0, 1), database), /already has .*pinterest_data/);
    assert.deepEqual(await statement("SELECT COUNT(*) FROM geolocation_data"), [[rows]]);
  });

  it("loads and posts every double, datetime and text of a CSV source exactly, whatever the time zone", async () => {
    const folder = path.join(directory, "exact");
    const doubles = [
      5e-324,
      -1.7976931348623157e308,
      0.1 + 0.2,
      1e21,
      123456789.123456789,
      -0.000001,
    ];
    const texts = [
      '"',
      "\\",
      "\\N\\",
      "'; --",
      "a\nb\r\nc",
      "\u0000\u001a",
      "😍é",
      "",
      " ",
      "%?",
      "x".repeat(100_000),
    ];
    const exact = [...doubles, ...texts].map((value, key): Post => {
      const double = typeof value === "number" ? value : null;
      const text = typeof value === "number" ? null : value;
      return {
        key,
        rows: {
          geo: [key, "2022-03-27 02:30:00.000001", double, null, text],
          user: [key, text, null, key % 2 ? null : key - 50, "0001-01-01 00:00:00"],
        },
      };
    });
    await writeSource(exact, folder);
    const other = { ...database, database: "exact" };
    const zone = process.env["TZ"];
    process.env["TZ"] = "Europe/Berlin";
    try {
      assert.deepEqual(await loadSource(folder, other), {
        pin: 0,
        geo: exact.length,
        user: exact.length,
      });
      await run({ source: other });
    } finally {
      if (zone === undefined) delete process.env["TZ"];
      else process.env["TZ"] = zone;
    }
    for (const kind of ["geo", "user"] as const)
      assert.deepEqual(
        api.taken
          .get(`0ea7.${kind}`)
          ?.map(({ value }) => Object.values(value))
          .toSorted(([a], [b]) => Number(a) - Number(b)),
        exact.map((post) => valueOf(kind, post)),
      );
  });

  it("loads nothing of a source with a fault", async () => {
    const folder = path.join(directory, "broken");
    await writeSource(posts.slice(0, 3), folder);
    await writeFile(path.join(folder, "user_data.csv"), "ind\n");
    const other = { ...database, database: "broken" };
    await assert.rejects(loadSource(folder, other), SourceRefused);
    await assert.rejects(checkSource(folder), SourceRefused);
    assert.deepEqual(await statement("SHOW DATABASES LIKE 'broken'"), []);
  });
});
