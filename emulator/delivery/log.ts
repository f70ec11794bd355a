/** What a delivery tells of itself while it goes on. */
import type { Kind } from "../schema";

/** A row that no attempt will deliver. */
export interface DeadLetter {
  readonly kind: Kind;
  readonly key: number;
  readonly reason: string;
  /** The row as JSON. */
  readonly json: string;
}

/** Is told what a delivery does, at the moment when it does it. */
export interface DeliveryLog {
  /** The rows from one key to another are about to be sent; those of each kind in the order in which they were added. */
  begun(kind: Kind, first: number, last: number): void;
  /** Each of these rows has been accepted, or is a dead letter. */
  settled(kind: Kind, first: number, last: number): void;
  /** A row was given up for good. */
  died(letter: DeadLetter): void;
  /** That many rows are about to be sent although they may have been taken before. */
  doubted(kind: Kind, rows: number): void;
}
