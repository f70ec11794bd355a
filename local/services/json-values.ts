/** How much memory a JSON text may take once it is parsed: a value of two bytes can become an object of sixty. */
import { backslash, comma, openBrace, openBracket, quote } from "./json-bytes";

/** A body of records that is as large as this and has more values than this is no body of records. */
export const valuesAtMost = 1_000_000;
/** What is no larger is not looked through: however many values it has, there is room for them. */
const bytesOfNoConcern = 2 * 1_048_576;

/** Whether a JSON text is so full of values that there is no room for them. What is no JSON is left for the parser to refuse. */
export function hasTooManyValues(text: Buffer): boolean {
  if (text.length <= bytesOfNoConcern) return false;
  let values = 0;
  let isInString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte === quote) isInString = !isInString;
    else if (isInString) {
      if (byte === backslash) at++;
    } else if (byte === comma || byte === openBracket || byte === openBrace) {
      // Each begins a value, or what may hold one.
      if (++values > valuesAtMost) return true;
    }
  }
  return false;
}
