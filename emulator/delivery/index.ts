/**
 * Delivers rows to a target: many a request, several requests on their way at once, and only what failed sent again.
 *
 * Memory is bounded: `add` waits once all slots are taken. Order is kept for each key: a row waits while an earlier row of
 * the same key and kind is on its way, and no request carries two rows of one key, so that no row is sent, or sent again,
 * after its successor. A target may still carry out later what it did not answer in time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { mapKinds, type Kind } from "../schema";
import { Account } from "./account";
import { backoffMilliseconds } from "./backoff";
import type { DeliveryLog } from "./log";
import { Pace, type Outcome } from "./pace";
import { Records } from "./records";
import { Slots } from "./slots";
import type { Reply, Target } from "./target";

export type { Counts, Failure } from "./account";
export type { DeadLetter, DeliveryLog } from "./log";

export interface DeliverySettings {
  /** Most records a request. */
  readonly batchRecords: number;
  /** Most bytes of a request's records, as the target counts them; a larger single record goes alone, as long as the target takes it. */
  readonly batchBytes: number;
  /** Most requests on their way at once; fewer while the target has trouble (see `Pace`). */
  readonly requestsInFlight: number;
  /** How often a request is sent without getting any of its records settled before it is given up. */
  readonly attempts: number;
  /** How long a row waits for others to fill its request, in milliseconds. */
  readonly lingerMilliseconds: number;
}

/** The records of a request that are to be sent again, and why. */
interface Unsettled {
  readonly again: Records | undefined;
  /** How many of them may have been taken. */
  readonly uncertain: number;
  readonly reason: string;
}

/** Records that are being sent, until each is accepted or given up. */
interface Sending {
  readonly records: Records;
  readonly done: Promise<void>;
}

/** What is being gathered for one kind's next request, and what is on its way. */
interface Lane {
  readonly kind: Kind;
  open: Records;
  /** As the target counts them. */
  openBytes: number;
  /** Of all keys that came: a greater one has no earlier row. */
  greatestKey: number;
  timer: NodeJS.Timeout | undefined;
  readonly onTheirWay: Set<Sending>;
}

/** What records are gathered in at first; it grows with them. */
const storageBytes = 65_536;

export class Delivery {
  /** What became of the rows so far. */
  readonly account: Account;
  /** Why nothing is sent any more; undefined as long as the target is worth another request. */
  stopped: string | undefined;

  private readonly slots: Slots;
  private readonly pace: Pace;
  private unexpected: Error | undefined;
  private readonly lanes: Record<Kind, Lane>;
  /** Storage to gather records in once more: the memory of a new one would have to be mapped anew. */
  private readonly spare: Buffer[] = [];

  constructor(
    private readonly target: Target,
    private readonly settings: DeliverySettings,
    private readonly log?: DeliveryLog,
  ) {
    this.account = new Account(log);
    this.slots = new Slots(settings.requestsInFlight);
    this.pace = new Pace(settings.requestsInFlight);
    this.lanes = mapKinds((kind) => ({
      kind,
      open: this.noRecords(),
      openBytes: 0,
      greatestKey: -Infinity,
      timer: undefined,
      onTheirWay: new Set(),
    }));
  }

  /**
   * Takes a row over.
   *
   * @param key of the post that the row is part of.
   * @param json the row as a JSON object.
   * @returns what to wait for until there is room for the next; undefined, for speed, where there is.
   */
  add(kind: Kind, key: number, json: string): Promise<void> | undefined {
    const lane = this.lanes[kind];
    this.account.counts[kind].read++;
    if (key <= lane.greatestKey && (lane.open.has(key) || sendingOf(lane, key)))
      return this.addAfterEarlier(lane, key, json);
    return this.gather(lane, key, json);
  }

  /** Gathers a row once the earlier one of its key is neither in the request that is open nor on its way. */
  private async addAfterEarlier(lane: Lane, key: number, json: string): Promise<void> {
    if (lane.open.has(key)) await this.flush(lane);
    await sendingOf(lane, key)?.done;
    await this.gather(lane, key, json);
  }

