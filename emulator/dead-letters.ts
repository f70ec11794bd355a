/** The file of rows that no attempt will deliver: a JSON object a line. */
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
} from "node:fs";
import { dirname } from "node:path";
import type { DeadLetter } from "./delivery";
import type { Path } from "./paths";
import { tables } from "./schema";
import { writeWhole } from "./write-whole";

/**
 * Appends a dead letter: its path, table, key and reason, and the row as it would have been sent. The disk has it when this
 * returns, since the journal then forgets the row.
 *
 * A replay that is resumed may meet the row again: it may stand here once more then, or arrive after all.
 */
export function appendDeadLetter(
  file: string,
  path: Path,
  { kind, key, reason, json }: DeadLetter,
): void {
  mkdirSync(dirname(file), { recursive: true });
  const about = { path, table: tables[kind].name, key, reason };
  const letters = openSync(file, "a+", 0o600);
  try {
    const { size } = fstatSync(letters);
    const start = endsInLine(letters, size) ? "\n" : "";
    try {
      writeWhole(letters, `${start}${JSON.stringify(about).slice(0, -1)},"row":${json}}\n`);
    } catch (error) {
      // Of a full disk: half a letter is no line of JSON.
      ftruncateSync(letters, size);
      throw error;
    }
    fsyncSync(letters);
  } finally {
    closeSync(letters);
  }
}

/** Whether the file's last line has no end: whoever wrote it was killed. */
function endsInLine(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  return size > 0 && readSync(file, last, 0, 1, size - 1) === 1 && last.toString() !== "\n";
}
