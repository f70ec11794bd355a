/** A source database on MariaDB for one test file, with a folder of its own. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { load, type Post } from "../../emulator";
import type { Services } from "../machine";
import { Processes } from "../processes";
import { startMariadb } from "../services/mariadb";
import { installToolchain } from "../toolchain";

export interface SourceDatabase {
  /** Folder for what the test writes. */
  readonly directory: string;
  readonly database: Services["mysql"];
  /** Stops the server and removes the folder. */
  readonly close: () => Promise<void>;
}

/** Starts the server and loads the posts. @throws if either fails; nothing is left then. */
export async function startSourceDatabase(posts: readonly Post[]): Promise<SourceDatabase> {
  const toolchain = await installToolchain();
  const directory = await mkdtemp(path.join(tmpdir(), "source-database-"));
  const processes = await Processes.open(directory);
  const close = async () => {
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const database = await startMariadb(
      { directory, toolchain, processes },
      { user: "tester", database: "pinterest_data" },
    );
    await load(posts, database);
    return { directory, database, close };
  } catch (error) {
    await close();
    throw error;
  }
}
