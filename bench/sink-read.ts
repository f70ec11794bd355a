/** `sink-read`: what the sink's objects cost who reads them. */
import type { Bench } from "./bench";
import { storeRecords, topicsDirectories, type Connector } from "./stored-records";
import { workspaceOf } from "./workspace";

export const sinkRead: Bench = {
  name: "sink-read",
  sides: ["flush.size=1", "default"],
  measures:
    "Spark's count of the records that the sink connector wrote to S3, read with their schemas",
  unit: "seconds",
  goal: { atLeast: 20 },
  rows: 100_000,
  warmUp: false,
  open: async ({ machine, rows, say }) => {
    const { outputs } = await storeRecords(machine, rows, say);
    const { runNotebook } = workspaceOf(machine, outputs);
    return {
      measure: async (side) => {
        const directory = topicsDirectories[side as Connector];
        const { output } = await runNotebook("count", outputs.mountPoint, directory);
        return Number(output);
      },
    };
  },
};
