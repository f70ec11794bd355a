/**
 * The batch path: API Gateway in front of Confluent's REST proxy, whose version 2 takes many records of a topic in one
 * request and answers with one offset, or one error, for each.
 */
import { apiTarget, envelopeBytes, excerpt, fieldsOf, type ApiOptions } from "./api-target";
import type { Limits, Target, Verdict } from "./delivery/target";

/** API Gateway's limit of 10 MB a request, which it counts as decimal megabytes. */
const bodyBytes = 10_000_000;

/** A record counts for what it takes of a request's body. */
export const batchLimits: Limits = {
  // The REST proxy sets none.
  requestRecords: Infinity,
  requestBytes: bodyBytes - envelopeBytes,
  recordBytes: bodyBytes - envelopeBytes,
};

/** Error codes of one record that Kafka may get over: of REST proxies up to 7.x, and since. */
const retriableCodes: readonly unknown[] = [2, 50003];

/**
 * The batch path as a target.
 *
 * @throws if the URL is none.
 */
export function batchApi(options: ApiOptions): Target {
  return apiTarget(
    {
      method: "POST",
      resource: (userId, kind) => `topics/${encodeURIComponent(`${userId}.${kind}`)}`,
      headers: {
        "Content-Type": "application/vnd.kafka.json.v2+json",
        Accept: "application/vnd.kafka.v2+json",
      },
      limits: batchLimits,
      before: (key) => `{"key":${key},"value":`,
      after: () => "}",
      // With the comma after it.
      countedBytes: (recordBytes) => recordBytes + 1,
      answerer: "a REST proxy",
      results: "offsets",
      verdict,
    },
    options,
  );
}

function verdict(result: unknown): Verdict {
  const { offset, error_code: code, error } = fieldsOf(result);
  if (code === null || code === undefined) {
    if (typeof offset === "number") return "accepted";
    return {
      retriable: false,
      uncertain: true,
      reason: "the API answered for a record with neither offset nor error",
    };
  }
  const reason = `Kafka refused a record with error ${JSON.stringify(code)}: ${excerpt(String(error))}`;
  const retriable = retriableCodes.includes(code);
  // Among them is that a broker has written a record and its followers have not said so in time.
  return { retriable, reason, uncertain: retriable };
}
