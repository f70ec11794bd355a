/** `npm run emulate` as a process of its own, for the tests. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Database } from "../database";
import { emulateArguments } from "../own-process";

export interface EmulatorProcess {
  readonly child: ChildProcess;
  /** Its exit code, null if a signal ended it, and what it printed. */
  readonly ended: () => Promise<{ readonly code: number | null; readonly printed: string }>;
}

/** What the command is told beside its options. */
export interface Given {
  readonly userId: string;
  readonly apiKey: string;
}

const testApi: Given = { userId: "0ea7", apiKey: "the-key" };

/** Starts the command as a user does, for the API of the tests. */
export function spawnEmulator(database: Database, ...options: readonly string[]): EmulatorProcess {
  return spawnEmulatorFor(testApi, database, ...options);
}

/** Starts the command as a user does. */
export function spawnEmulatorFor(
  { userId, apiKey }: Given,
  database: Database,
  ...options: readonly string[]
): EmulatorProcess {
  const { password = "" } = database;
  const child = spawn(
    process.execPath,
    emulateArguments(database, ["--user-id", userId, ...options]),
    {
      env: { ...process.env, DATABASE_PASSWORD: password, API_KEY: apiKey },
      stdio: ["ignore", "pipe", "ignore"],
    },
  );
  const output = child.stdout.toArray();
  const closed = once(child, "close");
  return {
    child,
    ended: async () => {
      await closed;
      return { code: child.exitCode, printed: Buffer.concat(await output).toString() };
    },
  };
}
