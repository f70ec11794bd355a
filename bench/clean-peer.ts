/** `clean-peer`: the batch job beside the way in which the exercise's public solutions clean and query. */
import { batchJobBeside } from "./batch-job-beside";
import type { Bench } from "./bench";

const sides = ["batch job", "the public solutions' way"] as const;

export const cleanPeer: Bench = {
  name: "clean-peer",
  sides,
  measures:
    "posts cleaned and asked about; the public solutions' way infers the schemas and reads all anew for each question",
  unit: "posts a second",
  goal: { atLeast: 3 },
  rows: 1_000_000,
  warmUp: false,
  open: async (surroundings) => {
    const { batchJob, notebook } = await batchJobBeside("peer", surroundings);
    return {
      measure: async (side) =>
        surroundings.rows / (side === sides[0] ? await batchJob() : await notebook()),
    };
  },
};
