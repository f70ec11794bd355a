/** Airflow in Python environments of its own, one for each version: its dependencies are not the notebooks'. */
import path from "node:path";
import type { AirflowVersion } from "../../components/orchestration/dag-files";
import type { Part } from "./part";
import { executableOf, installer, variant } from "./python";

const locks = path.join(__dirname, "..", "airflow");

/** The lock file of a version's environment. */
export function airflowLock(version: string): string {
  return path.join(locks, `${version}.txt`);
}

/** Where a version's environment is, below the toolchain's folder. */
export function airflowFolder(directory: string, version: string): string {
  return path.join(directory, `airflow-${version}`);
}

/** A version's environment as a part of the toolchain. */
export function airflowPart(directory: string, version: AirflowVersion): Part {
  const folder = airflowFolder(directory, version);
  return {
    name: `airflow-${version}`,
    title: `Airflow ${version}`,
    sources: [airflowLock(version), installer],
    variant,
    products: [folder],
    needs: [executableOf(folder)],
  };
}
