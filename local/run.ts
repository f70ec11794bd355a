/**
 * One run of the pipeline on this machine: installs, deploys the program, loads the source, emulates, waits for the sink, runs
 * the batch job, reconciles, and stops everything, however it ends.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import {
  apiKeyAuthorization,
  checkSource,
  emulate,
  generate,
  isComplete,
  kinds,
  load,
  loadSource,
  type Database,
  type Kind,
  type RowCounts,
  type Summary,
} from "../emulator";
import { mapKinds } from "../emulator/schema";
import { ObjectCounter, readObject, recordsInTopic, untilStored } from "./counts";
import { deploy, type Deployment } from "./deploy";
import type { Machine, Services } from "./machine";
import { Phases } from "./phases";
import { Processes } from "./processes";
import { stopLeftovers } from "./processes/leftovers";
import { disagreements, type BatchCounts } from "./reconcile";
import { resultsSchema, type Results } from "./results";
import type { RunRecord } from "./run-record";
import { awsOf } from "./services/aws";
import { startDatabricks } from "./services/databricks";
import { runJob, type JobRun } from "./services/jobs";
import { installToolchain, type Toolchain } from "./toolchain";

/** Where the files of a run are; wiped at each start. */
export const runDirectory = path.join(__dirname, "..", ".local", "run");

/** Longer than the sink may take for what is left once all is posted. */
const sinkWithinSeconds = 180;

export interface RunOptions {
  /** A folder with the three CSV files, or what to generate. */
  readonly source:
    { readonly directory: string } | { readonly rows: number; readonly seed: string };
  /** Told what goes on, a line each. */
  readonly say: (line: string) => void;
  /** Told what the run brought while all still runs; everything is stopped once it returns. */
  readonly finished: (outcome: RunOutcome, services: Partial<Services>) => Promise<void>;
  /** Ends the run when it aborts. */
  readonly signal: AbortSignal;
}

/** What a run that came to its end brought. */
export interface RunOutcome {
  readonly record: RunRecord;
  readonly results: Results;
  /** Counts that disagree; none where nothing was lost. */
  readonly faults: readonly string[];
}

/**
 * @throws SourceRefused before anything is started, if the source's files cannot be loaded whole; Error if a service fails or
 *   ends, with its log; the signal's reason if it aborts.
 */
export async function run(options: RunOptions): Promise<void> {
  const { source, say, signal } = options;
  const phases = new Phases(say);
  if ("directory" in source) {
    await phases.run("check", `checking the source in ${source.directory}`, () =>
      checkSource(source.directory),
    );
  }
  const toolchain = await phases.run("install", "installing what is missing", () =>
    installToolchain({ onProgress: say }),
  );
  await stopLeftovers(runDirectory);
  await rm(runDirectory, { recursive: true, force: true });
  const processes = await Processes.open(runDirectory);
  const abort = () => {
    processes.abort(signal.reason as Error);
  };
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    await processes.guard(runOn(processes, toolchain, phases, options));
  } finally {
    say("stopping everything");
    signal.removeEventListener("abort", abort);
    await processes.stop();
  }
}

async function runOn(
  processes: Processes,
  toolchain: Toolchain,
  phases: Phases,
  options: RunOptions,
): Promise<void> {
  const { say } = options;
  const machine: Machine = {
    directory: runDirectory,
    toolchain,
    processes,
    services: {},
    routes: new Map(),
  };
  const deployment = await phases.run("deploy", "deploying the program onto this machine", () =>
    deployHere(machine, say),
  );
  const { outputs } = deployment;

  const inSource = await phases.run("load", "loading the source data into MySQL", () =>
    loadInto(here(machine, "mysql"), options.source),
  );
  say(`${inSource.pin} posts are in the source`);
  const summary = await phases.run("emulate", `posting them to ${outputs.invokeUrl}`, () =>
    post(machine, outputs, say),
  );
  const stored = await phases.run("sink", "waiting until the sink has written all", () =>
    waitForSink(machine, outputs, summary),
  );
  const job = await phases.run("job", `running the batch job ${outputs.batchJobId}`, () =>
    runJob(machine, outputs.batchJobId, {
      onTask: ({ key, state }) => {
        say(`  ${key}: ${state}`);
      },
    }),
  );
  const { batch, results } = await phases.run("reconcile", "reconciling", async () => ({
    batch: await countBatch(machine, outputs, summary, stored, job),
    results: await readResults(here(machine, "aws"), outputs.bucketName),
  }));
  const record: RunRecord = {
    batch,
    phases: phases.seconds,
    peakMemoryMiB: await processes.peakMemoryMiB(),
    declaredOnly: deployment.declaredOnly,
  };
  await options.finished(
    { record, results, faults: disagreements(inSource, batch) },
    machine.services,
  );
}

