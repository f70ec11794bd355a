/**
 * Reads a source table in the order of its key by keyset: each page begins after the last key of the page before, so
 * that page ten thousand costs what the first does. Never by offset.
 */
import type { Connection } from "mysql2/promise";
import { quoted } from "../database";
import type { Column, Row, Table, Value } from "../schema";

/** Rows a page: V8 copies what a page holds with each of its small collections, until all of it is used. */
const pageRows = 400;

export interface PageOptions {
  /** The columns to read. Default: all of the table's. */
  readonly columns?: readonly Column[];
  /** Where the key stands among them. Default: as in the table. */
  readonly keyPosition?: number;
  /** Only rows with a greater key. Default: all. */
  readonly after?: number;
}

/**
 * The table's rows, page by page, the next page being read while one is used.
 *
 * @throws if a row has no key, or two rows have the same: neither can be delivered as one post.
 */
export function pagesOf(
  connection: Connection,
  table: Table,
  options: PageOptions = {},
): AsyncGenerator<readonly Row[]> {
  return readAhead(readPages(connection, table, options));
}

async function* readPages(
  connection: Connection,
  table: Table,
  {
    columns = table.columns,
    keyPosition = table.keyPosition,
    after: from = -Infinity,
  }: PageOptions,
): AsyncGenerator<readonly Row[]> {
  const key = quoted(table.key);
  const select = `SELECT ${columns.map(({ name }) => quoted(name)).join(", ")} FROM ${quoted(table.name)}`;
  const order = `ORDER BY ${key} LIMIT ${pageRows + 1}`;
  let after = Number.isFinite(from) ? from : undefined;
  for (;;) {
    const rows: readonly Row[] =
      after === undefined
        ? await query(connection, `${select} ${order}`)
        : await query(connection, `${select} WHERE ${key} > ? ${order}`, [after]);
    // The row beyond the page tells whether there is more, and whether the last key stands twice.
    let previous: number | undefined;
    for (const row of rows) {
      const current = keyOf(table, row[keyPosition]);
      if (current === previous)
        throw new Error(
          `table ${table.name} has several rows with ${table.key} ${current}: one row a post is expected`,
        );
      previous = current;
    }
    const page = rows.slice(0, pageRows);
    const last = page.at(-1);
    if (!last) return;
    yield page;
    if (rows.length <= pageRows) return;
    after = keyOf(table, last[keyPosition]);
  }
}

/** Runs a query whose rows come as arrays. */
export async function query(
  connection: Connection,
  sql: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const [rows] = await connection.query(sql, [...values]);
  return rows as unknown as readonly Row[];
}

/** A row's key. @throws if it has none. */
export function keyOf(table: Table, value: Value | undefined): number {
  if (typeof value === "number") return value;
  throw new Error(
    `table ${table.name} has a row whose ${table.key} is ${JSON.stringify(value ?? null)}: each row needs a number`,
  );
}

/** Asks for the next item while the current one is used. */
async function* readAhead<T>(source: AsyncGenerator<T>): AsyncGenerator<T> {
  let next = source.next();
  try {
    for (;;) {
      const item = await next;
      if (item.done) return;
      next = source.next();
      // An error belongs to whoever asks for the next item; nobody may.
      next.catch(() => undefined);
      yield item.value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}
