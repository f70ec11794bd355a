/** `sink-objects`: how many fewer objects the sink makes than with one a record, as the original's. */
import { mkdtemp, rm } from "node:fs/promises";
import path from "node:path";
import type { Bench, Surroundings } from "./bench";
import { storeRecords, type Connector, type StoredRecords } from "./stored-records";

const sides = ["flush.size=1", "default"] as const satisfies readonly Connector[];

export const sinkObjects: Bench = {
  name: "sink-objects",
  sides,
  measures: "objects that the sink connector makes of the same records, posted by the emulator",
  unit: "objects",
  goal: { atLeast: 1_000 },
  rows: 100_000,
  warmUp: false,
  open: (surroundings) => {
    let objects: StoredRecords["objects"] | undefined;
    return Promise.resolve({
      measure: async (side) => {
        // Both connectors store the same records, so the second side is counted of what the first one posted.
        if (side === sides[0] || !objects) objects = await objectsOfOneRun(surroundings);
        return objects[side as Connector];
      },
    });
  },
};

/** Stores the records on a machine on which nothing was stored before, and leaves nothing of it. */
async function objectsOfOneRun({
  machine,
  rows,
  say,
}: Surroundings): Promise<StoredRecords["objects"]> {
  const directory = await mkdtemp(path.join(machine.directory, "run-"));
  const { objects } = await storeRecords(
    { ...machine, directory, services: {}, routes: new Map() },
    rows,
    say,
  );
  await machine.processes.stopServices();
  await rm(directory, { recursive: true });
  return objects;
}
