/**
 * Keeps a file to one process at a time. Beside the file stands a symbolic link that names the process: it is made with what
 * it says in one step, so that nobody reads a lock that does not say yet whose it is.
 */
import { readFileSync, readlinkSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { UsageError } from "../command-line";

/**
 * Locks a file. A lock that a killed process has left is taken over.
 *
 * @param what the file is, for messages.
 * @returns unlocks it, which the end of the process does as well.
 * @throws UsageError if another process has locked it, naming that.
 */
export function lock(file: string, what: string): () => void {
  const link = `${file}.lock`;
  const start = startOf(process.pid);
  const own = start === undefined ? String(process.pid) : `${process.pid}.${start}`;
  while (!isMade(link, own)) {
    const holder = holderIn(link);
    if (holder === undefined) continue;
    const [pid = ""] = holder.split(".");
    if (isRunning(holder))
      throw new UsageError(
        `${what} ${file} is in use by process ${pid}: wait until it has ended, or end it (kill ${pid})`,
      );
    removeStale(link, holder);
  }
  const unlock = () => {
    process.off("exit", unlock);
    rmSync(link, { force: true });
  };
  process.on("exit", unlock);
  return unlock;
}

function isMade(link: string, own: string): boolean {
  try {
    symlinkSync(own, link);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** Whom a lock names; undefined if it is there no more. */
function holderIn(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    throw error;
  }
}

function isRunning(holder: string): boolean {
  const [pid, start] = holder.split(".");
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  const now = startOf(Number(pid));
  return start === undefined || now === undefined || now === start;
}

/**
 * When a process began, since the numbers of processes come again; undefined where the system does not tell. A process that
 * has ended, and whose parent has not asked for its fate, holds nothing any more.
 */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // After the command's name, which may hold anything: the state first, the start as the twentieth.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" ? "ended" : fields[19];
  } catch {
    return undefined;
  }
}

/** Removes the lock of a process that has ended, but none that another process has made in the meantime. */
function removeStale(link: string, holder: string): void {
  const aside = `${link}.${process.pid}`;
  try {
    renameSync(link, aside);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return;
    throw error;
  }
  if (readlinkSync(aside) === holder) rmSync(aside);
  else renameSync(aside, link);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
