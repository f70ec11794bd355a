/** Writing to a file until nothing is left to write. */
import { writeSync } from "node:fs";

/**
 * Appends a text to an open file.
 *
 * @throws if the system takes no more of it; a part may stand in the file then.
 */
export function writeWhole(file: number, text: string): void {
  const bytes = Buffer.from(text);
  // On a disk that is nearly full, one call may write a part and tell no error.
  for (let written = 0; written < bytes.length;) written += writeSync(file, bytes, written);
}
