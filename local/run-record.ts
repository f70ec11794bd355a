/** `run.json`: what a run counted and took. */
import type { Kind } from "../emulator";
import type { DailyRun } from "./services/airflow";
import type { BatchCounts, StreamCounts } from "./reconcile";

export interface RunRecord {
  readonly batch: Readonly<Record<Kind, BatchCounts>>;
  readonly stream: Readonly<Record<Kind, StreamCounts>>;
  /** The run of Airflow's DAG, which ran the batch job; null where Airflow was left out. */
  readonly daily: DailyRun | null;
  /** Seconds that each phase took, in order. */
  readonly phases: Readonly<Record<string, number>>;
  /** The most memory that all processes of the run took together at one time, MiB. */
  readonly peakMemoryMiB: number;
  /** Resource types of the program that have no counterpart here. */
  readonly declaredOnly: readonly string[];
}
