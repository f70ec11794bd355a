/** The emulation itself: posts read from a source, paced, and delivered on one path or both; with figures of how it goes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Authorization } from "./authorization";
import { batchApi } from "./batch-api";
import type { Database } from "./database";
import {
  Delivery,
  type Counts,
  type DeadLetter,
  type DeliveryLog,
  type DeliverySettings,
  type Failure,
} from "./delivery";
import type { Target } from "./delivery/target";
import type { Journal } from "./journal";
import { mapPaths, type Path } from "./paths";
import { EncodingFault, rowJson } from "./payload";
import { kinds, mapKinds, type Kind, type Post, type Row } from "./schema";
import { replay, sample, type PostSource } from "./source-tables";
import { streamApi } from "./stream-api";

export interface EmulateOptions<P extends Path = Path> extends PostingOptions {
  /** Where the source tables are. */
  readonly source: Database;
  /** The paths that each post takes: one, or both. */
  readonly paths: readonly [P, ...P[]];
  /** The ingest API: the stage's invoke URL; for the batch path alone also the REST proxy's own address. */
  readonly api: string;
  /** Topics are named `<userId>.<kind>`, streams `streaming-<userId>-<kind>`. */
  readonly userId: string;
  /** What shows the API that the caller may post. Default: nothing. */
  readonly authorization?: Authorization;
  /** `replay` posts every row once, in order; `sample` draws at random, with replacement. Default: replay. */
  readonly mode?: "replay" | "sample";
  /** Seed of `sample`. Default: 100, as the original's. */
  readonly seed?: number | string;
  /** How long a request may take, in milliseconds. Default: 30,000, above API Gateway's own limit of 29 seconds. */
  readonly timeoutMilliseconds?: number;
}

/** How posts are posted, wherever from and whereto. The settings hold for each path by itself. */
export interface PostingOptions extends Partial<DeliverySettings> {
  /** Most posts. Default: all in `replay`, no end in `sample`. */
  readonly rows?: number;
  /** Posts a second, at most. Default: as fast as it goes. */
  readonly rate?: number;
  /** Ends the reading when it aborts; what was read is still delivered. */
  readonly signal?: AbortSignal;
  /** Where a replay keeps what has arrived; what its earlier runs have settled is left out. Default: nowhere. */
  readonly journal?: Journal;
  /** Told of each row that no attempt will deliver. */
  readonly onDeadLetter?: (path: Path, letter: DeadLetter) => void;
  /** Told how far it is, several times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** Posts read so far. */
  readonly posts: number;
  /** Posts that there will be; undefined if that is not known, or they never end. */
  readonly total: number | undefined;
  readonly paths: Readonly<Partial<Record<Path, CountsByKind>>>;
  /** Since the start. */
  readonly seconds: number;
}

/** For each kind, the rows that were read, accepted by the API, sent again, perhaps sent twice, and given up. */
export type CountsByKind = Readonly<Record<Kind, Readonly<Counts>>>;

/** What an emulation did. */
export interface Summary<P extends Path = Path> {
  /** What became of the posts on each path that they took. */
  readonly paths: Readonly<Record<P, PathSummary>>;
  /** Posts read, once for all paths. */
  readonly posts: number;
  /**
   * Rows read, of all paths together, but left out: they arrived, or were dead letters, in an earlier run of the replay. What
   * stands before the first row that is not settled is not even read.
   */
  readonly leftOut: number;
  readonly seconds: number;
  readonly postsPerSecond: number;
  /** Whether the signal ended it. */
  readonly interrupted: boolean;
}

/** What an emulation did on one path. */
export interface PathSummary {
  /** Rows are `read` up to the moment when the path was given up. */
  readonly counts: CountsByKind;
  /** Why rows were given up, one entry for each kind and reason, at most 20. */
  readonly failures: readonly Failure[];
  /** Rows that no attempt will deliver; they are among the failed. */
  readonly deadLetters: number;
  /** Why the path was given up before the source's end; undefined if it was not. */
  readonly stopped: string | undefined;
}

