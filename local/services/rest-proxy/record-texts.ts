/**
 * The keys and the values of a produce request's records as they stand in its body: to parse and write them anew would change
 * numbers (9007199254740993, 1e400), and takes longer.
 */
import {
  afterSpace,
  afterString,
  afterValue,
  closeBrace,
  closeBracket,
  comma,
  openBrace,
  openBracket,
} from "../json-bytes";

const letterN = 0x6e;

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
    this.position = afterSpace(this.bytes, this.position);
  }
}
