/** The three source tables, as `schemas/posts.json` declares them: what the emulator reads, loads, generates and posts. */
import declared from "../schemas/posts.json";

/** The kinds of rows that make up a post, in the order in which they are posted. */
export const kinds = ["pin", "geo", "user"] as const;
export type Kind = (typeof kinds)[number];

export type ColumnType = "int" | "double" | "text" | "datetime";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** Name of the column that holds the post's index. */
  readonly key: string;
  /** Where the key stands among the columns. */
  readonly keyPosition: number;
}

/** One field: `int` and `double` as numbers, `text` and `datetime` as strings, a missing one as null. */
export type Value = string | number | null;

/** One row: its values in the order of the table's columns. */
export type Row = readonly Value[];

/** The rows of one post; a kind whose table has no row for it is left out. */
export interface Post {
  /** The post's index, the key of each of its rows. */
  readonly key: number;
  readonly rows: Readonly<Partial<Record<Kind, Row>>>;
}

/** Name of the source database. */
export const databaseName = declared.database;

export const tables: Readonly<Record<Kind, Table>> = mapKinds((kind) => {
  const { table, key, columns } = declared.kinds[kind];
  const keyPosition = columns.findIndex((column) => column.name === key);
  if (keyPosition < 0) throw new Error(`schemas/posts.json: ${table} has no column ${key}`);
  return {
    name: table,
    key,
    keyPosition,
    columns: columns.map(({ name, type }) => ({ name, type: columnType(type) })),
  };
});

/** A record with one value for each kind. */
export function mapKinds<T>(make: (kind: Kind) => T): Record<Kind, T> {
  return { pin: make("pin"), geo: make("geo"), user: make("user") };
}

function columnType(text: string): ColumnType {
  if (text === "int" || text === "double" || text === "text" || text === "datetime") return text;
  throw new Error(`schemas/posts.json: ${text} is no column type`);
}
