/** The JSON of a row, as the ingest API takes it: MySQL's column names, datetimes as ISO text. */
import { mapKinds, tables, type ColumnType, type Kind, type Row, type Value } from "./schema";

/** For each kind, the text before each column's value and the column's type; worked out once, for speed. */
const encoders = mapKinds((kind) =>
  tables[kind].columns.map(({ name, type }, position) => ({
    before: `${position === 0 ? "{" : ","}${JSON.stringify(name)}:`,
    type,
  })),
);

/** A row as a JSON object. */
export function rowJson(kind: Kind, row: Row): string {
  let json = "";
  encoders[kind].forEach(({ before, type }, position) => {
    json += before + valueJson(type, row[position] ?? null);
  });
  return json + "}";
}

function valueJson(type: ColumnType, value: Value): string {
  return JSON.stringify(type === "datetime" && typeof value === "string" ? isoText(value) : value);
}

/** `2022-01-01 02:26:50.000000` as `2022-01-01T02:26:50`: a fraction stays unless it is zero. */
function isoText(datetime: string): string {
  return datetime.replace(" ", "T").replace(/\.0*$/, "");
}