  private gather(lane: Lane, key: number, json: string): Promise<void> | undefined {
    const { target, settings } = this;
    const { recordBytes, requestBytes, requestRecords } = target.limits;
    lane.greatestKey = Math.max(lane.greatestKey, key);
    // Without making a record of what is larger already.
    const fits = json.length <= recordBytes;
    const bytes = fits ? target.countedBytes(lane.open.add(key, json)) : json.length;
    if (bytes > recordBytes) {
      if (fits) lane.open.removeLast();
      const reason = `not sent: a record is larger than the ${recordBytes} bytes that the API takes`;
      this.account.bury({ kind: lane.kind, key, reason, json });
      return undefined;
    }
    const isTooMuch = lane.openBytes + bytes > Math.min(settings.batchBytes, requestBytes);
    if (isTooMuch && lane.open.count > 1) return this.gatherInNext(lane, bytes);
    lane.openBytes += bytes;
    lane.timer ??= this.linger(lane);
    const most = Math.min(settings.batchRecords, requestRecords);
    return lane.open.count >= most ? this.flush(lane) : undefined;
  }

  /** Sends what is gathered but for the last record, with which the next request begins. */
  private gatherInNext(lane: Lane, bytes: number): Promise<void> {
    const full = lane.open;
    const next = this.pick(full, [full.count - 1]);
    full.removeLast();
    const room = this.flush(lane, next);
    lane.openBytes = bytes;
    lane.timer = this.linger(lane);
    return room;
  }

  private noRecords(): Records {
    return new Records(this.target.form, this.spare.pop() ?? Buffer.allocUnsafeSlow(storageBytes));
  }

  /** Keeps storage to be written over, unless one large record has made it so large that it would lie idle. */
  private keep(storage: Buffer): void {
    const most = Math.max(storageBytes, 2 * this.settings.batchBytes);
    if (storage.length <= most) this.spare.push(storage);
  }

  /** Some of the records, by position, to be sent as a request of their own. */
  private pick(records: Records, positions: readonly number[]): Records {
    const picked = this.noRecords();
    for (const position of positions) picked.addFrom(records, position);
    return picked;
  }

  /** Counts a row that cannot be made a record, as a dead letter. */
  refuse(kind: Kind, key: number, json: string, reason: string): void {
    this.account.counts[kind].read++;
    this.account.bury({ kind, key, reason: `not sent: ${reason}`, json });
  }

