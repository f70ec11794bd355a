/** Keeps account of a delivery: what became of its rows, and why some were given up. */
import { mapKinds, type Kind } from "../schema";
import type { DeadLetter, DeliveryLog } from "./log";

/** What became of one kind's rows; `read` is `accepted` and `failed` together once a delivery has finished. */
export interface Counts {
  /** Rows handed over. */
  read: number;
  /** Rows that the target has confirmed. */
  accepted: number;
  /** Times that a row was sent again. */
  retried: number;
  /** Times that a row was sent again although it may have been taken before: at least as many as arrived twice. */
  possibleDuplicates: number;
  /** Rows that were given up, or not sent, or not again, because the target was. */
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

/** Most different reasons that are kept; further ones are counted only. */
const mostFailures = 20;

export class Account {
  /** What became of the rows so far. */
  readonly counts: Record<Kind, Counts> = mapKinds(() => ({
    read: 0,
    accepted: 0,
    retried: 0,
    possibleDuplicates: 0,
    failed: 0,
  }));
  /** Why rows were given up, one entry for each kind and reason. */
  readonly failures: Failure[] = [];
  /** Rows among the failed that no attempt will deliver. */
  deadLetters = 0;

  constructor(private readonly log?: Pick<DeliveryLog, "died" | "doubted">) {}

  /** Counts rows that are to be sent again, some of which may have been taken before. */
  retry(kind: Kind, rows: number, doubted: number): void {
    this.counts[kind].retried += rows;
    this.doubt(kind, doubted);
  }

  /** Counts rows that are to be sent although they may have been taken before. */
  doubt(kind: Kind, rows: number): void {
    if (rows === 0) return;
    this.counts[kind].possibleDuplicates += rows;
    this.log?.doubted(kind, rows);
  }

  /** Counts a row that no attempt will deliver. */
  bury(letter: DeadLetter): void {
    this.deadLetters++;
    this.log?.died(letter);
    this.fail(letter.kind, 1, letter.key, letter.reason);
  }

  /** Counts rows that were given up, or not sent because the target was. */
  fail(kind: Kind, rows: number, firstKey: number, reason: string): void {
    this.counts[kind].failed += rows;
    const known = this.failures.find(
      (failure) => failure.kind === kind && failure.reason === reason,
    );
    if (known) known.rows += rows;
    else if (this.failures.length < mostFailures)
      this.failures.push({ kind, reason, rows, firstKey });
  }
}
