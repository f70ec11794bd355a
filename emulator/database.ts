/**
 * Connections to the MySQL database that holds the source tables.
 *
 * Every session runs in strict mode and in UTC, and hands out datetimes as the text that the server holds, so that no
 * result depends on this machine's time zone.
 */
import { createConnection, type Connection } from "mysql2/promise";
import { UsageError } from "./command-line";
import { databaseName } from "./schema";

/** Where the source tables are. */
export interface Database {
  readonly host: string;
  /** Default: 3306. */
  readonly port?: number;
  readonly user: string;
  readonly password?: string;
  /** Default: `pinterest_data`. */
  readonly database?: string;
  /** Whether the server is Amazon RDS, its certificate checked. Default: where the host's name says so. */
  readonly isRds?: boolean;
}

/** Name of the database (the MySQL schema) that holds the tables. */
export function nameOf(database: Database): string {
  return database.database ?? databaseName;
}

/**
 * Reads `mysql://user[:password]@host[:port][/database][?rds]`; percent-encoded parts are decoded. `rds` says that Amazon
 * RDS is at the end of a tunnel.
 *
 * @throws UsageError if the URL is none, or lacks its user or host. The message never shows the password.
 */
export function databaseFromUrl(text: string, password?: string): Database {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== "mysql:" || !url.hostname || !url.username) throw new UsageError(wrongUrl);
  const name = decoded(url.pathname.slice(1));
  const given = decoded(url.password) || password;
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    user: decoded(url.username),
    ...(url.port && { port: Number(url.port) }),
    ...(given && { password: given }),
    ...(name && { database: name }),
    ...(url.searchParams.has("rds") && { isRds: true }),
  };
}

const wrongUrl =
  "a MySQL address must have the form mysql://user@host:3306/pinterest_data (percent-encode special characters)";

/** A part of a URL. @throws UsageError where a percent sign stands for itself. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new UsageError(wrongUrl);
  }
}

/**
 * Opens a connection. Rows come as arrays in column order. Amazon RDS is reached over TLS, its certificate checked.
 *
 * @param selected whether the database is selected; false where it may not exist yet. Default: true.
 * @throws if the server cannot be reached or refuses the user, naming the server.
 */
export async function connect(database: Database, selected = true): Promise<Connection> {
  const {
    host,
    port = 3306,
    user,
    password,
    isRds = host.endsWith(".rds.amazonaws.com"),
  } = database;
  try {
    const connection = await createConnection({
      host,
      port,
      user,
      charset: "utf8mb4",
      dateStrings: true,
      decimalNumbers: true,
      rowsAsArray: true,
      ...(password !== undefined && { password }),
      ...(selected && { database: nameOf(database) }),
      ...(isRds && { ssl: "Amazon RDS" }),
    });
    await connection.query(
      "SET SESSION sql_mode = 'STRICT_ALL_TABLES', SESSION time_zone = '+00:00'",
    );
    return connection;
  } catch (error) {
    throw new Error(`MySQL at ${host}:${port} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

/** A name as SQL takes it, whatever characters it has. */
export function quoted(name: string): string {
  return `\`${name.replaceAll("`", "``")}\``;
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.message || ("code" in error ? String(error.code) : error.name);
}
