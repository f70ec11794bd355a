/** The S3 sink. */
import { checksum, integer, matching } from "./forms";

export const sinkKeys = {
  sinkFlushSize: integer(1, 10_000_000),
  sinkRotateSeconds: integer(1, 86_400),
  sinkTasks: integer(1, 100),
  sinkPluginVersion: matching(/^\d+\.\d+\.\d+$/, "a version such as 10.5.13"),
  sinkPluginSha256: checksum(64),
};
