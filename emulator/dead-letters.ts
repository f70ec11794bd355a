/** The file of rows that no attempt will deliver: a JSON object a line. */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { DeadLetter } from "./delivery";
import type { Path } from "./paths";
import { tables } from "./schema";

/**
 * Appends a dead letter: its path, table, key and reason, and the row as it would have been sent. One that is met again
 * by a replay that is resumed may stand twice.
 */
export function appendDeadLetter(
  file: string,
  path: Path,
  { kind, key, reason, json }: DeadLetter,
): void {
  mkdirSync(dirname(file), { recursive: true });
  const about = { path, table: tables[kind].name, key, reason };
  appendFileSync(file, `${JSON.stringify(about).slice(0, -1)},"row":${json}}\n`, { mode: 0o600 });
}
