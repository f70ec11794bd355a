/**
 * The journal of a replay: which rows have arrived, so that a replay that was interrupted goes on where it ended.
 *
 * A file that is only appended to: first what the replay reads and where it posts, then for each request the keys that it
 * spans, once when it is about to be sent and once when all of its rows are settled. Each line is handed to the system before
 * the replay goes on, so that nothing is forgotten when the process is killed; the disk is told to keep it once a second
 * and at the end, so that a power failure may cost the last second: its rows are sent again, uncounted.
 *
 * One process has it at a time: the lines of two would be read as one run's, and rows as settled that never arrived.
 */
import {
  closeSync,
  existsSync,
  fsync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import { UsageError } from "../command-line";
import type { DeliveryLog } from "../delivery";
import type { Path } from "../paths";
import { mapKinds, type Kind } from "../schema";
import { writeWhole } from "../write-whole";
import { lineOf, readLines } from "./lines";
import { lock } from "./lock";
import { Progression, type Fate } from "./progression";

/** What a replay reads and where it posts: a journal is good for no other. */
export type Binding = Readonly<Record<string, string | number | null>>;

type Span = readonly [path: Path, kind: Kind, first: number, last: number];

type Entry =
  | { readonly replay: Binding; readonly version: number }
  | { readonly resumed: true }
  | { readonly begun: Span }
  | { readonly settled: Span }
  | { readonly died: Span }
  | { readonly doubted: readonly [path: Path, kind: Kind, rows: number] };

/** Format of the file. */
const version = 1;
const syncMilliseconds = 1_000;

export class Journal {
  /** Rows that the runs before may have sent twice on each path. */
  readonly possibleDuplicates: Record<Path, number> = { batch: 0, stream: 0 };

  private readonly before: Record<Path, Record<Kind, Progression>> = {
    batch: mapKinds(() => new Progression()),
    stream: mapKinds(() => new Progression()),
  };
  private isSynced = true;
  private fault: Error | undefined;
  private readonly syncing: NodeJS.Timeout;

  private constructor(
    private readonly file: number,
    private readonly unlock: () => void,
  ) {
    this.syncing = setInterval(() => {
      if (this.isSynced) return;
      this.isSynced = true;
      // What the disk cannot keep, the last sync reports.
      fsync(file, () => undefined);
    }, syncMilliseconds).unref();
  }

  /**
   * Begins a journal; one that is there already is replaced.
   *
   * @throws UsageError if another process has it.
   */
  static begin(path: string, binding: Binding): Journal {
    mkdirSync(dirname(path), { recursive: true });
    return Journal.open(path, (journal) => {
      journal.beginAnew(binding);
    });
  }

  /**
   * Goes on with a journal. A last line that was not written whole is dropped; of one that ends in its first, nothing was sent.
   *
   * @throws UsageError if there is none, another process has it, it is damaged, or it is of another replay.
   */
  static resume(path: string, binding: Binding): Journal {
    if (!existsSync(path))
      throw new UsageError(
        `there is no journal ${path}: nothing was interrupted, leave --resume out`,
      );
    return Journal.open(path, (journal) => {
      if (isBegun(path, binding)) journal.beginAnew(binding);
      else journal.goOn(path, binding);
    });
  }

  private static open(path: string, prepare: (journal: Journal) => void): Journal {
    const unlock = lock(path, "the journal");
    const journal = new Journal(openSync(path, "a+", 0o600), unlock);
    try {
      prepare(journal);
      return journal;
    } catch (error) {
      journal.close();
      throw error;
    }
  }

  private beginAnew(binding: Binding): void {
    ftruncateSync(this.file);
    this.append(headOf(binding));
  }

  private goOn(path: string, binding: Binding): void {
    const damaged = `${path} is damaged, or no journal: replay without --resume`;
    const { bytes, isDamaged } = readLines(this.file, (value, index) => {
      const entry = value as Entry;
      if (index > 0) this.recall(entry);
      else if ("replay" in entry && entry.version === version)
        refuseOther(path, entry.replay, binding);
      else throw new UsageError(damaged);
    });
    if (isDamaged || bytes === 0) throw new UsageError(damaged);
    ftruncateSync(this.file, bytes);
    this.recall({ resumed: true });
    this.append({ resumed: true });
  }

  /** The log of one path's delivery, kept here. */
  logOf(path: Path): DeliveryLog {
    return {
      begun: (kind, first, last) => {
        this.append({ begun: [path, kind, first, last] });
      },
      settled: (kind, first, last) => {
        this.append({ settled: [path, kind, first, last] });
      },
      died: ({ kind, key }) => {
        this.append({ died: [path, kind, key, key] });
      },
      doubted: (kind, rows) => {
        this.append({ doubted: [path, kind, rows] });
      },
    };
  }

  /** Dead letters of the runs before, but for those that are met again. */
  get deadLetters(): number {
    const progressions = Object.values(this.before).flatMap((kinds) => Object.values(kinds));
    return progressions.reduce((total, { deadLetters }) => total + deadLetters, 0);
  }

  /** What became of a row in the runs before. */
  fate(path: Path, kind: Kind, key: number): Fate {
    return this.before[path][kind].fate(key);
  }

  /** Every row up to this key is settled on the given paths, whatever its kind; -Infinity if none is. */
  settledTo(paths: readonly Path[]): number {
    return Math.min(
      ...paths.flatMap((path) =>
        Object.values(this.before[path]).map(({ settledTo }) => settledTo),
      ),
    );
  }

  /** Closes the file, everything in it kept by the disk, and lets other processes have it. */
  close(): void {
    clearInterval(this.syncing);
    try {
      fsyncSync(this.file);
    } finally {
      closeSync(this.file);
      this.unlock();
    }
  }

  private append(entry: Entry): void {
    // What follows half a line would make it damage, which is not resumed.
    if (this.fault) throw this.fault;
    this.isSynced = false;
    try {
      writeWhole(this.file, lineOf(entry));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.fault = new Error(`the journal cannot be written: ${reason}`, { cause: error });
      throw this.fault;
    }
  }

  private recall(entry: Entry): void {
    if ("begun" in entry) {
      const [path, kind, first, last] = entry.begun;
      this.before[path][kind].begun(first, last);
    } else if ("settled" in entry) {
      const [path, kind, first, last] = entry.settled;
      this.before[path][kind].settled(first, last);
    } else if ("doubted" in entry) {
      const [path, , rows] = entry.doubted;
      this.possibleDuplicates[path] += rows;
    } else if ("died" in entry) {
      const [path, kind, key] = entry.died;
      this.before[path][kind].died(key);
    } else
      for (const progressions of Object.values(this.before))
        for (const progression of Object.values(progressions)) progression.ended();
  }
}

function headOf(binding: Binding): Entry {
  return { replay: binding, version };
}

/** Whether the process was killed before it had written the first line whole. */
function isBegun(path: string, binding: Binding): boolean {
  const head = Buffer.from(lineOf(headOf(binding)));
  const { size } = statSync(path);
  return size < head.length && readFileSync(path).equals(head.subarray(0, size));
}

function refuseOther(path: string, then: Binding, now: Binding): void {
  const names = [...new Set([...Object.keys(then), ...Object.keys(now)])];
  const different = names.filter((name) => then[name] !== now[name]);
  if (different.length === 0) return;
  throw new UsageError(
    [
      `the journal ${path} is of another replay; --resume takes it up as it was begun:`,
      ...different.map(
        (name) => `${name}: ${then[name] ?? "none"} then, ${now[name] ?? "none"} now`,
      ),
    ].join("\n  "),
  );
}
