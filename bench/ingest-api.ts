/** The local target up to where posts are taken: the source database, the API, and what stands behind it. */
import { generate, load, type Database } from "../emulator";
import type { Deployment } from "../local/deploy";
import type { Machine } from "../local/machine";
import { startDatabricks } from "../local/services/databricks";

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
  const [{ sink }, { lakehouse }, { orchestration }] = await Promise.all([
    import("../local/handlers/sink.js"),
    import("../local/handlers/lakehouse.js"),
    import("../local/handlers/orchestration.js"),
  ]);
  // Nothing calls it: the resources that would are among those left out.
  machine.services.databricks = { host: "http://127.0.0.1:1", token: "none" };
  // What comes after a post was taken would only share the machine with what is measured.
  const after = Object.keys({ ...sink, ...lakehouse, ...orchestration });
  return (await deployWithSource(machine, rows, after)).api;
}

/** The deployed program, with its API. */
export interface Pipeline {
  readonly outputs: Deployment["outputs"];
  readonly api: IngestApi;
}

/** Deploys the program as `npm start --no-airflow` does, and generates the source. */
export async function startPipeline(machine: Machine, rows: number): Promise<Pipeline> {
  const { orchestration } = await import("../local/handlers/orchestration.js");
  await startDatabricks(machine);
  return deployWithSource(machine, rows, Object.keys(orchestration));
}

async function deployWithSource(
  machine: Machine,
  rows: number,
  without: readonly string[],
): Promise<Pipeline> {
  const { deploy } = await import("../local/deploy.js");
  const { outputs } = await deploy(machine, { without });
  const { mysql } = machine.services;
  if (!mysql || outputs.apiKey === undefined)
    throw new Error("the program declares no source database, or an API without a key");
  await load(generate({ rows, seed: "bench" }), mysql, { replace: true });
  const { invokeUrl: url, apiKey, userId } = outputs;
  return { outputs, api: { url, apiKey, userId, source: mysql } };
}
