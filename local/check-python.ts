/**
 * Formats, lint, types and tests of what is in Python, with the installed toolchain: `npm run test:notebooks` checks all but
 * the DAG's types and tests, which `npm run test:dags` does.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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

const interruption = new AbortController();
const installing = { onProgress, signal: interruption.signal };

/** The DAG's types once, its tests in each Airflow that it is for. */
async function dagsPass(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const directory = path.join(root, "dags");
  for (const version of airflowVersions) {
    const python = await installAirflow(version, installing);
    onProgress(`in Airflow ${version}:`);
    if (version === defaultAirflowVersion && !passes(python, directory, ["mypy"])) return false;
    if (!passes(python, directory, ["pytest", "--quiet"], environment)) return false;
  }
  return true;
}

async function notebooksPass(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { python, jars } = await installToolchain(installing);
  const sparkJars = readdirSync(jars.spark).map((jar) => path.join(jars.spark, jar));
  for (const { directory, sources } of projects) {
    for (const check of checks(sources)) {
      const withJars = { ...environment, PINTEREST_SPARK_JARS: sparkJars.join(",") };
      if (!passes(python, directory, check, withJars)) return false;
    }
  }
  return true;
}

const parts: Readonly<Record<string, (environment: NodeJS.ProcessEnv) => Promise<boolean>>> = {
  notebooks: notebooksPass,
  dags: dagsPass,
};

void runCommand("check-python", async ([part = ""]) => {
  const partPasses = parts[part];
  if (!partPasses) throw new Error(`say what to check: ${Object.keys(parts).join(" or ")}`);
  // Ctrl-C ends the check that runs by itself, and this command once it has tidied up.
  process.once("SIGINT", () => {
    interruption.abort(new Error("interrupted"));
  });
  // pytest would keep the files of its last three runs.
  const scratch = mkdtempSync(path.join(tmpdir(), "check-python-"));
  try {
    return (await partPasses({ TMPDIR: scratch })) ? 0 : 1;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
});
