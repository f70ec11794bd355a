/** Writes posts as a folder of CSV files, in the form in which `npm start -- --source` reads them. */
import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { kinds, mapKinds, tables, type Kind, type Post, type Row, type Value } from "../schema";
import { fileOf, nullText } from "./format";

export interface WriteOptions {
  /** Whether files that are there already are written over. Default: no, they are refused. */
  readonly replace?: boolean;
  /** Told now and then how many rows are written, of all files together. */
  readonly onProgress?: (rows: number) => void;
}

/** Rows between two reports of progress. */
const progressRows = 1000;

/**
 * Writes the posts to the folder, which is made if it is not there.
 *
 * @returns the rows written, by kind.
 * @throws if a file exists and is not to be written over, before anything is written.
 */
export async function writeSource(
  posts: Iterable<Post>,
  directory: string,
  options: WriteOptions = {},
): Promise<Record<Kind, number>> {
  await mkdir(directory, { recursive: true });
  const paths = mapKinds((kind) => join(directory, fileOf(kind)));
  if (!options.replace) await refuseExisting(Object.values(paths));
  const written = mapKinds(() => 0);
  const streams = mapKinds((kind) => createWriteStream(paths[kind]));
  const ends = kinds.map((kind) => finished(streams[kind]));
  // A failure is thrown once all is written; until then nothing else may take it for unhandled.
  for (const end of ends) end.catch(() => undefined);
  for (const kind of kinds)
    await write(
      streams[kind],
      tables[kind].columns.map(({ name }) => name),
    );
  let count = 0;
  for (const { rows } of posts) {
    for (const kind of kinds) {
      const row = rows[kind];
      if (!row) continue;
      await write(streams[kind], row);
      written[kind]++;
    }
    if (++count % progressRows === 0) options.onProgress?.(count);
  }
  for (const kind of kinds) streams[kind].end();
  await Promise.all(ends);
  options.onProgress?.(count);
  return written;
}

async function refuseExisting(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists)
      throw new Error(`${path} exists: say that it is to be replaced, or take another folder`);
  }
}

async function write(stream: WriteStream, row: Row): Promise<void> {
  const line = `${row.map(fieldText).join(",")}\r\n`;
  if (!stream.write(line)) await once(stream, "drain");
}

function fieldText(value: Value): string {
  if (value === null) return nullText;
  const text = String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