async function deployHere(machine: Machine, say: (line: string) => void): Promise<Deployment> {
  // The cloud and the workspace are there before a program is deployed to them.
  await awsOf(machine);
  await startDatabricks(machine);
  return deploy(machine, {
    onMade: ({ name, type, here }) => {
      if (here) say(`  ${name} (${type})`);
    },
  });
}

/** A service that the deployment must have started. */
function here<K extends keyof Services>(machine: Machine, name: K): Services[K] {
  const service: Services[K] | undefined = machine.services[name];
  if (!service) throw new Error(`the program declares nothing that starts ${name}`);
  return service;
}

function loadInto(database: Database, source: RunOptions["source"]): Promise<RowCounts> {
  return "directory" in source
    ? loadSource(source.directory, database, { replace: true })
    : load(generate(source), database, { replace: true });
}

/** @throws if any row did not arrive. */
async function post(
  machine: Machine,
  outputs: Deployment["outputs"],
  say: (line: string) => void,
): Promise<Summary<"batch">> {
  let told = performance.now();
  const summary = await emulate({
    source: here(machine, "mysql"),
    paths: ["batch"],
    api: outputs.invokeUrl,
    userId: outputs.userId,
    ...(outputs.apiKey !== undefined && { authorization: apiKeyAuthorization(outputs.apiKey) }),
    onProgress: ({ posts, total }) => {
      if (performance.now() - told < 2_000) return;
      told = performance.now();
      say(`  ${posts} of ${total ?? "?"} posts`);
    },
  });
  say(`  ${Math.round(summary.postsPerSecond)} posts a second`);
  if (!isComplete(summary)) {
    const reasons = summary.paths.batch.failures.map(
      ({ kind, reason, rows }) => `${rows} of ${kind}: ${reason}`,
    );
    throw new Error(["not every row was accepted by the API:", ...reasons].join("\n  "));
  }
  return summary;
}

type StoredByKind = Readonly<Record<Kind, { readonly objects: number; readonly records: number }>>;

async function waitForSink(
  machine: Machine,
  { userId, bucketName }: Deployment["outputs"],
  summary: Summary<"batch">,
): Promise<StoredByKind> {
  const stored = await Promise.all(
    kinds.map(async (kind) => {
      const counter = new ObjectCounter(
        here(machine, "aws"),
        bucketName,
        `topics/${userId}.${kind}/`,
      );
      try {
        const { accepted } = summary.paths.batch.counts[kind];
        return await untilStored(counter, accepted, sinkWithinSeconds);
      } finally {
        counter.close();
      }
    }),
  );
  const [pin, geo, user] = stored;
  if (!pin || !geo || !user) throw new Error("a kind was not counted");
  return { pin, geo, user };
}

/** What a clean task's notebook tells at its end. */
const cleanOutput = z.object({
  kind: z.enum(kinds),
  total: z.object({ cleaned: z.number(), duplicates: z.number(), quarantined: z.number() }),
});

async function countBatch(
  machine: Machine,
  { userId }: Deployment["outputs"],
  summary: Summary<"batch">,
  stored: StoredByKind,
  job: JobRun,
): Promise<Record<Kind, BatchCounts>> {
  const cleaned = job.tasks.flatMap(({ key, output }) =>
    key.startsWith("clean_") ? [cleanOutput.parse(JSON.parse(output ?? "null"))] : [],
  );
  const inTopics = await Promise.all(
    kinds.map((kind) => recordsInTopic(here(machine, "kafka"), `${userId}.${kind}`)),
  );
  return mapKinds((kind) => {
    const task = cleaned.find((one) => one.kind === kind);
    if (!task) throw new Error(`the job has no task that cleans ${kind}`);
    return {
      read: summary.paths.batch.counts[kind].read,
      accepted: summary.paths.batch.counts[kind].accepted,
      inTopic: inTopics[kinds.indexOf(kind)] ?? 0,
      objects: stored[kind].objects,
      inS3: stored[kind].records,
      cleaned: task.total.cleaned,
      duplicates: task.total.duplicates,
      quarantined: task.total.quarantined,
    };
  });
}

async function readResults(aws: Services["aws"], bucket: string): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readObject(aws, bucket, "results/results.json")));
}
