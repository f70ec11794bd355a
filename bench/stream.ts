/** `stream`: what sending many records a request brings on the way to Kinesis. */
import type { Bench } from "./bench";
import { runEmulator } from "./emulator";
import { startIngestApi } from "./ingest-api";

/** Posts that one record a request is measured over: it goes on at the same rate. */
const postsOneByOne = 100;

const sides = ["PutRecords", "one record a request"] as const;

export const stream: Bench = {
  name: "stream",
  sides,
  measures: "posts to the same API's stream path by the emulator; by default, and one by one",
  unit: "posts a second",
  goal: { atLeast: 20 },
  // Kinesis's counterpart here slows down where a stream holds more than 10,000 records, and no run empties it.
  rows: 1_500,
  open: async ({ machine, rows }) => {
    const api = await startIngestApi(machine, rows);
    const singly = ["--batch-records", "1", "--rows", String(Math.min(postsOneByOne, rows))];
    return {
      measure: (side) =>
        runEmulator(machine, api, ["--target", "stream", ...(side === sides[0] ? [] : singly)]),
    };
  },
};
