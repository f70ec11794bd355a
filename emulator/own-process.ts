/** The command line of `npm run emulate`, for what starts it without npm: tests and benchmarks. */
import path from "node:path";
import { scripts } from "../package.json";
import { nameOf, type Database } from "./database";

const [, ...nodeOptions] = scripts.emulate.split(" ");
const program = path.join(__dirname, "..", nodeOptions.pop() ?? "");

/**
 * What Node.js is given to read from a database, as a user gives it: `package.json`'s own options are among it. The
 * password goes by the environment.
 *
 * @param options of the emulator, besides `--source`.
 * @param modules to be loaded before the program, by path.
 */
export function emulateArguments(
  database: Database,
  options: readonly string[],
  modules: readonly string[] = [],
): string[] {
  const { host, port = 3306, user } = database;
  return [
    ...nodeOptions,
    ...modules.flatMap((module) => ["--import", module]),
    program,
    ...["--source", `mysql://${user}@${host}:${port}/${nameOf(database)}`, ...options],
  ];
}
