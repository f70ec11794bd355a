/** `emulate-ceiling`: how near the emulator comes to what the API takes from a load generator with nothing else to do. */
import autocannon from "autocannon";
import type { Bench } from "./bench";
import { runEmulator } from "./emulator";
import { startIngestApi, type IngestApi } from "./ingest-api";
import { startTakingApi } from "./taking-api";
import type { Machine } from "../local/machine";

/** A request as the emulator makes it. */
interface Prepared {
  readonly method: "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const sides = ["emulator", "autocannon"] as const;

export const emulateCeiling: Bench = {
  name: "emulate-ceiling",
  sides,
  measures:
    "posts to the same API's batch path; autocannon posts the very bodies that the emulator makes, prepared in memory",
  unit: "posts a second",
  goal: { atLeast: 0.8 },
  rows: 400_000,
  open: async ({ machine, rows }) => {
    const api = await startIngestApi(machine, rows);
    const prepared = await requestsOfEmulator(machine, api);
    return {
      measure: async (side) =>
        side === sides[0] ? runEmulator(machine, api) : rows / (await shoot(api.url, prepared)),
    };
  },
};

/** What the emulator sends, taken down by an API that takes everything. */
async function requestsOfEmulator(machine: Machine, api: IngestApi): Promise<readonly Prepared[]> {
  const taken: Prepared[] = [];
  const { url, close } = await startTakingApi(new URL(api.url).pathname, (request) => {
    const { path, headers, body } = request;
    taken.push({
      method: "POST",
      path,
      headers: { "content-type": String(headers["content-type"]), "x-api-key": api.apiKey },
      body,
    });
  });
  await runEmulator(machine, { ...api, url });
  close();
  return taken;
}

/**
 * Posts every request once, over as many connections as autocannon opens by default.
 *
 * @returns the seconds until the last answer: autocannon itself ends with the next of its samples, one a second.
 * @throws if one of them was not taken.
 */
async function shoot(url: string, requests: readonly Prepared[]): Promise<number> {
  const connections = Math.min(10, requests.length);
  let client = 0;
  const setupClient = (one: autocannon.Client) => {
    one.setRequests(requests.filter((_, index) => index % connections === client));
    client++;
  };
  const begun = performance.now();
  let answered = begun;
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    autocannon({ url, connections, amount: requests.length, setupClient }, (error, result) => {
      if (error) reject(error as Error);
      else resolve(result);
    }).on("response", () => {
      answered = performance.now();
    });
  });
  if (result["2xx"] !== requests.length)
    throw new Error(`of ${requests.length} requests ${result["2xx"]} were taken`);
  return (answered - begun) / 1_000;
}
