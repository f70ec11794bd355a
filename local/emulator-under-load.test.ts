/** The emulator's command against MariaDB and an API that fails in every way, killed and interrupted in the middle. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnection } from "mysql2/promise";
import { generate, kinds, load, type Database } from "../emulator";
import { emulateArguments } from "../emulator/own-process";
import { spawnEmulator, type EmulatorProcess } from "../emulator/testing/command";
import {
  answerEach,
  startApi,
  takeAll,
  type Behaviour,
  type TestApi,
} from "../emulator/testing/ingest-api";
import { keysAt, placeOf } from "../emulator/testing/posting";
import { startSourceDatabase, type SourceDatabase } from "./testing/source-database";

const rows = 3_000;
const posts = [...generate({ rows, seed: 17 })];
const allKeys = posts.map(({ key }) => key);
const paths = ["batch", "stream"] as const;

/** Ways in which an API lets a request down; those that take it first leave its sender in doubt. */
const faults: readonly Behaviour[] = [
  (_, response) => {
    response.writeHead(429).end();
  },
  (_, response) => {
    response.writeHead(502).end("Bad Gateway");
  },
  (_, response, take) => {
    take();
    response.writeHead(503).end();
  },
  (request, response, take) => {
    take(request.records.filter((_record, position) => position % 2 === 0));
    const code = request.path === "batch" ? 50003 : "ProvisionedThroughputExceededException";
    answerEach(request, response, (_record, position) => (position % 2 === 0 ? null : code));
  },
  (_, response, take) => {
    take();
    response.destroy();
  },
  (_, _response, take) => {
    take(); // and never an answer
  },
  (_, response, take) => {
    take();
    response.writeHead(200, { "Content-Length": 1_000 }).write('{"offsets":[');
  },
];

/** Runs a command in a terminal, which it takes away once its own input ends. */
const inTerminal = `
import os, pty, select, sys
process, terminal = pty.fork()
if process == 0:
    os.execv(sys.argv[1], sys.argv[1:])
while 0 not in select.select([0, terminal], [], [])[0]:
    os.read(terminal, 65536)
os.close(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
`;

