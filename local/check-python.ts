/** `npm run test:python`: formats, lint, types and tests of everything in Python, with the installed toolchain. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { airflowVersions, defaultAirflowVersion } from "../components/orchestration/dag-files";
import { runCommand } from "../emulator/command-line";
import { installAirflow, installToolchain } from "./toolchain";

const root = path.join(__dirname, "..");

/** Folders with a pyproject.toml of their own, and what is Python in them. */
const projects = [
  { directory: root, sources: ["notebooks", "dags", "local/airflow", "bench"] },
  { directory: path.join(root, "local", "notebooks"), sources: ["."] },
];

const checks = (sources: readonly string[]) => [
  ["ruff", "format", "--check", ...sources],
  ["ruff", "check", ...sources],
  ["mypy"],
  ["pytest", "--quiet"],
];

function passes(
  python: string,
  directory: string,
  check: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): boolean {
  process.stdout.write(`${check.join(" ")} in ${path.relative(root, directory) || "."}\n`);
  const { status } = spawnSync(python, ["-m", ...check], {
    cwd: directory,
    stdio: "inherit",
    env: { ...process.env, ...environment },
  });
  return status === 0;
}

const onProgress = (line: string) => {
  process.stdout.write(`${line}\n`);
};

/** The DAG's types once, its tests in each Airflow that it is for. */
async function dagsPass(): Promise<boolean> {
  const directory = path.join(root, "dags");
  for (const version of airflowVersions) {
    const python = await installAirflow(version, { onProgress });
    onProgress(`in Airflow ${version}:`);
    if (version === defaultAirflowVersion && !passes(python, directory, ["mypy"])) return false;
    if (!passes(python, directory, ["pytest", "--quiet"])) return false;
  }
  return true;
}

void runCommand("test:python", async () => {
  const { python, jars } = await installToolchain({ onProgress });
  const sparkJars = readdirSync(jars.spark).map((jar) => path.join(jars.spark, jar));
  for (const { directory, sources } of projects) {
    for (const check of checks(sources))
      if (!passes(python, directory, check, { PINTEREST_SPARK_JARS: sparkJars.join(",") }))
        return 1;
  }
  return (await dagsPass()) ? 0 : 1;
});