/** How requests are made where nothing else is said. */
export const defaultSettings: DeliverySettings = {
  batchRecords: 1000,
  batchBytes: 1_000_000,
  requestsInFlight: 4,
  attempts: 8,
  lingerMilliseconds: 100,
};

const defaultTimeoutMilliseconds = 30_000;
const defaultSeed = 100;
const progressMilliseconds = 200;

const targetOf = { batch: batchApi, stream: streamApi } as const;

/**
 * Posts the rows of the source tables to the ingest API.
 *
 * Rows that could not be delivered are counted in the summary; see `isComplete`.
 *
 * @throws if the source cannot be read.
 */
export async function emulate<P extends Path>(options: EmulateOptions<P>): Promise<Summary<P>> {
  const { mode = "replay", seed = defaultSeed, journal, rows } = options;
  // Posts up to a number are counted from the first.
  const after = rows === undefined ? journal?.settledTo(options.paths) : undefined;
  const targets = mapPaths(options.paths, (path) =>
    targetOf[path]({
      url: options.api,
      userId: options.userId,
      timeoutMilliseconds: options.timeoutMilliseconds ?? defaultTimeoutMilliseconds,
      connections: options.requestsInFlight ?? defaultSettings.requestsInFlight,
      ...(options.authorization && { authorization: options.authorization }),
    }),
  );
  try {
    const source = await (mode === "replay"
      ? replay(options.source, after)
      : sample(options.source, seed, options.rows));
    try {
      return await postAll(source, targets, options);
    } finally {
      await source.close();
    }
  } finally {
    for (const target of Object.values<Target>(targets)) target.close();
  }
}

/** Whether every row that was read has arrived on each path, and nothing ended the emulation early. */
export function isComplete<P extends Path>(summary: Summary<P>): boolean {
  return (
    !summary.interrupted &&
    Object.values<PathSummary>(summary.paths).every(
      ({ counts, stopped }) =>
        stopped === undefined && kinds.every((kind) => counts[kind].accepted === counts[kind].read),
    )
  );
}

/** Whether every row that was read has arrived or is a dead letter, and nothing ended the emulation early. */
export function isSettled<P extends Path>(summary: Summary<P>): boolean {
  const failed = Object.values<PathSummary>(summary.paths).reduce(
    (total, { counts }) => total + kinds.reduce((sum, kind) => sum + counts[kind].failed, 0),
    0,
  );
  return (
    !summary.interrupted &&
    failed === deadLettersIn(summary) &&
    Object.values<PathSummary>(summary.paths).every(({ stopped }) => stopped === undefined)
  );
}

/** Rows that no attempt will deliver, of all paths together. */
export function deadLettersIn<P extends Path>(summary: Summary<P>): number {
  return Object.values<PathSummary>(summary.paths).reduce(
    (total, { deadLetters }) => total + deadLetters,
    0,
  );
}

/**
 * Posts what the source has to the targets, one for each path.
 *
 * The source is read once, so the slowest path sets the pace of all; a path that is given up leaves the others alone.
 */
