/**
 * Delivers rows to a target: many a request, several requests on their way at once, and only what failed sent again.
 *
 * Memory is bounded: `add` waits once all slots are taken. Order is kept for each key: a row waits while an earlier row of
 * the same key and kind is on its way, and no request carries two rows of one key, so that a row sent again never
 * arrives after its successor.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { mapKinds, type Kind } from "../schema";
import { backoffMilliseconds } from "./backoff";
import { Slots } from "./slots";
import type { Reply, Target } from "./target";

/** What became of one kind's rows; `read` is `accepted` and `failed` together once a delivery has finished. */
export interface Counts {
  /** Rows handed over. */
  read: number;
  /** Rows that the target has confirmed. */
  accepted: number;
  /** Times that a row was sent again. */
  retried: number;
  /** Rows that were given up, or not sent because the target was. */
  failed: number;
}

/** Rows that were given up for one reason. */
export interface Failure {
  readonly kind: Kind;
  readonly reason: string;
  /** How many rows. */
  rows: number;
  /** Key of the first of them. */
  readonly firstKey: number;
}

export interface DeliverySettings {
  /** Most records a request. */
  readonly batchRecords: number;
  /** Most bytes of a request's records, as the target counts them; a larger single record goes alone, as long as the target takes it. */
  readonly batchBytes: number;
  /** Most requests on their way at once. */
  readonly requestsInFlight: number;
  /** How often a request is sent before it is given up. */
  readonly attempts: number;
  /** How long a row waits for others to fill its request, in milliseconds. */
  readonly lingerMilliseconds: number;
}

interface Pending {
  readonly key: number;
  readonly text: string;
}

/** The records of a request that are to be sent again, and why. */
interface Unsettled {
  readonly again: readonly Pending[];
  readonly reason: string;
}

/** What is being gathered for one kind's next request, and what is on its way. */
interface Lane {
  readonly kind: Kind;
  open: Pending[];
  openKeys: Set<number>;
  openBytes: number;
  timer: NodeJS.Timeout | undefined;
  /** The sending that each key is part of. */
  readonly onItsWay: Map<number, Promise<void>>;
}

/** Most different reasons that are kept; further ones are counted only. */
const mostFailures = 20;

export class Delivery {
  /** What became of the rows so far. */
  readonly counts: Record<Kind, Counts> = mapKinds(() => ({
    read: 0,
    accepted: 0,
    retried: 0,
    failed: 0,
  }));
  /** Why rows were given up, one entry for each kind and reason. */
  readonly failures: Failure[] = [];
  /** Why nothing is sent any more; undefined as long as the target is worth another request. */
  stopped: string | undefined;

  private readonly slots: Slots;
  private readonly sendings = new Set<Promise<void>>();
  private unexpected: Error | undefined;
  private readonly lanes: Record<Kind, Lane> = mapKinds((kind) => ({
    kind,
    open: [],
    openKeys: new Set(),
    openBytes: 0,
    timer: undefined,
    onItsWay: new Map(),
  }));

  constructor(
    private readonly target: Target,
    private readonly settings: DeliverySettings,
  ) {
    this.slots = new Slots(settings.requestsInFlight);
  }

  /**
   * Takes a row over; returns once there is room for the next.
   *
   * @param key of the post that the row is part of.
   * @param json the row as a JSON object.
   */
  async add(kind: Kind, key: number, json: string): Promise<void> {
    const { limits } = this.target;
    const lane = this.lanes[kind];
    this.counts[kind].read++;
    const { text, bytes } = this.target.encode(key, json);
    if (bytes > limits.recordBytes) {
      const reason = `not sent: a record is larger than the ${limits.recordBytes} bytes that the API takes`;
      this.fail(lane, [{ key, text }], reason);
      return;
    }
    if (lane.openKeys.has(key)) await this.flush(lane);
    await lane.onItsWay.get(key);
    if (lane.openBytes + bytes > Math.min(this.settings.batchBytes, limits.requestBytes))
      await this.flush(lane);
    lane.open.push({ key, text });
    lane.openKeys.add(key);
    lane.openBytes += bytes;
    lane.timer ??= this.linger(lane);
    if (lane.open.length >= Math.min(this.settings.batchRecords, limits.requestRecords))
      await this.flush(lane);
  }

