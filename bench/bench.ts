/** What a benchmark is: two sides that measure the same work, and the ratio between them that is to be reached. */
import type { Machine } from "../local/machine";

/** How far a side's measure goes: `seconds` and `MiB` are better small, `posts a second` large; `objects` are counted. */
export type Unit = "seconds" | "posts a second" | "objects" | "MiB";

export interface Bench {
  readonly name: string;
  /** The two sides: the ratio is the median of the first over the median of the second. */
  readonly sides: readonly [string, string];
  /** What is measured, in one line. */
  readonly measures: string;
  readonly unit: Unit;
  /** What the ratio is to reach. */
  readonly goal: { readonly atLeast: number } | { readonly atMost: number };
  /** Size of the work where `--rows` does not say; none where the work has no rows. */
  readonly rows?: number;
  /** Whether each side is measured once before, for nothing. Default true; false where every run starts anew, and is long. */
  readonly warmUp?: boolean;
  /** Makes ready what both sides need; it is not measured. What it starts through the surroundings is stopped by the runner. */
  readonly open: (surroundings: Surroundings) => Promise<Measures>;
}

/** What a benchmark runs in. */
export interface Surroundings {
  /** A machine without services, whose folder is wiped at the end and whose processes are stopped. */
  readonly machine: Machine;
  /** Size of the work; 0 for a benchmark without rows. */
  readonly rows: number;
  /** Tells what goes on, a line each. */
  readonly say: (line: string) => void;
}

/** The open benchmark. */
export interface Measures {
  /** Runs one side once, and answers its measure. */
  readonly measure: (side: string) => Promise<number>;
  /** Gives back what the runner does not know of. Default: nothing. */
  readonly close?: () => Promise<void>;
}
