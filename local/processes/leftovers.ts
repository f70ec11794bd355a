/** A run's list of its process groups, on disk: the next run finds there what a killed one left behind. */
import { appendFileSync } from "node:fs";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { processTable, type ProcessEntry } from "./table";

const fileName = "processes.list";

async function startOf(pid: number): Promise<string | undefined> {
  return (await processTable()).find((entry) => entry.pid === pid)?.started;
}

/** Opens the list in `directory`, its first entry this process. */
export async function openList(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  const line = `owner ${process.pid} ${(await startOf(process.pid)) ?? ""}\n`;
  await writeFile(path.join(directory, fileName), line);
}

/** Adds a group: at once, so that a kill -9 right after finds it written. */
export async function addToList(directory: string, group: number): Promise<void> {
  const started = await startOf(group);
  if (started !== undefined)
    appendFileSync(path.join(directory, fileName), `group ${group} ${started}\n`);
}

/** Removes the list: nothing of the run is left. */
export async function closeList(directory: string): Promise<void> {
  await rm(path.join(directory, fileName), { force: true });
}

/** Sends a signal to a group; one that has ended is no fault. */
export function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/**
 * Stops what an earlier run in `directory` left behind; call it before the folder is wiped.
 *
 * @returns how many process groups were stopped.
 * @throws if that run is still going on: two runs cannot share a folder.
 */
export async function stopLeftovers(directory: string): Promise<number> {
  let list: string;
  try {
    list = await readFile(path.join(directory, fileName), "utf8");
  } catch {
    return 0;
  }
  const table = new Map((await processTable()).map((entry) => [entry.pid, entry]));
  const left: ProcessEntry[] = [];
  for (const line of list.split("\n")) {
    const [kind, pid, ...started] = line.split(" ");
    const entry = table.get(Number(pid));
    if (!entry || entry.started !== started.join(" ")) continue;
    if (kind === "owner" && entry.pid !== process.pid)
      throw new Error(
        `another run (process ${entry.pid}) is going on in ${directory}: stop it first, or use another folder`,
      );
    if (kind === "group") left.push(entry);
  }
  for (const { pid } of left) signalGroup(pid, "SIGKILL");
  const groups = new Set(left.map((entry) => entry.pid));
  const bound = Date.now() + 5_000;
  while ((await processTable()).some((entry) => groups.has(entry.group))) {
    if (Date.now() > bound) throw new Error(`leftovers of a run in ${directory} cannot be stopped`);
    await sleep(50);
  }
  await closeList(directory);
  return left.length;
}
