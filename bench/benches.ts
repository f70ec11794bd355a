/** All benchmarks, in the order of docs/benchmarks.md. */
import type { Bench } from "./bench";
import { program } from "./program";

export const benches: readonly Bench[] = [program];
