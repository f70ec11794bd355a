/** The ingest API. */
import { flag, integer, oneOf } from "./forms";

export const apiKeys = {
  apiAuthorization: oneOf("apiKey", "iam"),
  /** An account's quota in a region (API Gateway: "Quotas"). */
  apiThrottleRate: integer(1, 10_000),
  /** As many as that quota's burst. */
  apiThrottleBurst: integer(1, 5_000),
  apiAccountLogging: flag,
};
