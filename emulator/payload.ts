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
  encoders[kind].forEach(({ before, type }, position) => {
    const value = row[position] ?? null;
    if (!isEncodable(value)) {
      const { table, column } = placeOf(kind, position);
      throw new EncodingFault(`${column} of ${table} cannot be written as JSON: ${inspect(value)}`);
    }
    json += before + valueJson(type, value);
  });
  return json + "}";
}

/** Whether JSON keeps the value as it is: what a driver hands out is not held to the types. */
function isEncodable(value: unknown): boolean {
  return value === null || typeof value === "string" || Number.isFinite(value);
}

function placeOf(kind: Kind, position: number): { table: string; column: string } {
  const { name, columns } = tables[kind];
  return { table: name, column: columns[position]?.name ?? "" };
}

function valueJson(type: ColumnType, value: Value): string {
  return JSON.stringify(type === "datetime" && typeof value === "string" ? isoText(value) : value);
}

/** `2022-01-01 02:26:50.000000` as `2022-01-01T02:26:50`: a fraction stays unless it is zero. */
function isoText(datetime: string): string {
  return datetime.replace(" ", "T").replace(/\.0*$/, "");
}
