/** Python environments, each from a lock file with hashes. */
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import type { Processes } from "../processes";

const withinSeconds = 900;

/** The lock file of uv itself. */
export const installer = path.join(__dirname, "..", "python", "installer.txt");

/** The Python of an environment: a link to the system's. */
export function executableOf(environment: string): string {
  return path.join(environment, "bin", "python");
}

/** What an environment's lock does not tell, as a part's variant: without its modules compiled each process compiles them anew. */
export const variant = "compiled";

/**
 * Makes a virtual environment in `target` of what `lock` lists. With uv, which takes 40 s where pip takes 150; with pip where uv fails, since
 * a mirror may be set for pip alone.
 */
export async function makePython(
  processes: Processes,
  python: string,
  lock: string,
  target: string,
): Promise<void> {
  const cache = `${target}-cache`;
  const own = executableOf(target);
  // What an installer leaves behind, ended in the middle or not, goes with its cache.
  const environment = { TMPDIR: cache, UV_CACHE_DIR: cache, UV_PYTHON_DOWNLOADS: "never" };
  await mkdir(cache, { recursive: true });
  const run = (command: string, args: readonly string[]) =>
    processes.run({ name: "python", command, args, environment, withinSeconds });
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"];
  await run(python, ["-m", "venv", target]);
  try {
    await run(own, [...pip, "--require-hashes", "-r", installer]);
    // Named, since the user's settings may name another Python.
    const uv = ["-m", "uv", "pip", "install", "--python", own, "--compile-bytecode"];
    await run(own, [...uv, "--require-hashes", "-r", lock]);
  } catch {
    await run(own, [...pip, "--require-hashes", "-r", lock]);
  }
  await rm(cache, { recursive: true, force: true });
}

/**
 * Takes away the archive of PySpark in an environment that has it unpacked too. Spark puts it first in the path of each Python
 * process that it starts, which would compile it anew, and has ten seconds to answer.
 */
export async function unpackedPysparkOnly(processes: Processes, python: string): Promise<void> {
  const program = [
    "from importlib.util import find_spec",
    "from pathlib import Path",
    "(Path(find_spec('pyspark').origin).parent / 'python/lib/pyspark.zip').unlink()",
  ];
  await processes.run({ name: "python", command: python, args: ["-c", program.join("\n")] });
}
