/** The system's table of processes: who started whom, which are gone, how much memory they take. */
import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { promisify } from "node:util";

/** One running process; those that ended but were not yet waited for are left out. */
export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** Of its program, or what it calls itself, e.g. `npm start`; cut where it is long. */
  readonly name: string;
  /** When it started, in the system's own words: with the pid it names a process for good, since pids are used again. */
  readonly started: string;
  /** Resident memory in KiB. */
  readonly residentKiB: number;
}

const runs = promisify(execFile);
const pageKiB = 4;

async function readStat(pid: string): Promise<ProcessEntry | undefined> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined; // it ended since the folder was listed
  }
  // The name stands in parentheses and may hold any character, parentheses too.
  const nameEnd = stat.lastIndexOf(")");
  const fields = stat.slice(nameEnd + 2).split(" ");
  if (fields[0] === "Z" || fields[0] === "X") return undefined;
  return {
    pid: Number(pid),
    parent: Number(fields[1]),
    group: Number(fields[2]),
    name: stat.slice(stat.indexOf("(") + 1, nameEnd),
    started: fields[19] ?? "",
    residentKiB: Number(fields[21]) * pageKiB,
  };
}

/** All running processes: from /proc, or from `ps` where there is no /proc (macOS). */
export async function processTable(): Promise<ProcessEntry[]> {
  if (process.platform === "linux") {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const entries = await Promise.all(pids.map(readStat));
    return entries.filter((entry) => entry !== undefined);
  }
  const { stdout } = await runs("ps", ["-axo", "pid=,ppid=,pgid=,rss=,stat=,lstart=,comm="]);
  return stdout.split("\n").flatMap((line) => {
    const [pid, parent, group, rss, state, ...rest] = line.trim().split(/\s+/);
    if (!state || state.startsWith("Z")) return [];
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        started: rest.slice(0, 5).join(" "),
        name: rest.slice(5).join(" "),
        residentKiB: Number(rss),
      },
    ];
  });
}

/** Those of `table` that descend from `root`, itself included, or belong to one of `groups`. */
export function family(
  table: readonly ProcessEntry[],
  root: number,
  groups: ReadonlySet<number>,
): ProcessEntry[] {
  const members = new Set([root]);
  for (const entry of table) if (groups.has(entry.group)) members.add(entry.pid);
  for (let before = 0; before < members.size;) {
    before = members.size;
    for (const entry of table) if (members.has(entry.parent)) members.add(entry.pid);
  }
  return table.filter((entry) => members.has(entry.pid));
}

/**
 * The processes through which npm started `pid`, from its parent up to npm itself; none if it was not started by npm.
 */
export function launchersOf(table: readonly ProcessEntry[], pid: number): ProcessEntry[] {
  const byPid = new Map(table.map((entry) => [entry.pid, entry]));
  const launchers: ProcessEntry[] = [];
  for (let entry = byPid.get(pid); entry; entry = launchers.at(-1)) {
    const parent = byPid.get(entry.parent);
    if (!parent) return [];
    launchers.push(parent);
    if (parent.name.startsWith("npm")) return launchers;
  }
  return [];
}

/**
 * Memory of a process in KiB: its proportional share, so that pages which processes share count once; its resident
 * memory where the system does not tell the share.
 */
export async function memoryKiB(entry: ProcessEntry): Promise<number> {
  if (process.platform !== "linux") return entry.residentKiB;
  try {
    const rollup = await readFile(`/proc/${entry.pid}/smaps_rollup`, "latin1");
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? entry.residentKiB);
  } catch {
    return entry.residentKiB;
  }
}
