/** What Airflow's DAG folder holds: the daily run's code, its settings, and the constraint on its requirements. */
import { readFileSync } from "node:fs";
import path from "node:path";
import versions from "../../dags/airflow-versions.json";

/** An Airflow version that the daily run is tested in and that MWAA offers. */
export type AirflowVersion = keyof typeof versions.requirements;

/** The accepted versions, oldest first. */
export const airflowVersions = Object.keys(versions.requirements) as AirflowVersion[];

export const defaultAirflowVersion = versions.default as AirflowVersion;

/** Name of the settings file, which the DAG reads from its own folder. */
export const settingsFile = "pinterest_dag_settings.json";

const code = [
  "pinterest_dag.py",
  "pinterest_job.py",
  "pinterest_quality.py",
  "pinterest_settings.py",
];

const dags = path.join(__dirname, "..", "..", "dags");

/** The DAG's Python files by name. @throws if one is missing. */
export function dagCode(): Readonly<Record<string, string>> {
  return Object.fromEntries(code.map((file) => [file, read(file)]));
}

/**
 * The requirements of one version in pip's form.
 *
 * @throws if the file is missing.
 */
export function requirementsOf(version: AirflowVersion): string {
  return read(versions.requirements[version]);
}

/** What keeps pip from changing Airflow itself: the file in the DAG folder that the requirements name as their constraint. */
export function constraintsOf(version: AirflowVersion): { file: string; content: string } {
  return { file: `constraints-${version}.txt`, content: `apache-airflow==${version}\n` };
}

function read(file: string): string {
  return readFileSync(path.join(dags, file), "utf8");
}
