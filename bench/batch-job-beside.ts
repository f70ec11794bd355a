/** The batch job beside a notebook that reads the same generated posts. */
import type { Surroundings } from "./bench";
import { forgetRuns } from "./stored-posts";
import { startWorkspace } from "./workspace";

const posts = "/posts";

/** Seconds of a whole run of each; the batch job's with all posts new to it. */
export interface Runs {
  readonly batchJob: () => Promise<number>;
  readonly notebook: () => Promise<number>;
}

/** Starts a workspace with as many posts as the benchmark has rows, for the batch job and `bench/notebooks/<notebook>.py`. */
export async function batchJobBeside(
  notebook: string,
  { machine, rows }: Pick<Surroundings, "machine" | "rows">,
): Promise<Runs> {
  const workspace = await startWorkspace(machine, rows, [posts]);
  return {
    batchJob: async () => {
      await forgetRuns(workspace.bucket(posts));
      return workspace.runBatchJob(posts);
    },
    notebook: async () => (await workspace.runNotebook(notebook, posts)).seconds,
  };
}
