/** `incremental`: that a day's run of the batch job costs what the day brought, not what all days before it did. */
import type { Bench } from "./bench";
import { forgetRuns, storePosts } from "./stored-posts";
import { startWorkspace } from "./workspace";

const sides = ["second day", "first day"] as const;

/** What a second day brings, of what the first one did. */
const shareOfSecondDay = 0.01;

const firstDay = "/first-day";
const days = "/days";
const noDay = "/no-day";

export const incremental: Bench = {
  name: "incremental",
  sides,
  measures:
    "a run of the batch job with a hundredth of new posts, and one that has all of them to read; each above a run without any",
  unit: "seconds",
  goal: { atMost: 0.1 },
  rows: 1_000_000,
  warmUp: false,
  open: async ({ machine, rows, say }) => {
    const workspace = await startWorkspace(machine, rows, [firstDay, days]);
    const { userId, bucket, runBatchJob } = workspace;
    await runBatchJob(days);
    const newRows = Math.ceil(rows * shareOfSecondDay);
    let stored = rows;
    let startUp = 0;
    return {
      measure: async (side) => {
        if (side === sides[1]) {
          await forgetRuns(bucket(firstDay));
          return (await runBatchJob(firstDay)) - startUp;
        }
        await forgetRuns(bucket(noDay));
        startUp = await runBatchJob(noDay);
        say(`  start-up: ${startUp.toFixed(1)} seconds`);
        await storePosts(machine, { bucket: bucket(days), userId, rows: newRows, from: stored });
        stored += newRows;
        return (await runBatchJob(days)) - startUp;
      },
    };
  },
};
