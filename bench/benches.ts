/** All benchmarks, in the order of docs/benchmarks.md. */
import type { Bench } from "./bench";
import { emulate } from "./emulate";
import { emulateCeiling } from "./emulate-ceiling";
import { memory } from "./memory";
import { program } from "./program";
import { stream } from "./stream";

export const benches: readonly Bench[] = [program, emulate, emulateCeiling, stream, memory];
