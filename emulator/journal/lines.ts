/** Lines of a journal's file: JSON after its CRC-32, so that a line that was not written whole is known as such. */
import { crc32 } from "node:zlib";

/** A line as it stands in the file. */
export function lineOf(value: unknown): string {
  const text = JSON.stringify(value);
  return `${checksum(text)} ${text}\n`;
}

/** What a file's lines say, up to the first that is not whole. */
export interface ReadLines {
  readonly values: readonly unknown[];
  /** Bytes of the whole lines. */
  readonly bytes: number;
  /** Whether whole lines follow one that is not: no interrupted writing leaves that. */
  readonly isDamaged: boolean;
}

export function readLines(content: string): ReadLines {
  const values: unknown[] = [];
  let bytes = 0;
  const lines = content.split("\n");
  const torn = lines.findIndex((line, index) => index === lines.length - 1 || !isWhole(line));
  for (const line of lines.slice(0, torn)) {
    values.push(JSON.parse(line.slice(9)));
    bytes += Buffer.byteLength(line) + 1;
  }
  return { values, bytes, isDamaged: lines.slice(torn + 1).some(isWhole) };
}

function isWhole(line: string): boolean {
  return line.length > 9 && line.slice(0, 9) === `${checksum(line.slice(9))} `;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}
