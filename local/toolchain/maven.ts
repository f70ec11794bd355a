/** The class paths, MariaDB and the sink plugin, by Maven. */
import { chmod, readdir } from "node:fs/promises";
import path from "node:path";
import type { Processes } from "../processes";
import { MissingPrerequisite } from "./prerequisites";

const withinSeconds = 900;

/**
 * MariaDB's build for a system, as its Maven artifact names it.
 *
 * @throws MissingPrerequisite if there is none.
 */
export function mariadbSystem(
  platform: string = process.platform,
  architecture: string = process.arch,
): string {
  if (platform === "linux" && architecture === "x64") return "linux64";
  if (platform === "darwin" && architecture === "arm64") return "macos-arm64";
  throw new MissingPrerequisite(
    `MariaDB comes for Linux on x64 and macOS on arm64; this machine is ${platform} on ${architecture}`,
  );
}

/** The base folder inside the unpacked MariaDB: the one that has `bin/mariadbd`. */
export async function mariadbFolder(unpacked: string): Promise<string> {
  const entries = await readdir(unpacked, { withFileTypes: true, recursive: true });
  const server = entries.find((entry) => entry.name === "mariadbd");
  if (!server) throw new Error(`there is no mariadbd below ${unpacked}`);
  return path.dirname(server.parentPath);
}

/** Copies the class paths into folders of `directory`, one each, and unpacks MariaDB there. */
export async function makeJars(
  processes: Processes,
  maven: string,
  poms: string,
  directory: string,
): Promise<void> {
  await processes.run({
    name: "jars",
    command: maven,
    args: [
      ...["-B", "-ntp", "-T", "2", "-f", path.join(poms, "pom.xml"), "package"],
      `-Dtoolchain=${directory}`,
      `-Dmariadb.system=${mariadbSystem()}`,
    ],
    withinSeconds,
  });
  const mariadb = await mariadbFolder(path.join(directory, "mariadb"));
  for (const folder of ["bin", "scripts"])
    for (const file of await readdir(path.join(mariadb, folder)))
      await chmod(path.join(mariadb, folder, file), 0o755);
}

/** Builds the sink plugin and puts it, with what it needs, into `plugins/s3-sink/` of `directory`. */
export async function makeSinkPlugin(
  processes: Processes,
  maven: string,
  source: string,
  directory: string,
): Promise<void> {
  await processes.run({
    name: "sink-plugin",
    command: maven,
    args: [
      ...["-B", "-ntp", "-f", path.join(source, "pom.xml"), "package", "-DskipTests"],
      `-Dtoolchain=${directory}`,
    ],
    withinSeconds,
  });
}
