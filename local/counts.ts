/** Counts what a run left at the stations of the batch path that only the services themselves can tell: the topics and S3. */
import { setTimeout as sleep } from "node:timers/promises";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import { Admin, ListOffsetTimestamps } from "@platformatic/kafka";
import type { Services } from "./machine";

/** Records that a topic holds, by its partitions' first and last offsets. */
export async function recordsInTopic(kafka: Services["kafka"], topic: string): Promise<number> {
  const admin = new Admin({ clientId: "counts", bootstrapBrokers: [kafka.bootstrapServers] });
  try {
    const { topics } = await admin.metadata({ topics: [topic] });
    const partitions = topics.get(topic)?.partitions ?? [];
    const offsets = async (timestamp: bigint) => {
      const [listed] = await admin.listOffsets({
        topics: [
          {
            name: topic,
            partitions: Object.keys(partitions).map((index) => ({
              partitionIndex: Number(index),
              timestamp,
            })),
          },
        ],
      });
      return (listed?.partitions ?? []).reduce((sum, { offset }) => sum + offset, 0n);
    };
    const ends = await offsets(ListOffsetTimestamps.LATEST);
    const starts = await offsets(ListOffsetTimestamps.EARLIEST);
    return Number(ends - starts);
  } finally {
    await admin.close();
  }
}

function storeClient(aws: Services["aws"]): S3Client {
  const { endpoint, region, ...credentials } = aws;
  return new S3Client({ endpoint, region, credentials, forcePathStyle: true });
}

/** What S3 holds of one topic. */
export interface Stored {
  readonly objects: number;
  /** Records in them, one a line. */
  readonly records: number;
}

/** Counts the records under a prefix of a bucket, reading each object once: the sink never writes to one again. */
class ObjectCounter {
  private readonly client: S3Client;
  private readonly recordsByKey = new Map<string, number>();

  constructor(
    aws: Services["aws"],
    private readonly bucket: string,
    private readonly prefix: string,
  ) {
    this.client = storeClient(aws);
  }

  async count(): Promise<Stored> {
    const pages = paginateListObjectsV2(
      { client: this.client },
      { Bucket: this.bucket, Prefix: this.prefix },
    );
    for await (const { Contents: contents = [] } of pages) {
      for (const { Key: key } of contents) {
        if (key !== undefined && !this.recordsByKey.has(key))
          this.recordsByKey.set(key, await this.lines(key));
      }
    }
    const counts = [...this.recordsByKey.values()];
    return { objects: counts.length, records: counts.reduce((sum, count) => sum + count, 0) };
  }

  close(): void {
    this.client.destroy();
  }

  private async lines(key: string): Promise<number> {
    const { Body: body } = await this.client.send(
      new GetObjectCommand({ Bucket: this.bucket, Key: key }),
    );
    const text = (await body?.transformToString("utf8")) ?? "";
    return text.split("\n").filter((line) => line !== "").length;
  }
}

/** The text of one object. @throws if it is not there. */
export async function readObject(
  aws: Services["aws"],
  bucket: string,
  key: string,
): Promise<string> {
  const client = storeClient(aws);
  try {
    const { Body: body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await body?.transformToString("utf8")) ?? "";
  } finally {
    client.destroy();
  }
}

/** Which objects are counted. */
export interface ObjectsUnder {
  readonly bucket: string;
  /** First part of their keys. */
  readonly prefix: string;
}

/**
 * Counts until `records` are stored.
 *
 * @throws if they are not within `withinSeconds`; the message says how many are.
 */
export async function untilStored(
  aws: Services["aws"],
  { bucket, prefix }: ObjectsUnder,
  records: number,
  withinSeconds: number,
): Promise<Stored> {
  const counter = new ObjectCounter(aws, bucket, prefix);
  const bound = Date.now() + withinSeconds * 1_000;
  try {
    for (;;) {
      const stored = await counter.count();
      if (stored.records >= records) return stored;
      if (Date.now() > bound)
        throw new Error(
          `the sink has written ${stored.records} of ${records} records after ${withinSeconds} s`,
        );
      await sleep(500);
    }
  } finally {
    counter.close();
  }
}

/**
 * Counts until the sink has written all that a topic holds: more than was accepted, where a request was sent again.
 *
 * @throws as `untilStored` does.
 */
export async function untilSunk(
  { kafka, aws }: Pick<Services, "kafka" | "aws">,
  { topic, bucket }: { readonly topic: string; readonly bucket: string },
  accepted: number,
  withinSeconds: number,
): Promise<Stored> {
  const records = Math.max(accepted, await recordsInTopic(kafka, topic));
  return untilStored(aws, { bucket, prefix: `topics/${topic}/` }, records, withinSeconds);
}
