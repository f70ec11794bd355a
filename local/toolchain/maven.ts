/** The class paths, MariaDB and the sink plugin, by Maven. */
import { chmod, readdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Processes } from "../processes";
import { checkJars } from "./checksums";
import { MissingPrerequisite } from "./prerequisites";

const withinSeconds = 900;

/** Refuses what does not have the checksum that its repository tells; those that are run are held to ours besides. */
const strictly = ["-B", "-ntp", "--strict-checksums"];

/** Where the POM puts MariaDB's archive beside what it unpacks from it. */
const archives = "mariadb-archive";

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

/**
 * Copies the class paths into folders of `directory`, one each, and unpacks MariaDB there.
 *
 * @throws if Maven fails, or if a jar is not the one of `checksums`.
 */
export async function makeJars(
  processes: Processes,
  maven: string,
  poms: string,
  directory: string,
  checksums: string,
): Promise<void> {
  await processes.run({
    name: "jars",
    command: maven,
    args: [
      ...[...strictly, "-T", "2", "-f", path.join(poms, "pom.xml"), "package"],
      `-Dtoolchain=${directory}`,
      `-Dmariadb.system=${mariadbSystem()}`,
    ],
    withinSeconds,
  });
  try {
    await checkJars({ directory, folders: ["kafka", "connect", "spark", archives], checksums });
  } finally {
    await rm(path.join(directory, archives), { recursive: true });
  }
  const mariadb = await mariadbFolder(path.join(directory, "mariadb"));
  for (const folder of ["bin", "scripts"])
    for (const file of await readdir(path.join(mariadb, folder)))
      await chmod(path.join(mariadb, folder, file), 0o755);
}

/**
 * Builds the sink plugin and puts it, with what it needs, into `plugins/s3-sink/` of `directory`.
 *
 * @throws as `makeJars` does.
 */
export async function makeSinkPlugin(
  processes: Processes,
  maven: string,
  source: string,
  directory: string,
  checksums: string,
): Promise<void> {
  await processes.run({
    name: "sink-plugin",
    command: maven,
    args: [
      ...[...strictly, "-f", path.join(source, "pom.xml"), "package", "-DskipTests"],
      `-Dtoolchain=${directory}`,
    ],
    withinSeconds,
  });
  const folder = "plugins/s3-sink";
  await checkJars({ directory, folders: [folder], checksums, built: ["sink-plugin-1.jar"] });
}
