/** The sink connector's settings, and those of the worker that runs it. */

/** `flush.size` where the stack says nothing else. */
export const defaultFlushSize = 10_000;

export interface ConnectorSettingsArgs {
  /** Region of the bucket. */
  readonly region: string;
  readonly bucketName: string;
  /** Java regular expression that the whole name of a topic must match for it to be read. */
  readonly topicsRegex: string;
  /** First part of every object's key. */
  readonly topicsDirectory: string;
  /** Topic for records that cannot be written. */
  readonly deadLetterTopic: string;
  /** Records in one object at most. */
  readonly flushSize: number;
  /** Seconds after which what is there is written, however little. */
  readonly rotateIntervalSeconds: number;
  /** Tasks at most. */
  readonly tasks: number;
}

/** Converters: keys are text, values are JSON without a schema, as the REST proxy's JSON records are. */
const converters = {
  "key.converter": "org.apache.kafka.connect.storage.StringConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.schemas.enable": "false",
};

/** The connector's configuration, as Kafka Connect takes it. */
export function connectorSettings(args: ConnectorSettingsArgs): Record<string, string> {
  return {
    "connector.class": "io.confluent.connect.s3.S3SinkConnector",
    "tasks.max": String(args.tasks),
    "topics.regex": args.topicsRegex,
    "topics.dir": args.topicsDirectory,
    "s3.region": args.region,
    "s3.bucket.name": args.bucketName,
    // The least that S3 takes. A task holds one buffer of it for each partition that it writes.
    "s3.part.size": String(5 * 1024 * 1024),
    "storage.class": "io.confluent.connect.s3.storage.S3Storage",
    "format.class": "io.confluent.connect.s3.format.json.JsonFormat",
    "partitioner.class": "io.confluent.connect.storage.partitioner.DefaultPartitioner",
    "schema.compatibility": "NONE",
    "flush.size": String(args.flushSize),
    // By the clock: rotate.interval.ms would keep a topic's last records until another came.
    "rotate.schedule.interval.ms": String(args.rotateIntervalSeconds * 1000),
    timezone: "UTC",
    ...converters,
    // A record without a value would stop its task for good; there is nothing in it to write.
    "behavior.on.null.values": "ignore",
    "errors.tolerance": "all",
    "errors.deadletterqueue.topic.name": args.deadLetterTopic,
    "errors.deadletterqueue.context.headers.enable": "true",
    "errors.log.enable": "true",
  };
}

/** The worker's properties file. */
export function workerProperties(): string {
  return Object.entries(converters)
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}
