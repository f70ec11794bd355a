/** Lines of a journal's file: JSON after its CRC-32, so that a line that was not written whole is known as such. */
import { readSync } from "node:fs";
import { crc32 } from "node:zlib";

/** A line as it stands in the file. */
export function lineOf(value: unknown): string {
  const text = JSON.stringify(value);
  return `${checksum(text)} ${text}\n`;
}

/** How far a file's lines could be read. */
export interface ReadLines {
  /** Bytes of the whole lines, up to the first that is not. */
  readonly bytes: number;
  /** Whether whole lines follow one that is not: no interrupted writing leaves that. */
  readonly isDamaged: boolean;
}

/** Bytes read at a time: a journal may be larger than memory. */
const chunkBytes = 65_536;
const newline = "\n".charCodeAt(0);

/**
 * Reads an open file's lines, up to the first that is not whole.
 *
 * @param take is given what each says, and how many came before.
 */
export function readLines(file: number, take: (value: unknown, index: number) => void): ReadLines {
  let bytes = 0;
  let index = 0;
  let isTorn = false;
  for (const { line, isEnded } of linesIn(file)) {
    const text = line.toString();
    if (isTorn && isWhole(text)) return { bytes, isDamaged: true };
    isTorn ||= !isEnded || !isWhole(text);
    if (isTorn) continue;
    take(JSON.parse(text.slice(9)), index++);
    bytes += line.length + 1;
  }
  return { bytes, isDamaged: false };
}

/** A file's lines, without their ends; the last one has none. */
function* linesIn(file: number): Generator<{ line: Buffer; isEnded: boolean }> {
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let rest = Buffer.alloc(0);
  for (let position = 0; ;) {
    const read = readSync(file, chunk, 0, chunkBytes, position);
    if (read === 0) break;
    position += read;
    const content = Buffer.concat([rest, chunk.subarray(0, read)]);
    let start = 0;
    for (let end; (end = content.indexOf(newline, start)) >= 0; start = end + 1)
      yield { line: content.subarray(start, end), isEnded: true };
    rest = content.subarray(start);
  }
  yield { line: rest, isEnded: false };
}

function isWhole(line: string): boolean {
  return line.length > 9 && line.slice(0, 9) === `${checksum(line.slice(9))} `;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
