/** Runs a job of the Databricks workspace through the Jobs API 2.2, as a scheduler would. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "../machine";
import { callDatabricks } from "./databricks";

/** How one task ended. */
export interface TaskRun {
  readonly key: string;
  /** `SUCCESS`, `FAILED`, `TIMEDOUT`, `CANCELED`, `UPSTREAM_FAILED`, or `SKIPPED`. */
  readonly result: string;
  /** What the notebook gave to `dbutils.notebook.exit`. */
  readonly output: string | undefined;
  /** The fault in one line, where it failed. */
  readonly error: string | undefined;
  /** The fault's traceback, where it failed within a notebook. */
  readonly trace: string | undefined;
  readonly seconds: number;
}

export interface JobRun {
  readonly runId: number;
  /** In the order that they ended. */
  readonly tasks: readonly TaskRun[];
}

/** A run that did not succeed; the message has each failed task's traceback. */
export class JobFailed extends Error {
  constructor(
    readonly run: JobRun,
    message: string,
  ) {
    super(message);
  }
}

export interface RunJobOptions {
  /** Parameters of all the job's notebooks, over the tasks' own. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Seconds until the run must have ended. Default 1,800. */
  readonly withinSeconds?: number;
  /** Told of each task as it begins and ends. */
  readonly onTask?: (task: { readonly key: string; readonly state: string }) => void;
}

interface State {
  readonly life_cycle_state: string;
  readonly result_state?: string;
  readonly state_message?: string;
}

interface RunAnswer {
  readonly state: State;
  readonly tasks?: readonly {
    readonly task_key: string;
    readonly run_id?: number;
    readonly state?: State;
    readonly start_time?: number;
    readonly end_time?: number;
  }[];
}

interface OutputAnswer {
  readonly notebook_output?: { readonly result?: string };
  readonly error?: string;
  readonly error_trace?: string;
}

const pollMilliseconds = 250;
const ended = new Set(["TERMINATED", "SKIPPED", "INTERNAL_ERROR"]);

/**
 * Runs a job and waits for its end.
 *
 * @throws JobFailed if a task did not succeed; Error if the run takes too long.
 */
export async function runJob(
  machine: Pick<Machine, "services">,
  jobId: string,
  { parameters, withinSeconds = 1_800, onTask }: RunJobOptions = {},
): Promise<JobRun> {
  const call = jobsApi(machine);
  const { run_id: runId } = await call<{ run_id: number }>("POST", "run-now", {
    job_id: Number(jobId),
    notebook_params: parameters,
  });
  const bound = Date.now() + withinSeconds * 1_000;
  const told = new Map<string, string>();
  for (;;) {
    const run = await call<RunAnswer>("GET", `runs/get?run_id=${runId}`);
    for (const { task_key: key, state } of run.tasks ?? []) {
      const now = state?.result_state ?? state?.life_cycle_state ?? "PENDING";
      if (told.get(key) !== now) onTask?.({ key, state: now });
      told.set(key, now);
    }
    if (ended.has(run.state.life_cycle_state)) return outcome(call, runId, run);
    if (Date.now() > bound) {
      await call("POST", "runs/cancel", { run_id: runId });
      throw new Error(`run ${runId} of job ${jobId} did not end within ${withinSeconds} s`);
    }
    await sleep(pollMilliseconds);
  }
}

/**
 * What a run that has ended did.
 *
 * @throws JobFailed if a task did not succeed.
 */
export async function readRun(machine: Pick<Machine, "services">, runId: number): Promise<JobRun> {
  const call = jobsApi(machine);
  return outcome(call, runId, await call<RunAnswer>("GET", `runs/get?run_id=${runId}`));
}

function jobsApi(machine: Pick<Machine, "services">): Call {
  return (method, endpoint, body) =>
    callDatabricks(machine, method, `/api/2.2/jobs/${endpoint}`, body);
}

async function outcome(call: Call, runId: number, run: RunAnswer): Promise<JobRun> {
  const tasks = await Promise.all((run.tasks ?? []).map((task) => taskRun(call, task)));
  return succeeded({ runId, tasks }, run.state);
}

type Call = <Answer>(method: "GET" | "POST", endpoint: string, body?: object) => Promise<Answer>;

async function taskRun(
  call: Call,
  task: NonNullable<RunAnswer["tasks"]>[number],
): Promise<TaskRun> {
  const output: OutputAnswer =
    task.run_id === undefined || task.state?.life_cycle_state !== "TERMINATED"
      ? {}
      : await call<OutputAnswer>("GET", `runs/get-output?run_id=${task.run_id}`);
  return {
    key: task.task_key,
    result: task.state?.result_state ?? task.state?.life_cycle_state ?? "SKIPPED",
    output: output.notebook_output?.result,
    error: output.error ?? task.state?.state_message,
    trace: output.error_trace,
    seconds: ((task.end_time ?? 0) - (task.start_time ?? 0)) / 1_000,
  };
}

function succeeded(run: JobRun, state: State): JobRun {
  const failed = run.tasks.filter(({ result }) => result !== "SUCCESS");
  if (state.result_state === "SUCCESS" && failed.length === 0) return run;
  const faults = failed.map(({ key, result, error, trace }) =>
    [`task ${key}: ${result}${error ? `: ${error}` : ""}`, trace].filter(Boolean).join("\n"),
  );
  throw new JobFailed(
    run,
    [`run ${run.runId} did not succeed: ${state.state_message ?? ""}`, ...faults].join("\n"),
  );
}
