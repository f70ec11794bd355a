/** The emulation itself: posts read from a source, paced, and delivered; with figures of how it goes. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Authorization } from "./authorization";
import { batchApi } from "./batch-api";
import type { Database } from "./database";
import { Delivery, type Counts, type DeliverySettings, type Failure } from "./delivery";
import type { Target } from "./delivery/target";
import { kinds, mapKinds, type Kind } from "./schema";
import { replay, sample, type PostSource } from "./source-tables";

export interface EmulateOptions extends PostingOptions {
  /** Where the source tables are. */
  readonly source: Database;
  /** The batch API: the stage's invoke URL, or the REST proxy's own address. */
  readonly api: string;
  /** Topics are named `<userId>.<kind>`. */
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

/** How posts are posted, wherever from and whereto. */
export interface PostingOptions extends Partial<DeliverySettings> {
  /** Most posts. Default: all in `replay`, no end in `sample`. */
  readonly rows?: number;
  /** Posts a second, at most. Default: as fast as it goes. */
  readonly rate?: number;
  /** Ends the reading when it aborts; what was read is still delivered. */
  readonly signal?: AbortSignal;
  /** Told how far it is, several times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  /** Posts read so far. */
  readonly posts: number;
  /** Posts that there will be; undefined if that is not known, or they never end. */
  readonly total: number | undefined;
  readonly counts: Readonly<Record<Kind, Readonly<Counts>>>;
  /** Since the start. */
  readonly seconds: number;
}

/** What an emulation did. */
export interface Summary {
  /** For each kind, the rows that were read, accepted by the API, sent again, and given up. */
  readonly counts: Readonly<Record<Kind, Readonly<Counts>>>;
  /** Posts read. */
  readonly posts: number;
  readonly seconds: number;
  readonly postsPerSecond: number;
  /** Why rows were given up, one entry for each kind and reason, at most 20. */
  readonly failures: readonly Failure[];
  /** Why the API was given up before the source's end; undefined if it was not. */
  readonly stopped: string | undefined;
  /** Whether the signal ended it. */
  readonly interrupted: boolean;
}

/** How requests are made where nothing else is said. */
export const defaultSettings: DeliverySettings = {
  batchRecords: 500,
  batchBytes: 1_000_000,
  requestsInFlight: 4,
  attempts: 8,
  lingerMilliseconds: 100,
};

const defaultTimeoutMilliseconds = 30_000;
const defaultSeed = 100;
const progressMilliseconds = 200;

/**
 * Posts the rows of the source tables to the batch API.
 *
 * Rows that could not be delivered are counted in the summary; see `isComplete`.
 *
 * @throws if the source cannot be read.
 */
export async function emulate(options: EmulateOptions): Promise<Summary> {
  const { mode = "replay", seed = defaultSeed } = options;
  const target = batchApi({
    url: options.api,
    userId: options.userId,
    timeoutMilliseconds: options.timeoutMilliseconds ?? defaultTimeoutMilliseconds,
    connections: options.requestsInFlight ?? defaultSettings.requestsInFlight,
    ...(options.authorization && { authorization: options.authorization }),
  });
  try {
    const source = await (mode === "replay"
      ? replay(options.source)
      : sample(options.source, seed, options.rows));
    try {
      return await postAll(source, target, options);
    } finally {
      await source.close();
    }
  } finally {
    target.close();
  }
}

/** Whether every row that was read has arrived, and nothing ended the emulation early. */
export function isComplete(summary: Summary): boolean {
  return (
    !summary.interrupted &&
    summary.stopped === undefined &&
    kinds.every((kind) => summary.counts[kind].accepted === summary.counts[kind].read)
  );
}

/** Posts what the source has to the target. */
export async function postAll(
  source: PostSource,
  target: Target,
  options: PostingOptions = {},
): Promise<Summary> {
  const { rows = Infinity, rate, signal, onProgress } = options;
  const delivery = new Delivery(target, settingsOf(options));
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const total = onProgress && (await source.count());
  let posts = 0;
  const report = () =>
    onProgress?.({
      posts,
      total: total === undefined ? undefined : Math.min(total, rows),
      counts: delivery.counts,
      seconds: seconds(),
    });
  const reporting = setInterval(report, progressMilliseconds);
  let interrupted = false;

  try {
    try {
      reading: for await (const page of source.posts())
        for (const post of page) {
          if (rate !== undefined) await waitUntil(started + (posts * 1000) / rate, signal);
          if (posts >= rows || delivery.stopped !== undefined) break reading;
          interrupted = signal?.aborted === true;
          if (interrupted) break reading;
          posts++;
          for (const kind of kinds) {
            const row = post.rows[kind];
            if (row) await delivery.add(kind, post.key, row);
          }
        }
    } finally {
      await delivery.finish();
    }
  } finally {
    clearInterval(reporting);
    report();
  }
  const lasted = seconds();
  return {
    counts: mapKinds((kind) => ({ ...delivery.counts[kind] })),
    posts,
    seconds: lasted,
    postsPerSecond: lasted > 0 ? posts / lasted : 0,
    failures: delivery.failures,
    stopped: delivery.stopped,
    interrupted,
  };
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
