/** The Kinesis streams. */
import { integer, oneOf } from "./forms";
import { rulesOver, type Checked } from "./rules";

export const streamKeys = {
  streamMode: oneOf("onDemand", "provisioned"),
  streamShardCount: integer(1, 10_000),
  /** Kinesis keeps records from a day to 365 days. */
  streamRetentionHours: integer(24, 8_760),
  /** Less than the longest that records are kept. */
  streamMaxAgeMinutes: integer(1, 525_599),
};

const rule = rulesOver<Checked<typeof streamKeys>>();

export const streamRules = [
  rule(
    ["streamMaxAgeMinutes", "streamRetentionHours"],
    ({ streamMaxAgeMinutes, streamRetentionHours }) =>
      streamMaxAgeMinutes >= streamRetentionHours * 60 &&
      `streamMaxAgeMinutes: ${streamMaxAgeMinutes} minutes are no less than the ${streamRetentionHours} hours after which the records are gone (streamRetentionHours)`,
  ),
  rule(
    ["streamMode", "streamShardCount"],
    ({ streamMode, streamShardCount }) =>
      streamMode === "onDemand" &&
      streamShardCount > 1 &&
      `streamShardCount: ${streamShardCount} shards are for streamMode provisioned; with onDemand Kinesis decides`,
  ),
];
