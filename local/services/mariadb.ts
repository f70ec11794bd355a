/**
 * MariaDB in the place of RDS for MySQL, new and empty for each run.
 *
 * Defaults: 64 MiB of buffer pool, utf8mb4, UTC, a random password.
 */
import { randomBytes } from "node:crypto";
import { mkdir, realpath, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { createConnection } from "mysql2/promise";
import type { Machine, Services } from "../machine";
import { freePort } from "../ports";

export interface MariadbOptions {
  /** Name of the one user, who may do everything. */
  readonly user: string;
  /** Name of the database that is made. */
  readonly database: string;
  /** Default: random. */
  readonly password?: string;
}

const healthyWithinSeconds = 60;

/** Starts the server and makes the user and the database. @throws if it does not come up; with the end of its log. */
export async function startMariadb(
  machine: Pick<Machine, "directory" | "toolchain" | "processes">,
  options: MariadbOptions,
): Promise<Services["mysql"]> {
  const { user, database, password = randomBytes(18).toString("base64url") } = options;
  const base = machine.toolchain.mariadb;
  const directory = path.join(machine.directory, "mariadb");
  const data = path.join(directory, "data");
  const first = path.join(directory, "first.sql");
  await rm(directory, { recursive: true, force: true });
  await mkdir(data, { recursive: true });
  // The server refuses to run as root unless told to.
  const asRoot = process.getuid?.() === 0 ? ["--user=root"] : [];
  await machine.processes.run({
    name: "mariadb-install",
    command: "/bin/sh",
    // From its own folder, and the data's path from there: the script takes no path with a space.
    directory: base,
    args: [
      "scripts/mariadb-install-db",
      "--no-defaults",
      `--datadir=${path.relative(await realpath(base), await realpath(data))}`,
      "--auth-root-authentication-method=normal",
      "--skip-test-db",
      "--skip-name-resolve",
      ...asRoot,
    ],
  });
  const account = `${quoted(user)}@'%'`;
  await writeFile(
    first,
    [
      "DELETE FROM mysql.global_priv WHERE User = '' OR User = 'root';",
      "FLUSH PRIVILEGES;",
      `CREATE USER ${account} IDENTIFIED BY ${quoted(password)};`,
      `GRANT ALL ON *.* TO ${account} WITH GRANT OPTION;`,
      `CREATE DATABASE \`${database.replaceAll("`", "``")}\` CHARACTER SET utf8mb4;`,
      "",
    ].join("\n"),
    { mode: 0o600 },
  );
  const port = await freePort();
  const mysql = { host: "127.0.0.1", port, user, password, database };
  await machine.processes.start({
    name: "mariadb",
    command: path.join(base, "bin", "mariadbd"),
    args: [
      "--no-defaults",
      `--basedir=${base}`,
      `--datadir=${data}`,
      `--init-file=${first}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      // Below the data folder, and short: a socket's whole path may have 107 characters only.
      "--socket=server.sock",
      "--pid-file=server.pid",
      "--skip-name-resolve",
      // Without it the server makes a key of 4,096 bits at each start, which takes seconds; nobody else is on the loopback.
      "--skip-ssl",
      "--character-set-server=utf8mb4",
      "--default-time-zone=+00:00",
      "--innodb-buffer-pool-size=64M",
      "--innodb-log-file-size=32M",
      // A run's data is made anew by the next: it need not outlast a power cut.
      "--innodb-flush-log-at-trx-commit=2",
      "--key-buffer-size=1M",
      "--aria-pagecache-buffer-size=8M",
      "--performance-schema=OFF",
      "--max-connections=64",
      "--max-allowed-packet=64M",
      ...asRoot,
    ],
    healthyWithinSeconds,
    healthy: async () => {
      const connection = await createConnection({ ...mysql, connectTimeout: 2_000 });
      try {
        await connection.query("SELECT 1");
        return true;
      } finally {
        await connection.end();
      }
    },
  });
  return mysql;
}

/** A text as SQL. */
function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
