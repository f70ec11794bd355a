/**
 * One run of the pipeline on this machine: installs, deploys the program, loads the source, emulates, waits for the sink, runs
 * the stream job and the batch job, reconciles, and stops everything, however it ends.
 */
import { rm } from "node:fs/promises";
import path from "node:path";
import { defaultAirflowVersion } from "../components/orchestration/dag-files";
import {
  apiKeyAuthorization,
  checkSource,
  emulate,
  generate,
  isComplete,
  load,
  loadSource,
  type Database,
  type Kind,
  type RowCounts,
  type Summary,
} from "../emulator";
import { mapKinds } from "../emulator/schema";
import { readObject, recordsInTopic, untilSunk, type Stored } from "./counts";
import { deploy, type Deployment } from "./deploy";
import { cleanedBy, streamedBy, type BatchOutput, type StreamOutput } from "./job-outputs";
import type { Machine, Services } from "./machine";
import { Phases } from "./phases";
import { Processes } from "./processes";
import { stopLeftovers } from "./processes/leftovers";
import { disagreements, type BatchCounts, type StreamCounts } from "./reconcile";
import { resultsSchema, type Results } from "./results";
import type { RunRecord } from "./run-record";
import { awsOf } from "./services/aws";
import { startDatabricks } from "./services/databricks";
import { runDaily, type DailyRun } from "./services/airflow";
import { readRun, runJob, type JobRun } from "./services/jobs";
import { installAirflow, installToolchain, type Toolchain } from "./toolchain";

/** Where the files of a run are; wiped at each start. */
export const runDirectory = path.join(__dirname, "..", ".local", "run");

/** Longer than the sink may take for what is left once all is posted. */
const sinkWithinSeconds = 180;

export interface RunOptions {
  /** A folder with the three CSV files, or what to generate. */
  readonly source:
    { readonly directory: string } | { readonly rows: number; readonly seed: string };
  /** Whether Airflow runs the batch job, as each day in the cloud; it is neither installed nor started where not. */
  readonly airflow: boolean;
  /** Told what goes on, a line each. */
  readonly say: (line: string) => void;
  /** Told what the run brought while all still runs; everything is stopped once it returns. */
  readonly finished: (outcome: RunOutcome, running: RunningPipeline) => Promise<void>;
  /** Ends the run when it aborts. */
  readonly signal: AbortSignal;
}

