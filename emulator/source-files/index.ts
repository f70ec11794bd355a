/**
 * Source data from a folder of CSV files: `pinterest_data.csv`, `geolocation_data.csv`, `user_data.csv`, each with a header
 * line, RFC 4180, UTF-8, `\N` for null. The files are checked whole before any row of them is used.
 */
import { join } from "node:path";
import type { Database } from "../database";
import { load, type LoadOptions } from "../load";
import { kinds, tables, type Kind, type Post, type Row, type Table } from "../schema";
import { CsvFault, readRecords, type CsvRecord } from "./csv";
import { fileOf, nullText } from "./format";
import { readValue, shown } from "./values";

/** The source cannot be loaded whole; the message names every fault found, with its file, line and column. */
export class SourceRefused extends Error {
  override readonly name = "SourceRefused";
}

/** Faults that are reported of one file, before it is given up. */
const mostFaults = 10;

/** How many rows the folder's files have, by kind. */
export type RowCounts = Readonly<Record<Kind, number>>;

/**
 * Checks that all three files can be loaded whole. Keys are kept in memory while their file is checked.
 *
 * @returns how many rows they have.
 * @throws SourceRefused naming the faults, up to ten of each file.
 */
export async function checkSource(directory: string): Promise<RowCounts> {
  const checks = await Promise.all(kinds.map((kind) => check(directory, kind)));
  const faults = checks.flatMap((checked) => checked.faults);
  if (faults.length > 0)
    throw new SourceRefused(
      [`the source in ${directory} cannot be loaded; nothing was:`, ...faults].join("\n  "),
    );
  const [pin = 0, geo = 0, user = 0] = checks.map((checked) => checked.rows);
  return { pin, geo, user };
}

/**
 * Checks the folder's files, and loads them into the source database.
 *
 * @returns the rows loaded, by kind.
 * @throws SourceRefused before anything is loaded, if the files cannot be loaded whole.
 */
export async function loadSource(
  directory: string,
  database: Database,
  options: LoadOptions = {},
): Promise<RowCounts> {
  const counted = await checkSource(directory);
  const loaded = await load(readSource(directory), database, options);
  for (const kind of kinds)
    if (loaded[kind] !== counted[kind])
      throw new Error(`${fileOf(kind)} was changed while it was loaded: load it again`);
  return loaded;
}

/** The rows of the checked files, each as a post of its own: their files need not be in the same order. */
export async function* readSource(directory: string): AsyncGenerator<Post> {
  for (const kind of kinds) {
    const table = tables[kind];
    const file = new SourceFile(table, join(directory, fileOf(kind)));
    for await (const row of file.rows())
      yield { key: Number(row[table.keyPosition]), rows: { [kind]: row } };
    const [fault] = file.faults;
    if (fault !== undefined) throw new SourceRefused(fault);
  }
}

async function check(
  directory: string,
  kind: Kind,
): Promise<{ readonly rows: number; readonly faults: readonly string[] }> {
  const file = new SourceFile(tables[kind], join(directory, fileOf(kind)));
  let rows = 0;
  for await (const row of file.rows()) {
    file.checkKey(row);
    rows++;
  }
  return { rows, faults: file.faults };
}

/** One file: its rows, and what is wrong with it. */
class SourceFile {
  readonly faults: string[] = [];
  private readonly decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  private readonly linesOfKeys = new Map<number, number>();
  private line = 1;
  private names: readonly (string | undefined)[] = [];

  constructor(
    private readonly table: Table,
    private readonly path: string,
  ) {}

