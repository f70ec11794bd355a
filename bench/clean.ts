/** `clean`: what the batch job costs above the reading of its posts. */
import type { Bench } from "./bench";
import { forgetRuns } from "./stored-posts";
import { startWorkspace } from "./workspace";

const sides = ["batch job", "count"] as const;
const posts = "/posts";

export const clean: Bench = {
  name: "clean",
  sides,
  measures:
    "a run of the batch job on posts that it has not read, and one of a job that reads them with their schemas and counts them",
  unit: "seconds",
  goal: { atMost: 4 },
  rows: 1_000_000,
  warmUp: false,
  open: async ({ machine, rows }) => {
    const workspace = await startWorkspace(machine, rows, [posts]);
    return {
      measure: async (side) => {
        if (side === sides[1]) return (await workspace.runNotebook("count", posts)).seconds;
        await forgetRuns(workspace.bucket(posts));
        return workspace.runBatchJob(posts);
      },
    };
  },
};