describe("the emulator's command under load", function () {
  this.timeout(300_000);
  let directory: string;
  let source: SourceDatabase | undefined;
  let database: Database;
  let api: TestApi;
  const started: EmulatorProcess[] = [];

  before(async () => {
    source = await startSourceDatabase(posts);
    ({ directory, database } = source);
  });

  after(() => source?.close());

  afterEach(async () => {
    for (const { child, ended } of started.splice(0)) {
      child.kill("SIGKILL");
      await ended();
    }
    await api.close();
  });

  let states = 0;

  /** The command with a journal and a dead-letter file of its own. */
  function replay(...options: readonly string[]) {
    states++;
    const letters = path.join(directory, `${states}.jsonl`);
    const journal = path.join(directory, `${states}.journal`);
    const state = ["--journal", journal, "--dead-letters", letters];
    const start = (source: Database, ...more: readonly string[]) => {
      const emulator = spawnEmulator(source, "--api", api.url, ...state, ...options, ...more);
      started.push(emulator);
      return emulator;
    };
    return {
      options: [...state, ...options],
      letters,
      journal,
      begin: (source = database) => start(source),
      resume: (source = database) => start(source, "--resume"),
    };
  }

  /** Waits until that many requests have arrived, or the emulator has ended. */
  async function untilRequests(count: number, { child }: EmulatorProcess): Promise<void> {
    while (api.requests.length < count && child.exitCode === null) await sleep(1);
    assert.equal(child.exitCode, null, "it ended before it was to be interrupted");
  }

  function assertEachAtLeastOnce(): void {
    for (const at of paths)
      for (const kind of kinds) {
        const keys = new Set(keysAt(api, at, kind));
        assert.deepEqual(
          [...keys].sort((one, other) => one - other),
          allKeys,
          placeOf(at, kind),
        );
      }
  }

  function assertEachOnce(): void {
    for (const at of paths)
      for (const kind of kinds)
        assert.deepEqual(
          keysAt(api, at, kind).sort((one, other) => one - other),
          allKeys,
          placeOf(at, kind),
        );
  }

  function connect({ host, port = 0, user, password = "", database: name = "" }: Database) {
    return createConnection({ host, port, user, password, database: name });
  }

  it("loses no row to any fault, however often it is killed, and counts what may have come twice", async () => {
    api = await startApi(async (request, response, take) => {
      await sleep(5);
      const fault =
        request.number % 4 === 0 ? faults[(request.number / 4) % faults.length] : undefined;
      await (fault ?? takeAll)(request, response, take);
    });
    const { begin, resume } = replay(
      ...["--target", "both", "--batch-records", "50", "--timeout", "0.2", "--attempts", "30"],
    );
    for (let kill = 0; kill < 4; kill++) {
      const emulator = (kill === 0 ? begin : resume)();
      await untilRequests(api.requests.length + 5 + 5 * kill, emulator);
      emulator.child.kill("SIGKILL");
      await emulator.ended();
    }
    const { code, printed } = await resume().ended();
    assert.equal(code, 0, printed);
    assertEachAtLeastOnce();
    for (const at of paths) {
      const [, told = "0", before = "0"] =
        new RegExp(
          `^${at}: up to (\\d+) possible duplicates.*\\((\\d+) of them in the runs before`,
          "m",
        ).exec(printed) ?? [];
      const arrived = kinds.reduce((sum, kind) => sum + keysAt(api, at, kind).length, 0);
      const twice = arrived - kinds.length * rows;
      assert.ok(twice > 0, "the faults have made duplicates");
      assert.ok(Number(told) >= twice, `${at}: ${told} told, ${twice} arrived twice`);
      assert.ok(Number(before) > 0, printed);
    }
  });

  it("goes on from whatever moment it is killed at, before its first request too", async () => {
    api = await startApi(takeAll);
    const { begin, resume, journal } = replay(
      ...["--target", "both", "--batch-records", "100", "--rate", "3000"],
    );
    // Before it has made its journal there is nothing to go on with.
    const next = () => (existsSync(journal) ? resume() : begin());
    let emulator = next();
    for (let kill = 0; kill < 6; kill++) {
      await sleep(500 + 173 * kill);
      emulator.child.kill("SIGKILL");
      await emulator.ended();
      emulator = next();
    }
    const { code, printed } = await emulator.ended();
    assert.equal(code, 0, printed);
    assertEachAtLeastOnce();
  });

  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    it(`drains on ${signal} though the API fails, so that a resumed replay sends no row a second time`, async () => {
      api = await startApi(async (request, response, take) => {
        await sleep(10);
        if (request.number % 5 === 0) response.writeHead(429).end();
        else await takeAll(request, response, take);
      });
      const { begin, resume } = replay("--target", "both", "--batch-records", "50");
      const emulator = begin();
      await untilRequests(20, emulator);
      emulator.child.kill(signal);
      const interrupted = await emulator.ended();
      assert.equal(interrupted.code, 130, interrupted.printed);
      const posted = keysAt(api, "batch", "pin").length;
      assert.ok(posted > 0 && posted < rows, `${posted} posts`);
      assert.match(
        interrupted.printed,
        new RegExp(`^stream +user_data +${posted} +${posted} `, "m"),
      );
      const { code, printed } = await resume().ended();
      assert.equal(code, 0, printed);
      assertEachOnce();
      assert.doesNotMatch(printed, /possible duplicates/);
    });

  it("drains though its terminal is gone, to which it shows its progress", async () => {
    api = await startApi(async (request, response, take) => {
      await sleep(10);
      await takeAll(request, response, take);
    });
    const { options, resume } = replay("--target", "both", "--batch-records", "50");
    const terminal = spawn(
      "python3",
      [
        ...["-c", inTerminal, process.execPath],
        ...emulateArguments(database, ["--user-id", "0ea7", "--api", api.url, ...options]),
      ],
      {
        env: { ...process.env, DATABASE_PASSWORD: database.password, API_KEY: "the-key" },
        stdio: ["pipe", "ignore", "inherit"],
      },
    );
    const ended = once(terminal, "close");
    while (api.requests.length < 20 && terminal.exitCode === null) await sleep(1);
    terminal.stdin.end();
    await ended; // with no code to go by: Node.js aborts at its very end where it cannot reset the terminal
    const posted = keysAt(api, "batch", "pin").length;
    assert.ok(posted > 0 && posted < rows, `${posted} posts`);
    const { code, printed } = await resume().ended();
    assert.equal(code, 0, printed);
    assertEachOnce();
  });

  it("ends at once on a second Ctrl-C, not on a terminal's end after it, and can be resumed", async () => {
    let answers = false;
    api = await startApi((request, response, take) =>
      answers ? takeAll(request, response, take) : undefined,
    );
    const { begin, resume } = replay("--target", "both");
    const emulator = begin();
    await untilRequests(4, emulator);
    emulator.child.kill("SIGINT");
    await sleep(100);
    emulator.child.kill("SIGHUP");
    await sleep(300);
    assert.equal(emulator.child.exitCode, null, "it still waits for its answers");
    emulator.child.kill("SIGINT");
    assert.equal((await emulator.ended()).code, 130);
    answers = true;
    const { code, printed } = await resume().ended();
    assert.equal(code, 0, printed);
    assertEachAtLeastOnce();
    assert.match(printed, /^batch: up to \d+ possible duplicates/m);
  });

  it("refuses to share its journal with another, and leaves it to the next once it is killed", async () => {
    api = await startApi((request, response, take) =>
      request.number < 4 ? undefined : takeAll(request, response, take),
    );
    const { begin, resume } = replay("--target", "both");
    const emulator = begin();
    await untilRequests(4, emulator);
    for (const start of [begin, resume]) assert.equal((await start().ended()).code, 2);
    emulator.child.kill("SIGKILL");
    await emulator.ended();
    const { code, printed } = await resume().ended();
    assert.equal(code, 0, printed);
    assertEachAtLeastOnce();
  });

  it("tells to resume where the API is given up, and delivers the rest once it is back", async () => {
    let isBack = false;
    api = await startApi((request, response, take) => {
      if (request.number < 30 || isBack) return takeAll(request, response, take);
      response.writeHead(503).end("down for maintenance");
    });
    const { begin, resume } = replay(
      "--target",
      "both",
      "--batch-records",
      "25",
      "--attempts",
      "2",
    );
    const down = await begin().ended();
    assert.equal(down.code, 1, down.printed);
    assert.match(down.printed, /ended early: the API answered 503/);
    assert.match(down.printed, /the same command with --resume/);
    isBack = true;
    const { code, printed } = await resume().ended();
    assert.equal(code, 0, printed);
    assertEachAtLeastOnce();
  });

  it("delivers what it has read where the database goes away, and the rest once it is back", async () => {
    api = await startApi(takeAll);
    const { begin, resume } = replay("--target", "both", "--rate", "600");
    const connection = await connect(database);
    const emulator = begin();
    await untilRequests(6, emulator);
    const [found] = await connection.query(
      "SELECT id FROM information_schema.processlist WHERE id <> CONNECTION_ID() AND user = ?",
      [database.user],
    );
    for (const { id } of found as { id: number }[]) await connection.query(`KILL ${id}`);
    await connection.end();
    const { code, printed } = await emulator.ended();
    assert.equal(code, 1, printed);
    assert.match(printed, /the same command with --resume/);
    const resumed = await resume().ended();
    assert.equal(resumed.code, 0, resumed.printed);
    assertEachOnce();
  });

  it("puts a record over the limit and a row that JSON cannot hold into the dead-letter file, with exit code 3", async () => {
    api = await startApi(takeAll);
    const other = { ...database, database: "undeliverable" };
    const some = posts.slice(0, 20);
    const [first, ...rest] = some;
    const pin = first?.rows.pin?.with(3, "x".repeat(1_100_000));
    assert.ok(first && pin);
    await load([{ key: first.key, rows: { ...first.rows, pin } }, ...rest], other);
    const connection = await connect(other);
    // What is no text comes from the driver as bytes.
    await connection.query("ALTER TABLE user_data MODIFY first_name BLOB");
    await connection.end();
    const { begin, letters } = replay("--target", "stream");
    const { code, printed } = await begin(other).ended();
    assert.equal(code, 3, printed);
    assert.match(printed, /^21 rows can never be delivered: /m);
    const found = (await readFile(letters, "utf8"))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { table: string; key: number; reason: string });
    assert.deepEqual(
      found.filter(({ table }) => table === "pinterest_data").map(({ key }) => key),
      [first.key],
    );
    for (const { table, reason } of found)
      assert.match(
        reason,
        table === "pinterest_data"
          ? /larger than the 1048576 bytes/
          : /first_name of user_data cannot be/,
      );
    assert.deepEqual(
      kinds.map((kind) => keysAt(api, "stream", kind).length),
      [19, 20, 0],
    );
  });
});
