/**
 * The stream path: API Gateway in front of Kinesis's PutRecords, which takes up to 500 records of a stream and answers
 * with one sequence number, or one error, for each.
 */
import { apiTarget, excerpt, fieldsOf, type ApiOptions } from "./api-target";
import type { Fault, Limits, Target, Verdict } from "./delivery/target";

/**
 * Of PutRecords. A record counts for what Kinesis keeps of it: its JSON, not yet in base64, and its partition key. A stream
 * can be set to take larger records; these are the sizes that every stream takes. A request within them stays far below API
 * Gateway's 10 MB.
 */
export const streamLimits: Limits = {
  requestRecords: 500,
  requestBytes: 5 * 1024 * 1024,
  recordBytes: 1024 * 1024,
};

/** What a record has in the request's body that Kinesis does not keep. */
const uncountedBytes = '{"data":,"partition-key":""}'.length;

/**
 * What Kinesis's errors mean for a request, whichever of its statuses they come with: most come with 400. Of those that are not
 * listed, the status decides.
 */
const faults: ReadonlyMap<unknown, Fault> = new Map([
  ["ProvisionedThroughputExceededException", "again"],
  ["ThrottlingException", "again"],
  ["KMSThrottlingException", "again"],
  ["LimitExceededException", "again"],
  ["InternalFailure", "again"],
  ["InternalFailureException", "again"],
  ["ServiceUnavailable", "again"],
  ["RequestExpired", "again"],
  ["AccessDeniedException", "target"],
  ["ResourceNotFoundException", "target"],
  ["KMSAccessDeniedException", "target"],
  ["KMSDisabledException", "target"],
  ["KMSInvalidStateException", "target"],
  ["KMSNotFoundException", "target"],
  ["KMSOptInRequired", "target"],
  ["InvalidArgumentException", "records"],
  ["ValidationException", "records"],
  ["SerializationException", "records"],
]);

/**
 * The stream path as a target.
 *
 * @throws if the URL is none.
 */
export function streamApi(options: ApiOptions): Target {
  return apiTarget(
    {
      method: "PUT",
      resource: (userId, kind) =>
        `streams/${encodeURIComponent(`streaming-${userId}-${kind}`)}/records`,
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      limits: streamLimits,
      // The post's index is its partition key: keys as many as posts spread evenly over any number of shards, and rows of the
      // same post, sent again, come to the same shard in their order.
      before: () => '{"data":',
      after: (key) => `,"partition-key":"${key}"}`,
      countedBytes: (recordBytes) => recordBytes - uncountedBytes,
      answerer: "Kinesis",
      results: "Records",
      verdict,
      // Kinesis may put its namespace before the error's name.
      fault: (body) => faults.get(String(fieldsOf(body)["__type"]).split("#").at(-1)),
    },
    options,
  );
}

/** Of single records Kinesis documents only errors that pass, so one that is not known is taken for one of them. */
function verdict(result: unknown): Verdict {
  const {
    SequenceNumber: sequenceNumber,
    ErrorCode: code,
    ErrorMessage: message,
  } = fieldsOf(result);
  if (typeof code === "string")
    return {
      retriable: (faults.get(code) ?? "again") === "again",
      uncertain: code !== "ProvisionedThroughputExceededException",
      reason: `Kinesis refused a record with ${excerpt(`${code}: ${String(message)}`)}`,
    };
  if (typeof sequenceNumber === "string") return "accepted";
  return {
    retriable: false,
    uncertain: true,
    reason: "the API answered for a record with neither sequence number nor error",
  };
}
