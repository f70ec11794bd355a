/** The posts of the source database: every one in order, or drawn at random. */
import type { Connection } from "mysql2/promise";
import { connect, quoted, type Database } from "../database";
import { Random } from "../random";
import { kinds, mapKinds, tables, type Kind, type Post, type Row } from "../schema";
import { keyOf, pagesOf, query } from "./keyset";
import { mergeByKey } from "./merge";

/** Where posts come from. */
export interface PostSource {
  /** How many posts will come; undefined if they never end. */
  count(): Promise<number | undefined>;
  /** The posts, some at a time. */
  posts(): AsyncIterable<readonly Post[]>;
  close(): Promise<void>;
}

/** Posts drawn at a time in sample mode. */
const drawnPosts = 500;

/**
 * Every post once, in the order of the index.
 *
 * @param after only posts whose index is greater. Default: all.
 */
export async function replay(database: Database, after = -Infinity): Promise<PostSource> {
  const connections = await connectAll(database);
  return {
    count: async () => {
      const counts = await Promise.all(
        kinds.map((kind) => countRows(connections[kind], kind, after)),
      );
      return Math.max(...counts);
    },
    posts: () =>
      mergeByKey(
        mapKinds((kind) => pagesOf(connections[kind], tables[kind], { after })),
        mapKinds((kind) => tables[kind].keyPosition),
      ),
    close: () => closeAll(connections),
  };
}

/**
 * Posts drawn at random, with replacement, so that some come again and some never, as the original emulator does.
 *
 * The index of every post is kept in memory, in 8 bytes each, so that a post is drawn by its rank and read by its key.
 *
 * @param seed the same seed draws the same posts from the same tables.
 * @param count posts to draw. Default: no end.
 */
export async function sample(
  database: Database,
  seed: number | string,
  count = Infinity,
): Promise<PostSource> {
  const connections = await connectAll(database);
  return {
    count: () => Promise.resolve(Number.isFinite(count) ? count : undefined),
    posts: () => draw(connections, new Random(seed, "sample"), count),
    close: () => closeAll(connections),
  };
}

async function* draw(
  connections: Record<Kind, Connection>,
  random: Random,
  count: number,
): AsyncGenerator<readonly Post[]> {
  const keys = await readKeys(connections);
  if (keys.length === 0) throw new Error("the source tables are empty: there is nothing to draw");
  for (let left = count; left > 0; left -= drawnPosts) {
    const drawn = Array.from({ length: Math.min(left, drawnPosts) }, () =>
      Number(keys[random.whole(0, keys.length - 1)]),
    );
    const distinct = [...new Set(drawn)];
    const found = await Promise.all(
      kinds.map((kind) => readRows(connections[kind], kind, distinct)),
    );
    yield drawn.map((key) => {
      const rows: Partial<Record<Kind, Row>> = {};
      kinds.forEach((kind, position) => {
        const row = found[position]?.get(key);
        if (row) rows[kind] = row;
      });
      return { key, rows };
    });
  }
}

/** The keys of all posts, in order. */
async function readKeys(connections: Record<Kind, Connection>): Promise<Float64Array> {
  let keys = new Float64Array(1024);
  let length = 0;
  const pages = mapKinds((kind) => {
    const { key } = tables[kind];
    const columns = [{ name: key, type: "int" }] as const;
    return pagesOf(connections[kind], tables[kind], { columns, keyPosition: 0 });
  });
  for await (const posts of mergeByKey(
    pages,
    mapKinds(() => 0),
  ))
    for (const { key } of posts) {
      if (length === keys.length) {
        const longer = new Float64Array(length * 2);
        longer.set(keys);
        keys = longer;
      }
      keys[length++] = key;
    }
  return keys.subarray(0, length);
}

/** The rows with the given keys, by key. */
async function readRows(
  connection: Connection,
  kind: Kind,
  keys: readonly number[],
): Promise<ReadonlyMap<number, Row>> {
  const table = tables[kind];
  const columns = table.columns.map(({ name }) => quoted(name)).join(", ");
  const rows = await query(
    connection,
    `SELECT ${columns} FROM ${quoted(table.name)} WHERE ${quoted(table.key)} IN (?)`,
    [keys],
  );
  return new Map(rows.map((row) => [keyOf(table, row[table.keyPosition]), row]));
}

/** Counts the rows whose key is greater. */
async function countRows(connection: Connection, kind: Kind, after: number): Promise<number> {
  const { name, key } = tables[kind];
  const count = `SELECT COUNT(*) FROM ${quoted(name)}`;
  const [row] = Number.isFinite(after)
    ? await query(connection, `${count} WHERE ${quoted(key)} > ?`, [after])
    : await query(connection, count);
  return Number(row?.[0]);
}

/** One connection for each table, so that the three are read at the same time. */
async function connectAll(database: Database): Promise<Record<Kind, Connection>> {
  const opened = await Promise.allSettled(kinds.map(() => connect(database)));
  const connections = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  const [pin, geo, user] = connections;
  if (pin && geo && user) return { pin, geo, user };
  await Promise.all(connections.map((connection) => connection.end()));
  throw opened.find((one) => one.status === "rejected")?.reason;
}

async function closeAll(connections: Record<Kind, Connection>): Promise<void> {
  await Promise.all(Object.values(connections).map((connection) => connection.end()));
}