  /**
   * Sends what is still gathered, and returns once nothing is on its way.
   *
   * @throws what the target threw, which is a fault in the target's code.
   */
  async finish(): Promise<void> {
    for (const lane of Object.values(this.lanes)) await this.flush(lane);
    await Promise.all(this.sendings);
    if (this.unexpected) throw this.unexpected;
  }

  /** Sends what is gathered after a while, or as soon as a request may be sent after that. */
  private linger(lane: Lane): NodeJS.Timeout {
    return setTimeout(() => {
      lane.timer = undefined;
      if (this.slots.free) void this.flush(lane);
      else lane.timer = this.linger(lane);
    }, this.settings.lingerMilliseconds);
  }

  /** Starts to send what is gathered, once a slot is free. */
  private async flush(lane: Lane): Promise<void> {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    const records = lane.open;
    if (records.length === 0) return;
    lane.open = [];
    lane.openKeys = new Set();
    lane.openBytes = 0;

    await this.slots.take();
    const sending = this.send(lane, records)
      .catch((error: unknown) => {
        this.unexpected ??= error instanceof Error ? error : new Error(String(error));
        this.stopped ??= String(error);
      })
      .finally(() => {
        this.slots.give();
        this.sendings.delete(sending);
        for (const { key } of records) lane.onItsWay.delete(key);
      });
    this.sendings.add(sending);
    for (const { key } of records) lane.onItsWay.set(key, sending);
  }

  /** Sends records until each is accepted or given up. */
  private async send(lane: Lane, records: readonly Pending[]): Promise<void> {
    const counts = this.counts[lane.kind];
    let pending = records;
    for (let attempt = 1; pending.length > 0; attempt++) {
      if (this.stopped !== undefined) {
        this.fail(lane, pending, `not sent, because of: ${this.stopped}`);
        return;
      }
      if (attempt > 1) counts.retried += pending.length;
      const texts = pending.map(({ text }) => text);
      const reply = await this.target.send(lane.kind, texts);
      const { again, reason } = this.settle(lane, pending, reply);
      pending = again;
      if (pending.length > 0 && attempt >= this.settings.attempts) {
        const givenUp = `${reason} (given up after ${attempt} attempts)`;
        if (reply.answered) this.fail(lane, pending, givenUp);
        else this.stop(lane, pending, givenUp);
        return;
      }
      if (pending.length > 0)
        await sleep(
          backoffMilliseconds(attempt, reply.answered ? 0 : reply.retryAfterMilliseconds),
        );
    }
  }

  /** Counts what a reply settles; answers the records to send again, and why. */
  private settle(lane: Lane, sent: readonly Pending[], reply: Reply): Unsettled {
    if (!reply.answered) {
      if (reply.fault === "again") return { again: sent, reason: reply.reason };
      if (reply.fault === "target") this.stop(lane, sent, reply.reason);
      else this.fail(lane, sent, reply.reason);
      return { again: [], reason: reply.reason };
    }
    const again: Pending[] = [];
    let reason = "";
    sent.forEach((record, index) => {
      const verdict = reply.verdicts[index];
      if (verdict === undefined) throw new Error("a target left a record without a verdict");
      if (verdict === "accepted") this.counts[lane.kind].accepted++;
      else if (verdict.retriable) {
        again.push(record);
        reason = verdict.reason;
      } else this.fail(lane, [record], verdict.reason);
    });
    return { again, reason };
  }

  /** Gives up records, and the target with them. */
  private stop(lane: Lane, records: readonly Pending[], reason: string): void {
    this.stopped ??= reason;
    this.fail(lane, records, reason);
  }

  private fail(lane: Lane, records: readonly Pending[], reason: string): void {
    const [first] = records;
    if (!first) return;
    this.counts[lane.kind].failed += records.length;
    const known = this.failures.find(
      (failure) => failure.kind === lane.kind && failure.reason === reason,
    );
    if (known) known.rows += records.length;
    else if (this.failures.length < mostFailures)
      this.failures.push({
        kind: lane.kind,
        reason,
        rows: records.length,
        firstKey: first.key,
      });
  }
}
