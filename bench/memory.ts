/** `memory`: that the emulator takes no more memory for more posts. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { createConnection } from "mysql2/promise";
import { generate, kinds, load, tables } from "../emulator";
import { startMariadb } from "../local/services/mariadb";
import type { Bench } from "./bench";
import { runEmulator, type Posting } from "./emulator";
import { startTakingApi } from "./taking-api";

const fewPosts = 10_000;
const sides = ["many posts", `${fewPosts} posts`] as const;

export const memory: Bench = {
  name: "memory",
  sides,
  measures: "the most memory that the emulator takes, from MariaDB to an API that takes everything",
  unit: "MiB",
  goal: { atMost: 1.2 },
  rows: 10_000_000,
  warmUp: false,
  open: async ({ machine, rows }) => {
    const mysql = await startMariadb(machine, { user: "bench", database: "few" });
    await load(generate({ rows: fewPosts, seed: "bench" }), mysql);
    const many = { ...mysql, database: "many" };
    await repeatPosts(mysql, many.database, rows);
    const api = await startTakingApi("/v1");
    const posting = { url: api.url, apiKey: "none", userId: "bench" };
    const file = path.join(machine.directory, "peak-memory");
    return {
      measure: async (side) => {
        const source: Posting = { ...posting, source: side === sides[0] ? many : mysql };
        await runEmulator(machine, source, [], {
          module: path.join(__dirname, "programs", "peak-memory.ts"),
          environment: { PEAK_MEMORY_FILE: file },
        });
        return Number(await readFile(file, "utf8")) / 1_024;
      },
      close: () => {
        api.close();
        return Promise.resolve();
      },
    };
  },
};

/**
 * Makes a database with as many posts as wanted, without loading them: views in which MariaDB's Sequence engine counts the
 * index, and each index has the row of one of the few posts. Reading a page of them by its key costs the same anywhere.
 */
async function repeatPosts(
  few: { host: string; port: number; user: string; password: string; database: string },
  database: string,
  rows: number,
): Promise<void> {
  const connection = await createConnection(few);
  try {
    await connection.query(`CREATE DATABASE ${database}`);
    for (const kind of kinds) {
      const { name: table, key, columns } = tables[kind];
      const selected = columns.map(({ name }) =>
        name === key ? `seq AS \`${name}\`` : `\`${name}\``,
      );
      await connection.query(
        `CREATE VIEW ${database}.${table} AS SELECT ${selected.join(", ")} FROM seq_1_to_${rows} ` +
          `STRAIGHT_JOIN ${few.database}.${table} AS post ON post.\`${key}\` = seq % ${fewPosts}`,
      );
    }
  } finally {
    await connection.end();
  }
}
