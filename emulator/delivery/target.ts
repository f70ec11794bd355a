/** What rows are delivered to: an API that takes many records a request, and says what became of each. */
import type { Kind } from "../schema";
import type { BodyForm, Records } from "./records";

/** What became of one record of a request. */
export type Verdict =
  | "accepted"
  | {
      readonly retriable: boolean;
      readonly reason: string;
      /** Whether the record may have been taken all the same. */
      readonly uncertain: boolean;
    };

/**
 * What to do about a request that was not answered record by record: send the same request `again`; give up these
 * `records`, which no attempt will get through; or give up the `target`, which takes nothing as it is called (a wrong
 * address or key).
 */
export type Fault = "again" | "records" | "target";

/** What a request met. */
export type Reply =
  | {
      readonly answered: true;
      /** One verdict for each record, in the request's order. */
      readonly verdicts: readonly Verdict[];
    }
  | {
      readonly answered: false;
      readonly fault: Fault;
      readonly reason: string;
      /** Whether the request may have been taken all the same. */
      readonly uncertain: boolean;
      /** How long the target asks to be left alone, in milliseconds. */
      readonly retryAfterMilliseconds?: number;
    };

/** What a target takes. */
export interface Limits {
  /** Most records a request. */
  readonly requestRecords: number;
  /** Most bytes of all records of a request together. */
  readonly requestBytes: number;
  /** Most bytes of one record. */
  readonly recordBytes: number;
}

/** An API that takes records, many a request. */
export interface Target {
  readonly limits: Limits;
  /** How the body of its requests is made. */
  readonly form: BodyForm;
  /** What a record of so many bytes counts for in the limits, in bytes. */
  countedBytes(recordBytes: number): number;
  /** Sends the records as one request, and never throws for what the network or the API do. */
  send(kind: Kind, records: Records): Promise<Reply>;
  /** Closes all connections, those too that are in use. */
  close(): void;
}