export async function postAll<P extends Path>(
  source: PostSource,
  targets: Readonly<Record<P, Target>>,
  options: PostingOptions = {},
): Promise<Summary<P>> {
  const { rows = Infinity, rate, signal, onProgress, journal } = options;
  const settings = settingsOf(options);
  const paths = Object.keys(targets) as P[];
  const delivery = mapPaths(
    paths,
    (path) => new Delivery(targets[path], settings, logOf(path, options)),
  );
  const deliveries = Object.values<Delivery>(delivery);
  let leftOut = 0;
  const addRow = (path: P, kind: Kind, key: number, row: EncodedRow) => {
    const fate = journal?.fate(path, kind, key) ?? "unsent";
    if (fate === "settled") {
      leftOut++;
      return undefined;
    }
    if (fate === "unknown") delivery[path].account.doubt(kind, 1);
    if ("json" in row) return delivery[path].add(kind, key, row.json);
    delivery[path].refuse(kind, key, row.shown, row.fault);
    return undefined;
  };
  /** Whether any of a post's rows is not settled yet. */
  const isToBeSent = ({ key, rows: of }: Post) =>
    kinds.some(
      (kind) => of[kind] && paths.some((path) => journal?.fate(path, kind, key) !== "settled"),
    );
  // Before the clock starts: to count is not to post.
  const total = onProgress && (await source.count());
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  let posts = 0;
  let next = started;
  const report = () =>
    onProgress?.({
      posts,
      total: total === undefined ? undefined : Math.min(total, rows),
      paths: mapPaths(paths, (path) => delivery[path].account.counts),
      seconds: seconds(),
    });
  const reporting = setInterval(report, progressMilliseconds);
  let interrupted = false;

  try {
    try {
      reading: for await (const page of source.posts())
        for (const post of page) {
          if (posts >= rows) break reading;
          if (rate !== undefined && isToBeSent(post)) {
            await waitUntil(next, signal);
            // What a stall has cost is not made up for.
            next = Math.max(performance.now(), next) + 1000 / rate;
          }
          const open = paths.filter((path) => delivery[path].stopped === undefined);
          if (open.length === 0) break reading;
          interrupted = signal?.aborted === true;
          if (interrupted) break reading;
          posts++;
          for (const kind of kinds) {
            const row = post.rows[kind];
            if (!row) continue;
            const encoded = encode(kind, row);
            for (const path of open) {
              const room = addRow(path, kind, post.key, encoded);
              if (room) await room;
            }
          }
        }
    } finally {
      await finishAll(deliveries);
    }
  } finally {
    clearInterval(reporting);
    report();
  }
  const lasted = seconds();
  return {
    paths: mapPaths(paths, (path) => {
      const { account, stopped } = delivery[path];
      const { counts, failures, deadLetters } = account;
      return { counts: mapKinds((kind) => ({ ...counts[kind] })), failures, deadLetters, stopped };
    }),
    posts,
    leftOut,
    seconds: lasted,
    postsPerSecond: lasted > 0 ? posts / lasted : 0,
    interrupted,
  };
}

/** A row as JSON; or why it is none, and as JSON what can be shown of it. */
type EncodedRow = { readonly json: string } | { readonly fault: string; readonly shown: string };

function encode(kind: Kind, row: Row): EncodedRow {
  try {
    return { json: rowJson(kind, row) };
  } catch (error) {
    if (!(error instanceof EncodingFault)) throw error;
    return { fault: error.message, shown: JSON.stringify(row.map(String)) };
  }
}

/** What a path's delivery tells: a dead letter first to whoever keeps it, then to the journal, which forgets the row. */
function logOf(path: Path, { journal, onDeadLetter }: PostingOptions): DeliveryLog {
  const log = journal?.logOf(path);
  return {
    begun: (kind, first, last) => log?.begun(kind, first, last),
    settled: (kind, first, last) => log?.settled(kind, first, last),
    died: (letter) => {
      onDeadLetter?.(path, letter);
      log?.died(letter);
    },
    doubted: (kind, rows) => log?.doubted(kind, rows),
  };
}

/** Finishes every delivery, also where another of them throws. */
async function finishAll(deliveries: readonly Delivery[]): Promise<void> {
  const finished = await Promise.allSettled(deliveries.map((delivery) => delivery.finish()));
  for (const one of finished) if (one.status === "rejected") throw one.reason;
}

function settingsOf(options: PostingOptions): DeliverySettings {
  return {
    batchRecords: options.batchRecords ?? defaultSettings.batchRecords,
    batchBytes: options.batchBytes ?? defaultSettings.batchBytes,
    requestsInFlight: options.requestsInFlight ?? defaultSettings.requestsInFlight,
    attempts: options.attempts ?? defaultSettings.attempts,
    lingerMilliseconds: options.lingerMilliseconds ?? defaultSettings.lingerMilliseconds,
  };
}

/** Waits until the clock of `performance.now` reads `moment`, or the signal aborts. */
async function waitUntil(moment: number, signal: AbortSignal | undefined): Promise<void> {
  const milliseconds = moment - performance.now();
  if (milliseconds < 1) return;
  await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
}
