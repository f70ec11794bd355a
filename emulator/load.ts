/** Makes the source tables in MySQL, and fills them. */
import type { Connection } from "mysql2/promise";
import { connect, nameOf, quoted, type Database } from "./database";
import { kinds, mapKinds, tables, type ColumnType, type Kind, type Post, type Row } from "./schema";
import { query } from "./source-tables/keyset";

export interface LoadOptions {
  /** Whether tables that are there already are dropped first, with all that is in them. Default: no, they are refused. */
  readonly replace?: boolean;
  /** Told now and then how many rows are loaded, of all tables together. */
  readonly onProgress?: (rows: number) => void;
}

/** Most rows an INSERT. */
const batchRows = 1000;
/** An INSERT of several rows is no longer than this, in bytes, or what the server takes. */
const batchBytes = 4_000_000;

/** MySQL types of the columns. Text of any length must fit, and the fraction of a datetime must stay. */
const sqlTypes: Readonly<Record<ColumnType, string>> = {
  int: "INT",
  double: "DOUBLE",
  text: "LONGTEXT",
  datetime: "DATETIME(6)",
};

/**
 * Loads posts into the source database, which is made if it is not there, with its tables.
 *
 * @returns the rows loaded, by kind.
 * @throws if a table exists and is not to be replaced, before anything is changed; or if the server refuses a row.
 */
export async function load(
  posts: Iterable<Post> | AsyncIterable<Post>,
  database: Database,
  options: LoadOptions = {},
): Promise<Record<Kind, number>> {
  const connection = await connect(database, false);
  try {
    await makeTables(connection, nameOf(database), options.replace ?? false);
    const inserts = mapKinds((kind) => new Inserts(connection, kind));
    const loaded = mapKinds(() => 0);
    let count = 0;
    const packet = await query(connection, "SELECT @@max_allowed_packet");
    const mostBytes = Number(packet[0]?.[0]) - 1024;
    for await (const { rows } of posts) {
      for (const kind of kinds) {
        const row = rows[kind];
        if (!row) continue;
        await inserts[kind].add(row, mostBytes);
        loaded[kind]++;
        count++;
        if (count % batchRows === 0) options.onProgress?.(count);
      }
    }
    for (const kind of kinds) await inserts[kind].flush();
    options.onProgress?.(count);
    return loaded;
  } finally {
    await connection.end();
  }
}

async function makeTables(connection: Connection, name: string, replace: boolean): Promise<void> {
  const names = kinds.map((kind) => tables[kind].name);
  const existing = await query(
    connection,
    "SELECT table_name FROM information_schema.tables WHERE table_schema = ? AND table_name IN (?)",
    [name, names],
  );
  if (existing.length > 0 && !replace)
    throw new Error(
      `database ${name} already has ${existing.flat().join(", ")}: say that they are to be replaced, or take another database`,
    );
  await connection.query(`CREATE DATABASE IF NOT EXISTS ${quoted(name)} CHARACTER SET utf8mb4`);
  await connection.query(`USE ${quoted(name)}`);
  for (const kind of kinds) {
    await connection.query(`DROP TABLE IF EXISTS ${quoted(tables[kind].name)}`);
    await connection.query(createStatement(kind));
  }
}

function createStatement(kind: Kind): string {
  const { name, key, columns } = tables[kind];
  const lines = columns.map(
    (column) =>
      `${quoted(column.name)} ${sqlTypes[column.type]} ${column.name === key ? "NOT NULL" : "NULL"}`,
  );
  const body = [...lines, `PRIMARY KEY (${quoted(key)})`].join(", ");
  return `CREATE TABLE ${quoted(name)} (${body}) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;
}

/** Gathers rows of one table, and inserts many with one statement. */
class Inserts {
  private rows: string[] = [];
  private bytes = 0;
  private readonly start: string;

  constructor(
    private readonly connection: Connection,
    private readonly kind: Kind,
  ) {
    const { name, columns } = tables[kind];
    this.start = `INSERT INTO ${quoted(name)} (${columns.map((column) => quoted(column.name)).join(", ")}) VALUES `;
  }

  async add(row: Row, mostBytes: number): Promise<void> {
    const text = `(${row.map((value) => this.connection.escape(value)).join(", ")})`;
    const bytes = Buffer.byteLength(text) + 1;
    const { name, key, keyPosition } = tables[this.kind];
    if (bytes + this.start.length > mostBytes)
      throw new Error(
        `${name}: the row with ${key} ${row[keyPosition] ?? ""} has ${bytes} bytes, more than the server takes at once: raise its max_allowed_packet`,
      );
    if (this.bytes + bytes + this.start.length > Math.min(batchBytes, mostBytes))
      await this.flush();
    this.rows.push(text);
    this.bytes += bytes;
    if (this.rows.length >= batchRows) await this.flush();
  }

  async flush(): Promise<void> {
    if (this.rows.length === 0) return;
    const statement = this.start + this.rows.join(",");
    this.rows = [];
    this.bytes = 0;
    await this.connection.query(statement);
  }
}
