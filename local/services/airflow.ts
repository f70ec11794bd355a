/**
 * The counterpart of MWAA: Airflow itself, of the declared version, with the DAGs of the declared bucket and the declared
 * settings. A run of a DAG is made in one process, retries and triggers included, without a scheduler that waits for the day.
 */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { z } from "zod";
import { airflowVersions, type AirflowVersion } from "../../components/orchestration/dag-files";
import type { Machine } from "../machine";
import { installAirflow } from "../toolchain";
import { awsOf } from "./aws";

const runner = path.join(__dirname, "..", "airflow", "run_dag.py");

/** Longer than the daily run may take here. */
const withinSeconds = 1_800;

/** What the program declares of an environment. */
export interface DeclaredEnvironment {
  readonly airflowVersion: string;
  readonly bucket: string;
  /** Folder of the bucket with the DAGs. */
  readonly dagsPath: string;
  /** Airflow's settings as MWAA takes them, `section.key`. */
  readonly options: Readonly<Record<string, string>>;
}

/** How a run of the DAG ended. */
export interface DailyRun {
  readonly dag: string;
  /** Airflow's word for it, `success` or `failed`. */
  readonly state: string;
  readonly airflow: string;
  /** Run of the Databricks job that it started. */
  readonly job: number;
  readonly seconds: number;
}

const ended = z.object({
  dag: z.string(),
  state: z.string(),
  job: z.number().nullable(),
  tasks: z.record(z.string(), z.string()),
});

/**
 * Puts Airflow in place, and begins to make its database.
 *
 * @throws if the version is none that is installed here.
 */
export async function startAirflow(
  machine: Machine,
  { airflowVersion, bucket, dagsPath, options }: DeclaredEnvironment,
): Promise<void> {
  const version = airflowVersions.find((known) => known === airflowVersion);
  if (!version) throw new Error(`Airflow ${airflowVersion} is not known here`);
  const home = path.join(machine.directory, "airflow");
  const dags = path.join(home, "dags");
  await mkdir(dags, { recursive: true });
  await download(machine, bucket, `${dagsPath}/`, dags);
  const { endpoint, accessKeyId, secretAccessKey, region } = await awsOf(machine);
  const environment = {
    ...Object.fromEntries(
      Object.entries(options).map(([name, value]) => [
        `AIRFLOW__${name.replace(".", "__").toUpperCase()}`,
        value,
      ]),
    ),
    AIRFLOW_HOME: home,
    AIRFLOW__CORE__DAGS_FOLDER: dags,
    AIRFLOW__CORE__LOAD_EXAMPLES: "False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN: `sqlite:///${path.join(home, "airflow.db")}`,
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: undefined,
    AWS_PROFILE: undefined,
    AWS_DEFAULT_REGION: region,
    PYTHONDONTWRITEBYTECODE: "1",
    TZ: "UTC",
  };
  const python = await installAirflow(version);
  const migrated = machine.processes.run({
    name: "airflow-database",
    command: python,
    args: ["-m", "airflow", "db", "migrate"],
    environment,
  });
  // It goes on beside what follows; whether it failed is asked when the DAG is run.
  migrated.catch(() => undefined);
  environments.set(machine, { python, version, dags, environment, migrated });
}

interface Environment {
  readonly python: string;
  readonly version: AirflowVersion;
  readonly dags: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly migrated: Promise<unknown>;
}

const environments = new WeakMap<Machine, Environment>();

/**
 * Runs the DAG once, now.
 *
 * @throws if there is no environment; if the run did not succeed, naming its tasks' states, with its log.
 */
export async function runDaily(machine: Machine): Promise<DailyRun> {
  const airflow = environments.get(machine);
  if (!airflow) throw new Error("the program declares no Airflow environment");
  const begun = performance.now();
  await airflow.migrated;
  const name = "airflow";
  const output = await machine.processes.run({
    name,
    command: airflow.python,
    args: [runner, airflow.dags],
    environment: airflow.environment,
    withinSeconds,
  });
  const { dag, state, job, tasks } = ended.parse(
    JSON.parse(output.trim().split("\n").at(-1) ?? ""),
  );
  if (state !== "success" || job === null) {
    const states = Object.entries(tasks).map(([task, how]) => `${task}: ${how}`);
    throw new Error(
      `the DAG ${dag} ended as ${state} (${states.join(", ")}); its log: ${path.join(machine.directory, "logs", `${name}.log`)}`,
    );
  }
  const seconds = (performance.now() - begun) / 1_000;
  return { dag, state, airflow: airflow.version, job, seconds: Math.round(seconds * 10) / 10 };
}

async function download(
  machine: Machine,
  bucket: string,
  prefix: string,
  folder: string,
): Promise<void> {
  const { endpoint, region, ...credentials } = await awsOf(machine);
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    const { Contents: objects = [] } = await s3.send(
      new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix }),
    );
    for (const { Key: key = "" } of objects) {
      const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      if (body)
        await writeFile(
          path.join(folder, key.slice(prefix.length)),
          await body.transformToString(),
        );
    }
  } finally {
    s3.destroy();
  }
}
