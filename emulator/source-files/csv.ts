/** Reads the records of a CSV file (RFC 4180), strictly, with the physical line on which each begins. */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { CsvError, parse } from "csv-parse";

export interface CsvRecord {
  /** The physical line on which the record begins, from 1. */
  readonly line: number;
  /** The fields' bytes, without enclosing quotes. */
  readonly fields: readonly Buffer[];
}

/** The file is no CSV from this line on. */
export class CsvFault extends Error {
  /**
   * @param line physical line on which the faulty record begins.
   * @param field position of the faulty field, from 0.
   */
  constructor(
    readonly line: number,
    readonly field: number,
    message: string,
  ) {
    super(message);
  }
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
const newline = 0x0a;

/** Of a field: more than MySQL's own default takes at once is a quote that was never closed, and the rest of a large file. */
const fieldBytesAtMost = 16 * 1_048_576;

/**
 * The file's records, its header's among them. Lines end with CRLF or LF; a byte order mark is skipped.
 *
 * @throws CsvFault where the file breaks the format; what stands before has been yielded.
 */
export async function* readRecords(file: string): AsyncGenerator<CsvRecord> {
  let line = 1;
  let parsed: CsvRecord[] = [];
  const parser = parse({
    // Fields as bytes, so that each can be decoded, and found faulty, by itself.
    encoding: null,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
    // Of fields as bytes the parser counts the one that it reads, not those before it in the record.
    max_record_size: fieldBytesAtMost,
    // The parser counts a CRLF within quotes as two lines, so lines are counted here; and records that it still holds when
    // it fails are lost, so they are taken from it at once.
    on_record: (fields: unknown) => {
      const record = { line, fields: fields as Buffer[] };
      parsed.push(record);
      line += 1 + newlinesIn(record.fields);
      return null;
    },
  });
  // Each write and the end tell of a failure themselves.
  parser.on("error", () => undefined);

  const stream = createReadStream(file, { start: await markLength(file) });
  try {
    for await (const chunk of stream) {
      const failure = await told((done) => parser.write(chunk, done));
      yield* parsed;
      parsed = [];
      if (failure) throw faultOf(failure, line);
    }
    const failure = await told((done) => parser.end(done));
    yield* parsed;
    if (failure) throw faultOf(failure, line);
  } finally {
    parser.destroy();
    stream.destroy();
  }
}

/** How many bytes the byte order mark takes at the start of the file. */
async function markLength(file: string): Promise<number> {
  const handle = await open(file);
  try {
    const start = Buffer.alloc(byteOrderMark.length);
    await handle.read(start, 0, start.length, 0);
    return start.equals(byteOrderMark) ? start.length : 0;
  } finally {
    await handle.close();
  }
}

function told(act: (done: (error?: Error | null) => void) => void): Promise<Error | undefined> {
  return new Promise((resolve) => {
    act((error) => {
      resolve(error ?? undefined);
    });
  });
}

function newlinesIn(fields: readonly Buffer[]): number {
  let count = 0;
  for (const field of fields)
    for (let at = field.indexOf(newline); at >= 0; at = field.indexOf(newline, at + 1)) count++;
  return count;
}

function faultOf(error: Error, line: number): Error {
  if (!(error instanceof CsvError)) return error;
  const field = typeof error["column"] === "number" ? error["column"] : 0;
  return new CsvFault(line, field, problems[error.code] ?? error.message);
}

const problems: Readonly<Partial<Record<string, string>>> = {
  CSV_MAX_RECORD_SIZE: `the field has more than ${fieldBytesAtMost} bytes: close the quote that opens it, or shorten its text`,
  CSV_QUOTE_NOT_CLOSED:
    'the quote that opens the field is never closed: close it, and write a quote within the text as ""',
  CSV_INVALID_CLOSING_QUOTE:
    'something stands between the closing quote and the next comma: write a quote within the text as ""',
  INVALID_OPENING_QUOTE:
    'a quote stands within a field that does not begin with one: enclose the field in quotes, and write the quote as ""',
};
