/** The emulator as its user runs it: the command as a process of its own, with what it does by default. */
import path from "node:path";
import type { Machine } from "../local/machine";
import { emulateArguments } from "../emulator/own-process";
import type { IngestApi } from "./ingest-api";

const withinSeconds = 3 * 3_600;

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
  const journal = path.join(directory, "journal");
  const printed = await processes.run({
    name: "emulate",
    command: process.execPath,
    args: emulateArguments(
      source,
      ["--api", url, "--user-id", userId, "--journal", journal, ...options],
      module === undefined ? [] : [module],
    ),
    directory: __dirname,
    environment: { DATABASE_PASSWORD: source.password, API_KEY: apiKey, ...environment },
    withinSeconds,
  });
  const [, rate] = /([\d.]+) posts\/s$/m.exec(printed) ?? [];
  if (rate === undefined) throw new Error(`the emulator told no rate:\n${printed}`);
  return Number(rate);
}
