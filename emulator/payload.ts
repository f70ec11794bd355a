/** The JSON of a row, as the ingest API takes it: MySQL's column names, datetimes as ISO text. */
import { inspect } from "node:util";
import { mapKinds, tables, type ColumnType, type Kind, type Row, type Value } from "./schema";

/** For each kind, the text before each column's value and the column's type; worked out once, for speed. */
const encoders = mapKinds((kind) =>
  tables[kind].columns.map(({ name, type }, position) => ({
    before: `${position === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    type,
  })),
);

/** A row holds a value that JSON has no form for. */
export class EncodingFault extends Error {
  override readonly name = "EncodingFault";
}

/**
 * A row as a JSON object.
 *
 * @throws EncodingFault naming the column.
 */
export function rowJson(kind: Kind, row: Row): string {
  let json = "";
  let position = 0;
  for (const { before, type } of encoders[kind]) {
    const value = valueJson(type, row[position] ?? null);
    if (value === undefined) {
      const { table, column } = placeOf(kind, position);
      const shown = inspect(row[position]);
      throw new EncodingFault(`${column} of ${table} cannot be written as JSON: ${shown}`);
    }
    json += before + value;
    position++;
  }
  return json + "}";
}

function placeOf(kind: Kind, position: number): { table: string; column: string } {
  const { name, columns } = tables[kind];
  return { table: name, column: columns[position]?.name ?? "" };
}

/** Undefined where JSON does not keep the value as it is: what a driver hands out is not held to the types. */
function valueJson(type: ColumnType, value: Value): string | undefined {
  if (typeof value === "string")
    return type === "datetime" ? datetimeJson(value) : JSON.stringify(value);
  if (value === null) return "null";
  if (Number.isSafeInteger(value)) return String(value);
  if (!Number.isFinite(value)) return undefined;
  // A whole double written in digits alone is read as an integer by Connect, and cut to 64 bits.
  return Number.isInteger(value) ? value.toExponential() : String(value);
}

/** `2022-01-01 02:26:50.000000` as `"2022-01-01T02:26:50"`: a fraction stays unless it is zero. */
function datetimeJson(datetime: string): string {
  if (wholeSecond.test(datetime)) return `"${datetime.slice(0, 10)}T${datetime.slice(11, 19)}"`;
  return JSON.stringify(datetime.replace(" ", "T").replace(/\.0*$/, ""));
}

/** What nearly all datetimes look like, and what needs no escapes. */
const wholeSecond = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.0*)?$/;
