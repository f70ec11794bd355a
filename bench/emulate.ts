/** `emulate`: how much faster the emulator posts than the script that it takes the place of. */
import path from "node:path";
import type { Bench } from "./bench";
import { runEmulator } from "./emulator";
import { startIngestApi } from "./ingest-api";

/** Posts that the original's way is measured over: it goes on at the same rate. */
const postsOfOriginal = 100;

/** It draws row numbers up to 11,000 from tables of any size, and MySQL counts up to each. */
const rowsOfOriginal = 11_001;

const sides = ["emulator", "the original's way"] as const;

export const emulate: Bench = {
  name: "emulate",
  sides,
  measures:
    "posts from the same tables to the same API's batch path; the original's way one record a request, each on a new connection",
  unit: "posts a second",
  goal: { atLeast: 1_000 },
  rows: 400_000,
  open: async ({ machine, rows }) => {
    const api = await startIngestApi(machine, rows);
    const { host, port, user, password, database } = api.source;
    const original = async () =>
      Number(
        await machine.processes.run({
          name: "original",
          command: machine.toolchain.python,
          args: [
            path.join(__dirname, "original", "post.py"),
            String(postsOfOriginal),
            String(Math.min(rowsOfOriginal, rows)),
          ],
          environment: {
            API: api.url,
            API_KEY: api.apiKey,
            USER_ID: api.userId,
            DATABASE: database,
            DATABASE_HOST: host,
            DATABASE_PORT: String(port),
            DATABASE_USER: user,
            DATABASE_PASSWORD: password,
          },
        }),
      );
    return { measure: (side) => (side === sides[0] ? runEmulator(machine, api) : original()) };
  },
};
