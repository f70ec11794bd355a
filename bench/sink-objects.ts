/** `sink-objects`: how many fewer objects the sink makes than with one a record, as the original's. */
import type { Bench } from "./bench";
import { storeRecords, type Connector } from "./stored-records";

export const sinkObjects: Bench = {
  name: "sink-objects",
  sides: ["flush.size=1", "default"],
  measures: "objects that the sink connector makes of the same records, posted by the emulator",
  unit: "objects",
  goal: { atLeast: 1_000 },
  rows: 100_000,
  // The records are stored once, and counting them again would find as many.
  runs: 1,
  warmUp: false,
  open: async ({ machine, rows, say }) => {
    const { objects } = await storeRecords(machine, rows, say);
    return { measure: (side) => Promise.resolve(objects[side as Connector]) };
  },
};
