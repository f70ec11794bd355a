/** Whether what Maven put into the toolchain is what the repository says, by `local/jars/checksums.txt`. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, readdir } from "node:fs/promises";
import path from "node:path";
import { pipeline } from "node:stream/promises";

/** SHA-256 by the jar's path from the toolchain's folder, from lines as `sha256sum` prints them. @throws on any other line. */
export function readChecksums(text: string): ReadonlyMap<string, string> {
  const checksums = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const [, checksum, jar] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
    if (!checksum || !jar) throw new Error(`this is no checksum and path: ${line}`);
    checksums.set(jar, checksum);
  }
  return checksums;
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file), hash);
  return hash.digest("hex");
}

export interface CheckOptions {
  /** The toolchain's folder. */
  readonly directory: string;
  /** Folders of jars below it, each to hold no jar but those that are known. */
  readonly folders: readonly string[];
  /** The file of checksums. */
  readonly checksums: string;
  /** Names of jars that are built here and not downloaded. Default none. */
  readonly built?: readonly string[];
}

/**
 * Checks every jar of the folders.
 *
 * @throws Error naming each jar that is another than the file says, or that it does not know, with the line that it has.
 */
export async function checkJars(options: CheckOptions): Promise<void> {
  const { directory, folders, checksums, built = [] } = options;
  const known = readChecksums(await readFile(checksums, "utf8"));
  const wrong: string[] = [];
  for (const folder of folders)
    for (const name of (await readdir(path.join(directory, folder))).sort()) {
      if (!name.endsWith(".jar") || built.includes(name)) continue;
      const jar = path.posix.join(folder, name);
      const found = await sha256(path.join(directory, jar));
      if (known.get(jar) !== found) wrong.push(`${found}  ${jar}`);
    }
  if (wrong.length > 0)
    throw new Error(
      [
        `these jars are not those of ${checksums}:`,
        ...wrong,
        "Where a POM was changed on purpose put these lines into it; else someone gave you other files: use none of them.",
      ].join("\n"),
    );
}
