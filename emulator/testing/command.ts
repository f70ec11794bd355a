/** `npm run emulate` as a process of its own, for the tests. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { nameOf, type Database } from "../database";

export interface EmulatorProcess {
  readonly child: ChildProcess;
  /** Its exit code, null if a signal ended it, and what it printed. */
  readonly ended: () => Promise<{ readonly code: number | null; readonly printed: string }>;
}

/** Starts the command as a user does, the user id and the API's key given. */
export function spawnEmulator(database: Database, ...options: readonly string[]): EmulatorProcess {
  const { host, port = 3306, user, password = "" } = database;
  const child = spawn(
    process.execPath,
    [
      ...["--import", "tsx", path.join(__dirname, "..", "emulate.ts")],
      ...["--source", `mysql://${user}@${host}:${port}/${nameOf(database)}`],
      ...["--user-id", "0ea7", ...options],
    ],
    {
      env: { ...process.env, DATABASE_PASSWORD: password, API_KEY: "the-key" },
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
