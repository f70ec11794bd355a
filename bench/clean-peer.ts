/** `clean-peer`: the batch job beside the way in which the exercise's public solutions clean and query. */
import type { Bench } from "./bench";
import { forgetRuns } from "./stored-posts";
import { startWorkspace } from "./workspace";

const sides = ["batch job", "the public solutions' way"] as const;
const posts = "/posts";

export const cleanPeer: Bench = {
  name: "clean-peer",
  sides,
  measures:
    "posts cleaned and asked about; the public solutions' way infers the schemas and reads all anew for each question",
  unit: "posts a second",
  goal: { atLeast: 3 },
  rows: 1_000_000,
  warmUp: false,
  open: async ({ machine, rows }) => {
    const workspace = await startWorkspace(machine, rows, [posts]);
    return {
      measure: async (side) => {
        if (side === sides[1]) return rows / (await workspace.runNotebook("peer", posts)).seconds;
        await forgetRuns(workspace.bucket(posts));
        return rows / (await workspace.runBatchJob(posts));
      },
    };
  },
};
