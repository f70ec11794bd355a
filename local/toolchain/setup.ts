/** `npm run setup`: installs the toolchain, and nothing more. */
import { airflowVersions } from "../../components/orchestration/dag-files";
import { readOptions, runCommand } from "../../emulator/command-line";
import { installAirflow, installToolchain, toolchainDirectory } from ".";

const help = `Usage: npm run setup [-- --airflow]

Installs under .local/ what the local target and the tests need, unless it is there already.

  --airflow  Airflow too, each version that the DAG is for; without it they are installed where they are first needed
  --help     this text
`;

const onProgress = (line: string) => {
  process.stdout.write(`${line}\n`);
};

void runCommand("setup", async (args) => {
  const options = readOptions({ airflow: "boolean", help: "boolean" }, args);
  if (options.help) {
    process.stdout.write(help);
    return 0;
  }
  await installToolchain({ onProgress });
  if (options.airflow)
    for (const version of airflowVersions) await installAirflow(version, { onProgress });
  onProgress(`installed in ${toolchainDirectory}`);
  return 0;
});
