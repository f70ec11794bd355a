/** `npm start`: the whole pipeline on this machine, once; its results in a folder. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { readOptions, runCommand, UsageError, wholeNumber } from "../emulator/command-line";
import { kinds, originalRows } from "../emulator";
import { reportPage } from "./report";
import { run, runDirectory, type RunningPipeline, type RunOutcome } from "./run";

const help = `Usage: npm start -- [options]

Deploys the program onto this machine, sends a source's posts through it, and runs the batch job.

  --rows N       posts to generate (default: ${originalRows})
  --seed N       another seed makes other posts (default: 100)
  --source DIR   pinterest_data.csv, geolocation_data.csv and user_data.csv there, instead of generated posts:
                 header line, RFC 4180, UTF-8, \\N for null
  --out DIR      where results.json, run.json and report.html go (default: out)
  --no-airflow   run the batch job without Airflow, which is then not installed
  --keep         leave all running until Ctrl-C, and print the addresses and keys
  --help         this text

Exit code: 0 if every count agrees, 1 if not or if something failed, 2 if called wrongly, 130 after Ctrl-C.
`;

const outputFiles = ["results.json", "run.json", "report.html"] as const;

class Interrupted extends Error {
  override readonly message = "interrupted";
}

async function start(args: readonly string[]): Promise<number> {
  const options = readOptions(
    {
      rows: "string",
      seed: "string",
      source: "string",
      out: "string",
      keep: "boolean",
      "no-airflow": "boolean",
      help: "boolean",
    },
    args,
  );
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  if (options.source !== undefined && (options.rows !== undefined || options.seed !== undefined))
    throw new UsageError("--rows and --seed are of generated posts; they do not go with --source");
  if (options.source !== undefined && !existsSync(options.source))
    throw new UsageError(`--source: there is no folder ${options.source}`);
  const source =
    options.source !== undefined
      ? { directory: path.resolve(options.source) }
      : {
          rows: wholeNumber("rows", options.rows ?? String(originalRows), {
            least: 1,
            most: 10_000_000,
          }),
          seed: String(wholeNumber("seed", options.seed ?? "100")),
        };
  const out = path.resolve(options.out ?? "out");
  await prepare(out);

  const interruption = new AbortController();
  const interrupt = () => {
    interruption.abort(new Interrupted());
  };
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt).once("SIGHUP", interrupt);
  let outcome: RunOutcome | undefined;
  try {
    await run({
      source,
      airflow: !options["no-airflow"],
      say,
      signal: interruption.signal,
      finished: async (finished, running) => {
        await write(out, finished);
        outcome = finished;
        if (options.keep) await keep(running, interruption.signal);
      },
    });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    say("interrupted");
  }
  return outcome ? conclude(out, outcome) : 130;
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Takes away an earlier run's results, so that they are never taken for this one's. */
async function prepare(out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  for (const file of outputFiles) await rm(path.join(out, file), { force: true });
}

async function write(out: string, { record, results, faults }: RunOutcome): Promise<void> {
  const texts = {
    "results.json": JSON.stringify(results, undefined, 2) + "\n",
    "run.json": JSON.stringify(record, undefined, 2) + "\n",
    "report.html": reportPage(record, results, faults),
  } satisfies Record<(typeof outputFiles)[number], string>;
  for (const [file, text] of Object.entries(texts)) await writeFile(path.join(out, file), text);
}

async function keep(running: RunningPipeline, signal: AbortSignal): Promise<void> {
  say("everything is left running until Ctrl-C:");
  say(JSON.stringify(running, undefined, 2));
  say(`logs and notebooks: ${runDirectory}`);
  if (!signal.aborted) await once(signal, "abort");
}

function conclude(out: string, { record, faults }: RunOutcome): number {
  for (const kind of kinds) {
    const { latencyMs, ...stream } = record.stream[kind];
    say(`batch, ${kind}: ${listed(record.batch[kind])}`);
    say(
      `stream, ${kind}: ${listed({ ...stream, "p50 ms": latencyMs.p50, "p99 ms": latencyMs.p99 })}`,
    );
  }
  say(
    record.daily
      ? `daily: ${record.daily.dag} in Airflow ${record.daily.airflow}: ${record.daily.state}`
      : "daily: Airflow was left out",
  );
  const seconds = Object.values(record.phases).reduce((sum, phase) => sum + phase, 0);
  say(`${seconds.toFixed(0)} s, at most ${record.peakMemoryMiB} MiB; results are in ${out}`);
  if (faults.length === 0) {
    say("every count agrees");
    return 0;
  }
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stderr.write("start: the counts disagree\n");
  return 1;
}

function listed(counts: object): string {
  return Object.entries(counts as Record<string, number | null>)
    .map(([name, count]) => `${name} ${count ?? "-"}`)
    .join(", ");
}

// What was going on when a run is ended may have work left that would hold this process: nothing is left for it to do.
void runCommand("start", start).then(() => process.exit());