  /**
   * Sends what is still gathered, and returns once nothing is on its way.
   *
   * @throws what the log threw, or the target, which is a fault in the target's code.
   */
  async finish(): Promise<void> {
    for (const lane of Object.values(this.lanes)) await this.flush(lane);
    const sendings = Object.values(this.lanes).flatMap(({ onTheirWay }) => [...onTheirWay]);
    await Promise.all(sendings.map(({ done }) => done));
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

  /** Starts to send what is gathered, once a slot is free; what comes from now on is gathered in the next. */
  private async flush(lane: Lane, next?: Records): Promise<void> {
    clearTimeout(lane.timer);
    lane.timer = undefined;
    const records = lane.open;
    const first = records.keyAt(0);
    const last = records.keyAt(-1);
    if (first === undefined || last === undefined) return;
    try {
      this.log?.begun(lane.kind, first, last);
    } catch (error) {
      this.stopUnexpectedly(error);
    }
    lane.open = next ?? this.noRecords();
    lane.openBytes = 0;

    await this.slots.take();
    const done = this.send(lane, records)
      .then((settled) => {
        if (settled) this.log?.settled(lane.kind, first, last);
      })
      .catch((error: unknown) => {
        this.stopUnexpectedly(error);
      })
      .finally(() => {
        this.slots.give();
        lane.onTheirWay.delete(sending);
      });
    const sending = { records, done };
    lane.onTheirWay.add(sending);
  }

  /**
   * Sends records until each is accepted or given up; answers whether each is accepted or a dead letter.
   *
   * @param doubted as of `attempt`.
   */
  private async send(lane: Lane, records: Records, doubted?: number): Promise<boolean> {
    let pending = records;
    let pendingDoubted = doubted;
    let wasSent = false;
    let inVain = 0;
    for (let attempt = 1; ; attempt++) {
      const reply = await this.attempt(lane.kind, pending, pendingDoubted);
      if (reply === undefined) {
        const what = pendingDoubted === undefined ? "not sent" : "not sent again";
        this.fail(lane, pending, `${what}, because of: ${this.stopped}`);
        return false;
      }
      if (!reply.answered && reply.fault === "records" && pending.count > 1)
        return await this.sendHalves(lane, pending);
      const { again, uncertain, reason } = this.settle(lane, pending, reply);
      if (!reply.answered && reply.fault === "target") return false;
      // An attempt that was answered before its request was read may still be writing it to its socket.
      if (reply.answered && !wasSent) this.keep(pending.release());
      if (again === undefined) return true;
      // A target that takes some each time is healthy, only saturated.
      if (again.count === pending.count) inVain++;
      wasSent = again === pending;
      pending = again;
      pendingDoubted = uncertain;
      if (inVain >= this.settings.attempts) {
        const givenUp = `${reason} (given up after ${inVain} attempts in vain)`;
        if (reply.answered) this.fail(lane, pending, givenUp);
        else this.stop(lane, pending, givenUp);
        return false;
      }
      await sleep(backoffMilliseconds(attempt, reply.answered ? 0 : reply.retryAfterMilliseconds));
    }
  }

  /**
   * Sends one request when the pace allows; nothing, if the target has been given up by then.
   *
   * @param doubted how many of the records may have been taken before; undefined if they were never sent.
   */
  private async attempt(
    kind: Kind,
    records: Records,
    doubted: number | undefined,
  ): Promise<Reply | undefined> {
    const entered = await this.pace.enter();
    let outcome: Outcome = { troubled: true };
    try {
      if (this.stopped !== undefined) return undefined;
      if (doubted !== undefined) this.account.retry(kind, records.count, doubted);
      const reply = await this.target.send(kind, records);
      outcome = outcomeOf(reply);
      return reply;
    } finally {
      this.pace.leave(entered, outcome);
    }
  }

  /** Sends a request that was refused as a whole in two, so that one bad record does not take others with it. */
  private async sendHalves(lane: Lane, records: Records): Promise<boolean> {
    const positions = [...Array(records.count).keys()];
    const middle = Math.ceil(records.count / 2);
    const first = await this.send(lane, this.pick(records, positions.slice(0, middle)), 0);
    const second = await this.send(lane, this.pick(records, positions.slice(middle)), 0);
    return first && second;
  }

  /** Counts what a reply settles; answers the records to send again, and why. */
  private settle(lane: Lane, sent: Records, reply: Reply): Unsettled {
    if (!reply.answered) {
      const { fault, reason } = reply;
      if (fault === "again")
        return { again: sent, uncertain: reply.uncertain ? sent.count : 0, reason };
      if (fault === "target") this.stop(lane, sent, reason);
      else
        for (let position = 0; position < sent.count; position++)
          this.buryRecord(lane, sent, position, reason);
      return { again: undefined, uncertain: 0, reason };
    }
    const again: number[] = [];
    let uncertain = 0;
    let reason = "";
    for (let position = 0; position < sent.count; position++) {
      const verdict = reply.verdicts[position];
      if (verdict === undefined) throw new Error("a target left a record without a verdict");
      if (verdict === "accepted") this.account.counts[lane.kind].accepted++;
      else if (verdict.retriable) {
        again.push(position);
        if (verdict.uncertain) uncertain++;
        reason = verdict.reason;
      } else this.buryRecord(lane, sent, position, verdict.reason);
    }
    return {
      again: again.length > 0 ? this.pick(sent, again) : undefined,
      uncertain,
      reason,
    };
  }

  private buryRecord(lane: Lane, records: Records, position: number, reason: string): void {
    this.account.bury({ kind: lane.kind, reason, ...records.rowAt(position) });
  }

  /** Gives up records, and the target with them. */
  private stop(lane: Lane, records: Records, reason: string): void {
    this.stopped ??= reason;
    this.fail(lane, records, reason);
  }

  /** Gives the target up for what `finish` will throw. */
  private stopUnexpectedly(error: unknown): void {
    this.unexpected ??= error instanceof Error ? error : new Error(String(error));
    this.stopped ??= String(error);
  }

  private fail(lane: Lane, records: Records, reason: string): void {
    const first = records.keyAt(0);
    if (first !== undefined) this.account.fail(lane.kind, records.count, first, reason);
  }
}

/** The sending that a key is part of, if it is on its way. */
function sendingOf({ onTheirWay }: Lane, key: number): Sending | undefined {
  for (const sending of onTheirWay) if (sending.records.has(key)) return sending;
  return undefined;
}

/** What a reply says about the pace. */
function outcomeOf(reply: Reply): Outcome {
  if (reply.answered)
    return {
      troubled: reply.verdicts.some((verdict) => verdict !== "accepted" && verdict.retriable),
    };
  const { fault, retryAfterMilliseconds } = reply;
  return {
    troubled: fault === "again",
    ...(retryAfterMilliseconds !== undefined && { retryAfterMilliseconds }),
  };
}
