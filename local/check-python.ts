/** `npm run test:python`: formats, lint, types and tests of everything in Python, with the installed toolchain. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import path from "node:path";
import { runCommand } from "../emulator/command-line";
import { installToolchain } from "./toolchain";

const root = path.join(__dirname, "..");

/** Folders with a pyproject.toml of their own, and what is Python in them. */
const projects = [
  { directory: root, sources: ["notebooks"] },
  { directory: path.join(root, "local", "notebooks"), sources: ["."] },
];

const checks = (sources: readonly string[]) => [
  ["ruff", "format", "--check", ...sources],
  ["ruff", "check", ...sources],
  ["mypy"],
  ["pytest", "--quiet"],
];

void runCommand("test:python", async () => {
  const { python, jars } = await installToolchain({
    onProgress: (line) => {
      process.stdout.write(`${line}\n`);
    },
  });
  const sparkJars = readdirSync(jars.spark).map((jar) => path.join(jars.spark, jar));
  for (const { directory, sources } of projects) {
    for (const check of checks(sources)) {
      process.stdout.write(`${check.join(" ")} in ${path.relative(root, directory) || "."}\n`);
      const { status } = spawnSync(python, ["-m", ...check], {
        cwd: directory,
        stdio: "inherit",
        env: { ...process.env, PINTEREST_SPARK_JARS: sparkJars.join(",") },
      });
      if (status !== 0) return 1;
    }
  }
  return 0;
});
