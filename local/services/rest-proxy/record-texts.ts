/**
 * The keys and the values of a produce request's records as they stand in its body: to parse and write them anew would change
 * numbers (9007199254740993, 1e400), and takes longer.
 */

const quote = 0x22;
const comma = 0x2c;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const letterN = 0x6e;
const openBrace = 0x7b;
const closeBrace = 0x7d;
/** None of JSON's other characters outside strings stands before it. */
const space = 0x20;

/** Null where there is none, or JSON's null. */
export interface RecordText {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/**
 * The texts of the records, parts of `body` itself.
 *
 * @param body JSON of a produce request's form, which is not checked
 */
export function recordTexts(body: Buffer): RecordText[] {
  const reader = new Reader(body);
  let texts: RecordText[] = [];
  reader.enter(openBrace);
  while (reader.hasMore())
    if (reader.name() === "records") texts = readRecords(reader);
    else reader.passValue();
  return texts;
}

/** Of several members of one name only the last counts: another may be of any form. */
function readRecords(reader: Reader): RecordText[] {
  const texts: RecordText[] = [];
  if (!reader.enter(openBracket)) return texts;
  while (reader.hasMore()) texts.push(readRecord(reader));
  return texts;
}

function readRecord(reader: Reader): RecordText {
  let key: Buffer | null = null;
  let value: Buffer | null = null;
  if (!reader.enter(openBrace)) return { key, value };
  while (reader.hasMore()) {
    const name = reader.name();
    if (name === "value") value = reader.text();
    else if (name === "key") key = reader.text();
    else reader.passValue();
  }
  return { key, value };
}

class Reader {
  private position = 0;

  constructor(private readonly bytes: Buffer) {}

  /** Passes the bracket that opens an object or an array; where another value stands it passes that, and tells so. */
  enter(bracket: number): boolean {
    this.passSpace();
    const isThere = this.bytes[this.position] === bracket;
    if (isThere) this.position++;
    else this.passValue();
    return isThere;
  }

  /** Moves to the next member or item; false at the end of the object or array, which it passes. */
  hasMore(): boolean {
    this.passSpace();
    const byte = this.bytes[this.position];
    if (byte === closeBrace || byte === closeBracket) {
      this.position++;
      return false;
    }
    if (byte === comma) this.position++;
    return true;
  }

  /** Passes a member's name. */
  name(): string {
    this.passSpace();
    const start = this.position;
    const end = afterString(this.bytes, start);
    this.position = end;
    this.passSpace();
    this.position++; // the colon
    const name = this.bytes.toString("latin1", start + 1, end - 1);
    return name.includes("\\") ? (JSON.parse(`"${name}"`) as string) : name;
  }

  text(): Buffer | null {
    this.passSpace();
    const start = this.position;
    this.passValue();
    return this.bytes[start] === letterN ? null : this.bytes.subarray(start, this.position);
  }

  passValue(): void {
    this.passSpace();
    this.position = afterValue(this.bytes, this.position);
  }

  private passSpace(): void {
    const { bytes } = this;
    let at = this.position;
    while ((bytes[at] ?? quote) <= space) at++;
    this.position = at;
  }
}

function afterString(bytes: Buffer, start: number): number {
  let at = start + 1;
  for (let byte = bytes[at]; byte !== quote; byte = bytes[at]) at += byte === backslash ? 2 : 1;
  return at + 1;
}

/** The end of the value that begins at `start`: no recursion, since a body may be nested deeper than the stack is. */
function afterValue(bytes: Buffer, start: number): number {
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

/** The end of a number, `true`, `false` or `null`: within an object, so that something stands behind it. */
function afterWord(bytes: Buffer, start: number): number {
  let at = start;
  for (let byte = bytes[at] ?? comma; byte > space; byte = bytes[at] ?? comma) {
    if (byte === comma || byte === closeBrace || byte === closeBracket) break;
    at++;
  }
  return at;
}
