/**
 * The local target up to where posts are taken: the source database, the API, and what stands right behind it. Benchmarks import
 * it only once they open: the whole program comes with it.
 */
import { generate, load, type Database } from "../emulator";
import { deploy } from "../local/deploy";
import { lakehouse } from "../local/handlers/lakehouse";
import { orchestration } from "../local/handlers/orchestration";
import { sink } from "../local/handlers/sink";
import type { Machine } from "../local/machine";

/** The ingest API that runs, and the rows that are to be posted to it. */
export interface IngestApi {
  /** The stage's invoke URL. */
  readonly url: string;
  readonly apiKey: string;
  readonly userId: string;
  readonly source: Required<Pick<Database, "host" | "port" | "user" | "password" | "database">>;
}

/** What comes after a post was taken, and would only share the machine with what is measured. */
const after = Object.keys({ ...sink, ...lakehouse, ...orchestration });

/** Deploys the program as `npm start` does, but for what comes after Kafka and Kinesis, and generates the source. */
export async function startIngestApi(machine: Machine, rows: number): Promise<IngestApi> {
  // Nothing calls it: the resources that would are among those left out.
  machine.services.databricks = { host: "http://127.0.0.1:1", token: "none" };
  const { outputs } = await deploy(machine, { without: after });
  const { mysql } = machine.services;
  if (!mysql || outputs.apiKey === undefined)
    throw new Error("the program declares no source database, or an API without a key");
  await load(generate({ rows, seed: "bench" }), mysql, { replace: true });
  return { url: outputs.invokeUrl, apiKey: outputs.apiKey, userId: outputs.userId, source: mysql };
}
