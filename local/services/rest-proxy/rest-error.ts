/** A request that cannot be served, with what the Confluent REST proxy answers then. */
export class RestError extends Error {
  override readonly name = "RestError";

  /**
   * @param status HTTP status
   * @param code Confluent's own code, more exact than the status where it has one, e.g. 40401
   */
  constructor(
    readonly status: number,
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** Codes that stand with a record in a reply that is otherwise good. */
export const recordErrorCodes = {
  /** Sending it again will not help. */
  kafka: 50_002,
  /** Sending it again may help. */
  retriable: 50_003,
  partitionNotFound: 40_402,
} as const;
