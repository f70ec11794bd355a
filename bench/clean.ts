/** `clean`: what the batch job costs above the reading of its posts. */
import { batchJobBeside } from "./batch-job-beside";
import type { Bench } from "./bench";

const sides = ["batch job", "count"] as const;

export const clean: Bench = {
  name: "clean",
  sides,
  measures:
    "a run of the batch job on posts that it has not read, and one of a job that reads them with their schemas and counts them",
  unit: "seconds",
  goal: { atMost: 4 },
  rows: 1_000_000,
  warmUp: false,
  open: async (surroundings) => {
    const { batchJob, notebook } = await batchJobBeside("count", surroundings);
    return { measure: (side) => (side === sides[0] ? batchJob() : notebook()) };
  },
};
