/** One part of the toolchain: made once, made again only when what it is made from changes. */
import { createHash } from "node:crypto";
import { readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";

/** What a part is made from, and where its finished state is written down. */
export interface Part {
  /** Short name, e.g. `python`. */
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** Files and folders that it is made from; a change in any makes it again. */
  readonly sources: readonly string[];
  /** Whatever else changes what comes out, e.g. the system's name. */
  readonly variant?: string;
  /** Files or folders that it makes; all are removed before it is made, so that a crash in the middle leaves nothing. */
  readonly products: readonly string[];
  /** Files in them without which it does not work, e.g. links to what the system has and may take away. Default none. */
  readonly needs?: readonly string[];
}

async function filesBelow(source: string): Promise<string[]> {
  if (!(await stat(source)).isDirectory()) return [source];
  const entries = await readdir(source, { withFileTypes: true, recursive: true });
  return (
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      // Below the source only: the checkout itself may stand below a folder of that name.
      .filter((file) => !path.relative(source, file).split(path.sep).includes("target"))
      .sort()
  );
}

/** A hash over the names and contents of a part's sources. */
export async function fingerprint(part: Part): Promise<string> {
  const hash = createHash("sha256").update(part.variant ?? "");
  for (const source of part.sources)
    for (const file of await filesBelow(source))
      hash.update(`\0${path.relative(path.dirname(source), file)}\0`).update(await readFile(file));
  return hash.digest("hex");
}

function stampOf(directory: string, part: Part): string {
  return path.join(directory, `${part.name}.stamp`);
}

/** Whether the part is there, made from its sources as they are. */
export async function isMade(directory: string, part: Part): Promise<boolean> {
  try {
    for (const file of [...part.products, ...(part.needs ?? [])]) await stat(file);
    return (await readFile(stampOf(directory, part), "utf8")) === (await fingerprint(part));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

/** Makes the part; only once that has succeeded does it count as made. */
export async function makePart(
  directory: string,
  part: Part,
  make: () => Promise<void>,
): Promise<void> {
  await rm(stampOf(directory, part), { force: true });
  for (const product of part.products) await rm(product, { recursive: true, force: true });
  const made = await fingerprint(part);
  await make();
  await writeFile(stampOf(directory, part), made);
}
