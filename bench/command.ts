/** `npm run bench`: measures one benchmark, prints the figures, and stops all that it started, however it ends. */
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { readOptions, UsageError, wholeNumber } from "../emulator/command-line";
import { Processes } from "../local/processes";
import { installToolchain, type Toolchain } from "../local/toolchain";
import type { Bench } from "./bench";
import { measure, median, reaches, type Result } from "./measurement";

const defaultRuns = 5;

export interface BenchCommand {
  readonly benches: readonly Bench[];
  /** Takes each line that is printed. */
  readonly say: (line: string) => void;
  /** Ends the measuring when it aborts. */
  readonly signal: AbortSignal;
  /** Default: the repository's own, installed where it is missing. */
  readonly toolchain?: () => Promise<Toolchain>;
}

/**
 * Runs the command with its arguments, the benchmark's name first.
 *
 * @returns the exit code.
 * @throws UsageError if called wrongly; what a side throws; the signal's reason if it aborts.
 */
export async function benchCommand(
  args: readonly string[],
  command: BenchCommand,
): Promise<number> {
  const { benches, say, signal } = command;
  const [name, ...rest] = args[0]?.startsWith("-") === false ? args : ["", ...args];
  const options = readOptions(
    { json: "string", runs: "string", rows: "string", help: "boolean" },
    rest,
  );
  if (options.help) {
    say(help(benches));
    return 0;
  }
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) {
    const known = benches.map((candidate) => candidate.name).join(", ");
    throw new UsageError(
      `${name ? `there is no benchmark ${JSON.stringify(name)}` : "name a benchmark"}; there are ${known}`,
    );
  }
  if (options.rows !== undefined && bench.rows === undefined)
    throw new UsageError(`--rows: ${bench.name} has no rows`);
  const runs =
    options.runs === undefined ? defaultRuns : wholeNumber("runs", options.runs, { least: 1 });
  const rows =
    options.rows === undefined
      ? (bench.rows ?? 0)
      : wholeNumber("rows", options.rows, { least: 1 });
  // Before the minutes that a measurement takes.
  if (options.json !== undefined && !existsSync(path.dirname(options.json)))
    throw new UsageError(`--json: there is no folder ${path.dirname(options.json)}`);
  const result = await measured(bench, { ...command, runs, rows });
  signal.throwIfAborted();
  for (const line of summary(bench, result)) say(line);
  if (options.json !== undefined)
    await writeFile(options.json, JSON.stringify(result, undefined, 2) + "\n");
  return 0;
}

interface Measuring extends BenchCommand {
  readonly runs: number;
  readonly rows: number;
}

async function measured(bench: Bench, measuring: Measuring): Promise<Result> {
  const { say, signal, runs, rows } = measuring;
  const toolchain = await (
    measuring.toolchain ?? (() => installToolchain({ onProgress: say, signal }))
  )();
  const directory = await mkdtemp(path.join(tmpdir(), `bench-${bench.name}-`));
  const processes = await Processes.open(directory);
  const machine = { directory, toolchain, processes, services: {}, routes: new Map() };
  const work = async () => {
    signal.throwIfAborted();
    const measures = await bench.open({ machine, rows, say });
    try {
      return await measure(bench, measures, {
        runs,
        onFigure: (side, figure, run) => {
          signal.throwIfAborted();
          say(
            `  ${run === "warm-up" ? run : `run ${run}`}: ${side}: ${rounded(figure)} ${bench.unit}`,
          );
        },
      });
    } finally {
      await measures.close?.();
    }
  };
  try {
    return await processes.guard(work(), signal);
  } finally {
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

function summary(bench: Bench, { ratio, sides }: Result): string[] {
  const lines = Object.entries(sides).map(([side, figures]) => {
    const spread = `${rounded(Math.min(...figures))}–${rounded(Math.max(...figures))}`;
    return `${side}: median ${rounded(median(figures))} ${bench.unit} (${spread}, ${figures.length} runs)`;
  });
  const verdict = reaches(bench, ratio) ? "reached" : "not reached";
  return [...lines, `${bench.name}: ratio ${rounded(ratio)}, to reach ${goal(bench)}: ${verdict}`];
}

function goal({ goal }: Bench): string {
  return "atLeast" in goal ? `at least ${goal.atLeast}` : `at most ${goal.atMost}`;
}

/** Four digits, more before the point. */
function rounded(figure: number): string {
  return Math.abs(figure) >= 1_000
    ? String(Math.round(figure))
    : String(Number(figure.toPrecision(4)));
}

function help(benches: readonly Bench[]): string {
  const described = benches.map(
    (bench) =>
      `  ${bench.name}: ${bench.measures}; ${bench.unit},\n` +
      `    ${bench.sides.join(" / ")}, to reach ${goal(bench)}` +
      (bench.rows === undefined ? "" : `; ${bench.rows} rows`),
  );
  return `Usage: npm run bench -- <name> [options]

Measures both sides of a benchmark on this machine, in turns, the short ones after a warm-up, and
prints the median and the spread (least to most) of each, and the ratio: the first side's median
over the second's.

${described.join("\n")}

  --runs N      how often each side is measured (default: ${defaultRuns})
  --rows N      another size of the work
  --json FILE   also writes {"name", "ratio", "sides": {side: [figures]}}
  --help        this text

Exit code: 0 if both sides were measured, 1 if one failed, 2 if called wrongly, 130 after Ctrl-C.`;
}
