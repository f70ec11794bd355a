/** Finds where the parts of a JSON text end, in its bytes as UTF-8; a text that is known to be JSON, or the search has no end. */

export const quote = 0x22;
export const comma = 0x2c;
export const openBracket = 0x5b;
export const backslash = 0x5c;
export const closeBracket = 0x5d;
export const openBrace = 0x7b;
export const closeBrace = 0x7d;
/** None of JSON's other characters outside strings stands before it. */
export const space = 0x20;

export function afterSpace(bytes: Buffer, start: number): number {
  let at = start;
  while ((bytes[at] ?? quote) <= space) at++;
  return at;
}

export function afterString(bytes: Buffer, start: number): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== quote; byte = bytes[at]) at += byte === backslash ? 2 : 1;
  return at + 1;
}

/** The end of the value that begins at `start`: no recursion, since a text may be nested deeper than the stack is. */
export function afterValue(bytes: Buffer, start: number): number {
  let depth = 0;
  let at = start;
  do {
    const byte = bytes[at];
    if (byte === quote) at = afterString(bytes, at);
    else {
      if (byte === openBrace || byte === openBracket) depth++;
      else if (byte === closeBrace || byte === closeBracket) depth--;
      else if (depth === 0) return afterWord(bytes, at);
      at++;
    }
  } while (depth > 0);
  return at;
}

/** The end of a number, `true`, `false` or `null`, which may be that of the text. */
function afterWord(bytes: Buffer, start: number): number {
  let at = start;
  for (let byte = bytes[at] ?? comma; byte > space; byte = bytes[at] ?? comma) {
    if (byte === comma || byte === closeBrace || byte === closeBracket) break;
    at++;
  }
  return at;
}
