/** What rows are delivered to: the batch API today; any other API that takes many records a request fits the same form. */
import type { Kind, Row } from "../schema";

/** What became of one record of a request. */
export type Verdict = "accepted" | { readonly retriable: boolean; readonly reason: string };

/** What a request met. */
export type Reply =
  | {
      readonly answered: true;
      /** One verdict for each record, in the request's order. */
      readonly verdicts: readonly Verdict[];
    }
  | {
      readonly answered: false;
      /**
       * What to do: send the same request `again`; give up these `records`, which no attempt will get through; or give
       * up the `target`, which takes nothing as it is called (a wrong address or key).
       */
      readonly fault: "again" | "records" | "target";
      readonly reason: string;
      /** How long the target asks to be left alone, in milliseconds. */
      readonly retryAfterMilliseconds?: number;
    };

/** An API that takes records, many a request. */
export interface Target {
  /** Most bytes of one request's body. */
  readonly requestBytes: number;
  /** Bytes of a request's body besides its records and the one byte between two of them. */
  readonly envelopeBytes: number;
  /** The record of one row, as it stands in a request's body. */
  encode(kind: Kind, key: number, row: Row): string;
  /** Sends encoded records in one request, and never throws for what the network or the API do. */
  send(kind: Kind, records: readonly string[]): Promise<Reply>;
  /** Closes the idle connections. */
  close(): void;
}
