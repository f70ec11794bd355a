/** The emulator as its user runs it: the command as a process of its own, with what it does by default. */
import path from "node:path";
import type { Machine } from "../local/machine";
import { scripts } from "../package.json";
import type { IngestApi } from "./ingest-api";

const withinSeconds = 3 * 3_600;

/** What `npm run emulate` calls: Node.js with its options, and the program as the last of them. */
const [, ...nodeArguments] = scripts.emulate.split(" ");
const program = path.join(__dirname, "..", nodeArguments.at(-1) ?? "");

/** Where from and where to. */
export type Posting = Pick<IngestApi, "url" | "apiKey" | "userId" | "source">;

/** What else the process is to load before the command, and to find in its environment. */
interface Beside {
  readonly module?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/**
 * Runs `npm run emulate` to its end.
 *
 * @returns the posts a second that it tells.
 * @throws if any row did not arrive.
 */
export async function runEmulator(
  { processes, directory }: Machine,
  { url, apiKey, userId, source }: Posting,
  options: readonly string[] = [],
  { module, environment }: Beside = {},
): Promise<number> {
  const { host, port, user, password, database } = source;
  const printed = await processes.run({
    name: "emulate",
    command: process.execPath,
    args: [
      ...nodeArguments.slice(0, -1),
      ...(module === undefined ? [program] : ["--import", module, program]),
      ...["--source", `mysql://${user}@${host}:${port}/${database}`],
      ...["--api", url, "--user-id", userId, "--journal", path.join(directory, "journal")],
      ...options,
    ],
    directory: __dirname,
    environment: { DATABASE_PASSWORD: password, API_KEY: apiKey, ...environment },
    withinSeconds,
  });
  const [, rate] = /([\d.]+) posts\/s$/m.exec(printed) ?? [];
  if (rate === undefined) throw new Error(`the emulator told no rate:\n${printed}`);
  return Number(rate);
}