  /** The rows without fault, until there are too many faults. */
  async *rows(): AsyncGenerator<Row> {
    try {
      let positions: readonly number[] | undefined;
      for await (const record of readRecords(this.path)) {
        this.line = record.line;
        if (!positions) {
          positions = this.readHeader(record);
          if (!positions) return;
          continue;
        }
        const row = this.readRow(record, positions);
        if (row) yield row;
        if (this.faults.length >= mostFaults) {
          this.faults.push(`${this.table.name}.csv: the lines after ${this.line} were not checked`);
          return;
        }
      }
      if (!positions)
        this.fault(1, undefined, `the file is empty: it needs the header line ${this.header()}`);
    } catch (error) {
      if (error instanceof CsvFault) this.fault(error.line, this.names[error.field], error.message);
      else this.faults.push(`${this.table.name}.csv: ${readProblem(error)}`);
    }
  }

  /** Finds fault with the row just read if its key stands in an earlier line. */
  checkKey(row: Row): void {
    const { key, keyPosition } = this.table;
    const value = Number(row[keyPosition]);
    const earlier = this.linesOfKeys.get(value);
    if (earlier === undefined) this.linesOfKeys.set(value, this.line);
    else
      this.fault(
        this.line,
        key,
        `${value} stands already on line ${earlier}: each key may stand once`,
      );
  }

  /** Where each column of the table stands in the file; undefined if the header is faulty. */
  private readHeader({ line, fields }: CsvRecord): readonly number[] | undefined {
    const { columns } = this.table;
    const names = fields.map((field) => this.decode(field));
    this.names = names;
    const before = this.faults.length;
    names.forEach((name, position) => {
      if (name === undefined)
        this.fault(
          line,
          undefined,
          `the name of column ${position + 1} is no valid UTF-8: save the file as UTF-8`,
        );
      else if (!columns.some((column) => column.name === name))
        this.fault(
          line,
          undefined,
          `${shown(name)} is no column of ${this.table.name}: the header must be ${this.header()}, in any order`,
        );
      else if (names.indexOf(name) < position)
        this.fault(line, name, "the column stands twice: leave one of them out");
    });
    for (const { name } of columns)
      if (!names.includes(name))
        this.fault(
          line,
          name,
          `the column is missing: the header must be ${this.header()}, in any order`,
        );
    if (this.faults.length > before) return undefined;
    return columns.map(({ name }) => names.indexOf(name));
  }

  /** The row of a record, in the table's order of columns; undefined if it is faulty. */
  private readRow({ line, fields }: CsvRecord, positions: readonly number[]): Row | undefined {
    const { columns, key } = this.table;
    if (fields.length !== columns.length) {
      const isBlank = fields.length === 1 && fields[0]?.length === 0;
      const found = isBlank ? "the line is empty" : `the line has ${fields.length} fields`;
      const hint =
        fields.length > columns.length
          ? "enclose a text with a comma in quotes"
          : "add what is missing, or remove the line";
      this.fault(line, undefined, `${found} where the header has ${columns.length}: ${hint}`);
      return undefined;
    }
    const before = this.faults.length;
    const row = columns.map(({ name, type }, index) => {
      const text = this.decode(fields[positions[index] ?? index]);
      if (text === undefined) {
        this.fault(line, name, "the text is no valid UTF-8: save the file as UTF-8");
        return null;
      }
      if (text === nullText) {
        if (name === key) this.fault(line, name, "the key is null: each row needs its key");
        return null;
      }
      const reading = readValue(type, text);
      if ("value" in reading) return reading.value;
      const orNull = name === key ? "" : `, or write ${nullText} for null`;
      this.fault(line, name, `${reading.problem}: correct it${orNull}`);
      return null;
    });
    return this.faults.length > before ? undefined : row;
  }

  private decode(field: Buffer | undefined): string | undefined {
    try {
      return this.decoder.decode(field);
    } catch {
      return undefined;
    }
  }

  private header(): string {
    return this.table.columns.map(({ name }) => name).join(",");
  }

  private fault(line: number, column: string | undefined, problem: string): void {
    const where = column === undefined ? `line ${line}` : `line ${line}, column ${column}`;
    this.faults.push(`${this.table.name}.csv, ${where}: ${problem}`);
  }
}

function readProblem(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT")
    return "the file is missing: put it there, with its header line even if it has no rows";
  return `the file cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
