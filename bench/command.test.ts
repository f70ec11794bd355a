import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { UsageError } from "../emulator/command-line";
import type { Toolchain } from "../local/toolchain";
import type { Bench, Surroundings } from "./bench";
import { benchCommand } from "./command";

/** A benchmark whose sides take no processes, with the figures that it is given for each. */
function benchOf(figures: Record<string, readonly number[]>, more: Partial<Bench> = {}) {
  const measured: string[] = [];
  const closed: string[] = [];
  const surroundings: Surroundings[] = [];
  const bench: Bench = {
    name: "walk",
    sides: ["ours", "theirs"],
    measures: "the way there",
    unit: "seconds",
    goal: { atMost: 2 },
    open: (given) => {
      surroundings.push(given);
      return Promise.resolve({
        measure: (side) => {
          const turn = measured.filter((earlier) => earlier === side).length;
          measured.push(side);
          const figure = figures[side]?.[turn];
          return figure === undefined
            ? Promise.reject(new Error(`${side} fell`))
            : Promise.resolve(figure);
        },
        close: () => {
          closed.push("closed");
          return Promise.resolve();
        },
      });
    },
    ...more,
  };
  return { bench, measured, closed, surroundings };
}

describe("npm run bench", () => {
  let directory: string;
  let said: string[];

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "bench-command-"));
    said = [];
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  function run(bench: Bench, args: readonly string[], signal = new AbortController().signal) {
    return benchCommand(args, {
      benches: [bench, { ...bench, name: "swim" }],
      say: (line) => said.push(line),
      signal,
      // No benchmark here uses what is installed.
      toolchain: () => Promise.resolve({} as Toolchain),
    });
  }

  it("measures the sides in turns, five times after a warm-up", async () => {
    const six = [9, 1, 2, 3, 4, 5];
    const { bench, measured } = benchOf({ ours: six, theirs: six });
    assert.equal(await run(bench, ["walk"]), 0);
    assert.deepEqual(measured, Array.from({ length: 6 }, () => ["ours", "theirs"]).flat());
  });

  it("measures no side for nothing where the benchmark says so", async () => {
    const { bench, measured } = benchOf({ ours: [1], theirs: [2] }, { warmUp: false });
    assert.equal(await run(bench, ["walk", "--runs", "1"]), 0);
    assert.deepEqual(measured, ["ours", "theirs"]);
    assert.ok(said.some((line) => line.includes("ratio 0.5")));
  });

  it("writes the figures without the warm-up, and the ratio of the medians, first side over second", async () => {
    const { bench } = benchOf({ ours: [100, 6, 90, 9], theirs: [100, 3, 1, 30] });
    const file = path.join(directory, "walk.json");
    await run(bench, ["walk", "--runs", "3", "--json", file]);
    assert.deepEqual(JSON.parse(await readFile(file, "utf8")), {
      name: "walk",
      ratio: 3,
      sides: { ours: [6, 90, 9], theirs: [3, 1, 30] },
    });
  });

  it("prints each side's median and spread, and whether the goal is reached", async () => {
    const figures = { ours: [0, 6, 8], theirs: [0, 4, 3] };
    await run(benchOf(figures).bench, ["walk", "--runs", "2"]);
    assert.deepEqual(said.slice(-3), [
      "ours: median 7 seconds (6–8, 2 runs)",
      "theirs: median 3.5 seconds (3–4, 2 runs)",
      "walk: ratio 2, to reach at most 2: reached",
    ]);
    await run(benchOf(figures, { goal: { atLeast: 3 } }).bench, ["walk", "--runs", "2"]);
    assert.equal(said.at(-1), "walk: ratio 2, to reach at least 3: not reached");
  });

  it("gives a benchmark its own rows, or those that it is told", async () => {
    for (const [args, expected] of [
      [[], 1_000],
      [["--rows", "7"], 7],
    ] as const) {
      const { bench, surroundings } = benchOf({ ours: [1, 1], theirs: [1, 1] }, { rows: 1_000 });
      await run(bench, ["walk", "--runs", "1", ...args]);
      assert.deepEqual(
        surroundings.map(({ rows }) => rows),
        [expected],
      );
    }
  });

  for (const [args, message] of [
    [["fly"], 'there is no benchmark "fly"; there are walk, swim'],
    [[], "name a benchmark; there are walk, swim"],
    [["walk", "--runs", "0"], '--runs must be a whole number of at least 1, not "0"'],
    [["walk", "--rows", "5"], "--rows: walk has no rows"],
    [["walk", "--json", "absent/walk.json"], "--json: there is no folder absent"],
  ] as const) {
    it(`refuses ${JSON.stringify(args)}`, async () => {
      const { bench, measured } = benchOf({});
      await assert.rejects(run(bench, args), (error: Error) => {
        assert.ok(error instanceof UsageError);
        assert.equal(error.message, message);
        return true;
      });
      assert.deepEqual(measured, []);
    });
  }

  it("lists the benchmarks with their sides and goals", async () => {
    assert.equal(await run(benchOf({}).bench, ["--help"]), 0);
    assert.match(
      said.join("\n"),
      /walk: the way there; seconds,\n {4}ours \/ theirs, to reach at most 2/,
    );
  });

  it("fails with a side that fails, closes the benchmark, stops what it started and wipes its folder", async () => {
    const { bench, closed } = benchOf({});
    let machine: Surroundings["machine"] | undefined;
    let pid: number | undefined;
    const starting: Bench = {
      ...bench,
      open: async (surroundings) => {
        ({ machine } = surroundings);
        ({ pid } = await machine.processes.start({
          name: "sleeper",
          command: "sleep",
          args: ["300"],
          healthy: () => Promise.resolve(true),
        }));
        return bench.open(surroundings);
      },
    };
    await assert.rejects(run(starting, ["walk"]), /^Error: ours fell$/);
    assert.deepEqual(closed, ["closed"]);
    assert.ok(machine && pid !== undefined);
    assert.equal(existsSync(machine.directory), false);
    assert.throws(() => process.kill(pid ?? 0, 0), { code: "ESRCH" });
  });

  it("ends with the reason of an abort, and leaves no folder", async () => {
    const interruption = new AbortController();
    const { bench, surroundings } = benchOf({});
    const waiting: Bench = {
      ...bench,
      open: async (given) => {
        const measures = await bench.open(given);
        return {
          ...measures,
          measure: () => {
            interruption.abort(new Error("enough"));
            return new Promise<number>(() => undefined);
          },
        };
      },
    };
    await assert.rejects(run(waiting, ["walk"], interruption.signal), /^Error: enough$/);
    assert.equal(existsSync(surroundings[0]?.machine.directory ?? ""), false);
  });
});
