/**
 * The counterpart of a Databricks workspace: minilake, with a job's notebooks executed on Spark by the notebook runner
 * (local/notebooks).
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { realpath } from "node:fs/promises";
import path from "node:path";
import { request } from "undici";
import type { Machine, Services } from "../machine";
import { freePort } from "../ports";
import { awsOf } from "./aws";

type DatabricksMachine = Pick<Machine, "directory" | "toolchain" | "processes" | "services">;

/** minilake asks for no token; one is sent all the same, as the real service wants. */
const token = "dapi-local";

/** What the notebook runner reads (local/notebooks/notebook_runner/settings.py). */
interface RunnerSettings {
  readonly directory: string;
  readonly jars: string;
  readonly store: Services["aws"];
  readonly mounts: Readonly<Record<string, string>>;
}

function filesOf({ directory }: Pick<Machine, "directory">) {
  const root = path.join(directory, "databricks");
  return {
    root,
    data: path.join(root, "minilake"),
    scratch: path.join(root, "tmp"),
    settings: path.join(root, "settings.json"),
    notebooks: path.join(root, "notebooks"),
    // Where the notebook runner keeps it (local/notebooks/notebook_runner/cluster.py).
    dbfs: path.join(root, "dbfs"),
  };
}

/** Starts the workspace, S3 behind it included, and tells the machine of it. */
export async function startDatabricks(machine: DatabricksMachine): Promise<Services["databricks"]> {
  const { toolchain, processes, services } = machine;
  const store = await awsOf(machine);
  const port = await freePort();
  const host = `http://127.0.0.1:${port}`;
  const files = filesOf(machine);
  mkdirSync(files.scratch, { recursive: true });
  const settings: RunnerSettings = {
    directory: files.root,
    jars: toolchain.jars.spark,
    store,
    mounts: {},
  };
  writeFileSync(files.settings, JSON.stringify(settings));
  await processes.start({
    name: "databricks",
    command: toolchain.python,
    args: ["-m", "notebook_runner.workspace", "--port", String(port), "--settings", files.settings],
    environment: {
      PYTHONPATH: path.join(__dirname, "..", "notebooks"),
      PYTHONDONTWRITEBYTECODE: "1",
      JAVA_HOME: path.dirname(path.dirname(await realpath(toolchain.java))),
      PYSPARK_PYTHON: toolchain.python,
      SPARK_LOCAL_IP: "127.0.0.1",
      // In the place of the clusters' instance profile.
      AWS_ACCESS_KEY_ID: store.accessKeyId,
      AWS_SECRET_ACCESS_KEY: store.secretAccessKey,
      AWS_SESSION_TOKEN: undefined,
      AWS_PROFILE: undefined,
      AWS_ENDPOINT_URL_KINESIS: store.endpoint,
      // Settings that the user's own shell may have, and that would be taken over.
      SPARK_HOME: undefined,
      SPARK_CONF_DIR: undefined,
      SPARK_REMOTE: undefined,
      PYSPARK_SUBMIT_ARGS: undefined,
      HADOOP_CONF_DIR: undefined,
      DATABRICKS_RUNTIME_VERSION: undefined,
      TZ: "UTC",
      MALLOC_ARENA_MAX: "2",
      TMPDIR: files.scratch,
      IPYTHONDIR: path.join(files.scratch, "ipython"),
      JUPYTER_RUNTIME_DIR: path.join(files.scratch, "jupyter"),
      JUPYTER_CONFIG_DIR: path.join(files.scratch, "jupyter"),
      JUPYTER_DATA_DIR: path.join(files.scratch, "jupyter"),
      MINILAKE_DATA_DIR: files.data,
      MINILAKE_SERVICES: "identity,workspace,clusters,jobs,secrets,workspace_admin,catchall",
      MINILAKE_NOTEBOOK: "0",
      MINILAKE_JOB_EXECUTOR: "subprocess",
      // With a folder set, minilake downloads no DuckDB extension.
      MINILAKE_DUCKDB_EXTENSION_DIR: files.scratch,
    },
    healthy: async () => {
      const { statusCode, body } = await request(`${host}/_minilake/health`);
      await body.dump();
      return statusCode === 200;
    },
  });
  services.databricks = { host, token };
  return services.databricks;
}

/** Folder in which each executed notebook is kept as HTML, `<run id>-<task key>.html`. */
export function executedNotebooks(machine: Pick<Machine, "directory">): string {
  return filesOf(machine).notebooks;
}

/** The folder of this disk that stands for one of `dbfs:` that no mount leads to. */
export function folderOfDbfs(machine: Pick<Machine, "directory">, folder: string): string {
  return path.join(filesOf(machine).dbfs, folder);
}

/** Adds to the workspace's mount table, from the next job run on. */
export function addMount(machine: Pick<Machine, "directory">, point: string, url: string): void {
  const { settings: file } = filesOf(machine);
  const settings = JSON.parse(readFileSync(file, "utf8")) as RunnerSettings;
  writeFileSync(
    file,
    JSON.stringify({ ...settings, mounts: { ...settings.mounts, [point]: url } }),
  );
}

/** An answer of the Databricks API that is an error. */
export class DatabricksError extends Error {
  constructor(
    readonly call: string,
    readonly code: string,
    message: string,
  ) {
    super(`Databricks answered ${call} with ${code}: ${message}`);
  }
}

/**
 * One call of the Databricks REST API.
 *
 * @param body JSON, or bytes as they are.
 * @throws DatabricksError if the answer is an error.
 */
export async function callDatabricks<Answer>(
  { services }: Pick<Machine, "services">,
  method: "GET" | "POST",
  endpoint: string,
  body?: Buffer | object,
): Promise<Answer> {
  const { databricks } = services;
  if (!databricks) throw new Error("the Databricks workspace is not running");
  const answer = await request(`${databricks.host}${endpoint}`, {
    method,
    headers: {
      authorization: `Bearer ${databricks.token}`,
      "content-type": Buffer.isBuffer(body) ? "application/octet-stream" : "application/json",
    },
    body: body === undefined || Buffer.isBuffer(body) ? (body ?? null) : JSON.stringify(body),
  });
  const content = await answer.body.text();
  if (answer.statusCode >= 400) {
    const { error_code: code = String(answer.statusCode), message = content } = parsed(content);
    throw new DatabricksError(`${method} ${endpoint}`, code, message);
  }
  return JSON.parse(content) as Answer;
}

function parsed(content: string): { error_code?: string; message?: string } {
  try {
    return JSON.parse(content) as { error_code?: string; message?: string };
  } catch {
    return {};
  }
}
