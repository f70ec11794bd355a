/** All benchmarks, in the order of docs/benchmarks.md. */
import type { Bench } from "./bench";
import { clean } from "./clean";
import { cleanPeer } from "./clean-peer";
import { emulate } from "./emulate";
import { emulateCeiling } from "./emulate-ceiling";
import { incremental } from "./incremental";
import { memory } from "./memory";
import { program } from "./program";
import { sinkObjects } from "./sink-objects";
import { sinkRead } from "./sink-read";
import { stream } from "./stream";

export const benches: readonly Bench[] = [
  program,
  emulate,
  emulateCeiling,
  stream,
  memory,
  sinkObjects,
  sinkRead,
  clean,
  incremental,
  cleanPeer,
];
