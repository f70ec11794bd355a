/** Confluent's own S3 sink, where the user put it into `local/plugins/`. */
import { readdir } from "node:fs/promises";
import path from "node:path";

/**
 * The folder, if it holds a plugin: a folder with jars in it, as Confluent's zip unpacks; else undefined.
 *
 * @throws if a zip lies there that was not unpacked: it would be passed over in silence.
 */
export async function confluentPlugins(folder: string): Promise<string | undefined> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  if (entries.some((entry) => entry.name.endsWith(".jar"))) return folder;
  const zip = entries.find((entry) => entry.name.endsWith(".zip"));
  if (zip)
    throw new Error(
      `${path.join(zip.parentPath, zip.name)} is not unpacked: see README.md beside it`,
    );
  return undefined;
}
