/** The local target up to where posts are taken: the source database, the API, and what stands right behind it. */
import { generate, load, type Database } from "../emulator";
import type { Machine } from "../local/machine";

/** The ingest API that runs, and the rows that are to be posted to it. */
export interface IngestApi {
  /** The stage's invoke URL. */
  readonly url: string;
  readonly apiKey: string;
  readonly userId: string;
  readonly source: Required<Pick<Database, "host" | "port" | "user" | "password" | "database">>;
}

/** Deploys the program as `npm start` does, but for what comes after Kafka and Kinesis, and generates the source. */
export async function startIngestApi(machine: Machine, rows: number): Promise<IngestApi> {
  // The whole program comes with them, which those who only list the benchmarks need not load.
  const [{ deploy }, { sink }, { lakehouse }, { orchestration }] = await Promise.all([
    import("../local/deploy.js"),
    import("../local/handlers/sink.js"),
    import("../local/handlers/lakehouse.js"),
    import("../local/handlers/orchestration.js"),
  ]);
  // What comes after a post was taken would only share the machine with what is measured.
  const after = Object.keys({ ...sink, ...lakehouse, ...orchestration });
  // Nothing calls it: the resources that would are among those left out.
  machine.services.databricks = { host: "http://127.0.0.1:1", token: "none" };
  const { outputs } = await deploy(machine, { without: after });
  const { mysql } = machine.services;
  if (!mysql || outputs.apiKey === undefined)
    throw new Error("the program declares no source database, or an API without a key");
  await load(generate({ rows, seed: "bench" }), mysql, { replace: true });
  return { url: outputs.invokeUrl, apiKey: outputs.apiKey, userId: outputs.userId, source: mysql };
}
