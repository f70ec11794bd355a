/** The two paths through the pipeline that a post can take from the ingest API. */

/** `batch` leads to Kafka and on to S3, `stream` to Kinesis. */
export type Path = "batch" | "stream";

/** A record with one value for each of the given paths. */
export function mapPaths<P extends Path, T>(
  paths: readonly P[],
  make: (path: P) => T,
): Record<P, T> {
  return Object.fromEntries(paths.map((path) => [path, make(path)])) as Record<P, T>;
}