/** How to reach what runs. */
export interface RunningPipeline extends Partial<Services> {
  /** The stage that posts are sent to, and the key that it wants; none where it wants another authorization. */
  readonly api: { readonly invokeUrl: string; readonly apiKey?: string };
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
  const toolchain = await phases.run("install", "installing what is missing", async () => {
    const installed = await installToolchain({ onProgress: say, signal });
    if (options.airflow) await installAirflow(defaultAirflowVersion, { onProgress: say, signal });
    return installed;
  });
  await stopLeftovers(runDirectory);
  await rm(runDirectory, { recursive: true, force: true });
  const processes = await Processes.open(runDirectory);
  try {
    signal.throwIfAborted();
    await processes.guard(runOn(processes, toolchain, phases, options), signal);
  } finally {
    say("stopping everything");
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
    deployHere(machine, options),
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
  const onTask = ({ key, state }: { key: string; state: string }) => {
    say(`  ${key}: ${state}`);
  };
  const { streamJobId, batchJobId } = outputs;
  if (streamJobId === undefined) throw new Error("the program declares no stream job");
  const streamRun = await phases.run("stream", `running the stream job ${streamJobId}`, () =>
    // In the cloud it runs for ever; here it reads what the streams hold, and ends.
    runJob(machine, streamJobId, { parameters: { trigger: "availableNow" }, onTask }),
  );
  const { batchRun, daily } = options.airflow
    ? await phases.run("daily", `running the DAG ${outputs.dagId ?? ""}`, () => daysRun(machine))
    : await phases.run("batch", `running the batch job ${batchJobId}`, async () => ({
        batchRun: await runJob(machine, batchJobId, { onTask }),
        daily: null,
      }));
  const { counted, results } = await phases.run("reconcile", "reconciling", async () => {
    const cleaned = cleanedBy(batchRun);
    const streamed = streamedBy(streamRun);
    const kafka = await inTopics(here(machine, "kafka"), outputs.userId);
    return {
      counted: {
        inSource,
        batch: mapKinds((kind) =>
          batchCounts(kind, summary, kafka[kind], stored[kind], cleaned[kind]),
        ),
        stream: mapKinds((kind) => streamCounts(kind, summary, streamed[kind])),
        digests: {
          batch: mapKinds((kind) => cleaned[kind].digest),
          stream: mapKinds((kind) => streamed[kind].digest),
        },
      },
      results: await readResults(here(machine, "aws"), outputs.bucketName),
    };
  });
  const record: RunRecord = {
    batch: counted.batch,
    stream: counted.stream,
    daily,
    phases: phases.seconds,
    peakMemoryMiB: await processes.peakMemoryMiB(),
    declaredOnly: deployment.declaredOnly,
  };
  const { invokeUrl, apiKey } = outputs;
  await options.finished(
    { record, results, faults: disagreements(counted) },
    { ...machine.services, api: { invokeUrl, ...(apiKey !== undefined && { apiKey }) } },
  );
}

/** Airflow's run of the day, and the run of the batch job that it made. */
async function daysRun(machine: Machine): Promise<{ batchRun: JobRun; daily: DailyRun }> {
  const daily = await runDaily(machine);
  return { batchRun: await readRun(machine, daily.job), daily };
}

async function deployHere(
  machine: Machine,
  { airflow, say }: Pick<RunOptions, "airflow" | "say">,
): Promise<Deployment> {
  // The cloud and the workspace are there before a program is deployed to them.
  await awsOf(machine);
  await startDatabricks(machine);
  return deploy(machine, {
    without: airflow ? [] : ["aws:mwaa/environment:Environment"],
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
): Promise<Summary<"batch" | "stream">> {
  let told = performance.now();
  const summary = await emulate({
    source: here(machine, "mysql"),
    paths: ["batch", "stream"],
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
    const reasons = Object.entries(summary.paths).flatMap(([path, { failures }]) =>
      failures.map(({ kind, reason, rows }) => `${path}: ${rows} of ${kind}: ${reason}`),
    );
    throw new Error(["not every row was accepted by the API:", ...reasons].join("\n  "));
  }
  return summary;
}

/** One value for each kind, all found at the same time. */
async function eachKind<T>(find: (kind: Kind) => Promise<T>): Promise<Record<Kind, T>> {
  const found = mapKinds(find);
  return { pin: await found.pin, geo: await found.geo, user: await found.user };
}

function waitForSink(
  machine: Machine,
  { userId, bucketName }: Deployment["outputs"],
  summary: Summary<"batch" | "stream">,
): Promise<Record<Kind, Stored>> {
  const services = { kafka: here(machine, "kafka"), aws: here(machine, "aws") };
  return eachKind((kind) => {
    const stored = { topic: `${userId}.${kind}`, bucket: bucketName };
    const { accepted } = summary.paths.batch.counts[kind];
    return untilSunk(services, stored, accepted, sinkWithinSeconds);
  });
}

function inTopics(kafka: Services["kafka"], userId: string): Promise<Record<Kind, number>> {
  return eachKind((kind) => recordsInTopic(kafka, `${userId}.${kind}`));
}

function batchCounts(
  kind: Kind,
  summary: Summary<"batch" | "stream">,
  inTopic: number,
  stored: Stored,
  { total }: BatchOutput,
): BatchCounts {
  const { read, accepted } = summary.paths.batch.counts[kind];
  const { cleaned, duplicates, quarantined } = total;
  const { objects, records: inS3 } = stored;
  return { read, accepted, inTopic, objects, inS3, cleaned, duplicates, quarantined };
}

function streamCounts(
  kind: Kind,
  summary: Summary<"batch" | "stream">,
  { total, latencyMs }: StreamOutput,
): StreamCounts {
  const { read, accepted } = summary.paths.stream.counts[kind];
  const { cleaned: inTable, duplicates, quarantined } = total;
  return { read, accepted, inTable, duplicates, quarantined, latencyMs };
}

async function readResults(aws: Services["aws"], bucket: string): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readObject(aws, bucket, "results/results.json")));
}
