/**
 * Writes records to Kafka and tells the offset of each.
 *
 * Each partition has a queue of its own with one request under way: what arrives meanwhile goes out together in the next,
 * so that many small requests cost few large ones. The producer is idempotent, so that what it sends again by itself is not
 * written twice.
 *
 * Defaults: all replicas acknowledge; at most 900,000 bytes a batch, below the broker's limit of 1 MiB; 64 MiB of memory waiting.
 */
import { GenericError, MultipleErrors, murmur2, Producer, TimeoutError } from "@platformatic/kafka";
import { recordErrorCodes, RestError } from "./rest-error";
import type { ProduceRecord } from "./records";

/** What became of one record, as the reply says it. */
export interface RecordResult {
  readonly partition: number | null;
  readonly offset: number | null;
  readonly error_code: number | null;
  readonly error: string | null;
}

interface Waiting {
  readonly record: ProduceRecord;
  readonly bytes: number;
  readonly settle: (result: RecordResult) => void;
}

const batchBytes = 900_000;
const recordBytesAtMost = 1_000_000;
/** What Kafka's format adds to a record at most: lengths, offset, time. */
const overheadBytes = 40;
const waitingBytesAtMost = 64 * 1_048_576;
/** What a record that waits takes besides its bytes, with its place in the reply. */
const waitingOverheadBytes = 500;

type KafkaProducer = Producer<Buffer, Buffer, string, string>;

/** A Kafka producer that can be thrown away: after a failure it cannot know what the broker has of it. */
class ProducerHolder {
  private current: KafkaProducer;
  private readonly uses = new Map<KafkaProducer, number>();

  constructor(private readonly bootstrapServers: string) {
    this.current = this.make();
  }

  private make(): KafkaProducer {
    return new Producer({
      clientId: "rest-proxy",
      bootstrapBrokers: this.bootstrapServers.split(","),
      acks: -1,
      idempotent: true,
      retries: 5,
      retryDelay: 500,
      maxInflights: 32,
    });
  }

  /**
   * Calls `send` with the producer. Where that fails the next call has a new one: the old would give the next batch the
   * sequence numbers of the failed one, and a broker that has that already would drop the next without a word.
   */
  async use<T>(send: (producer: KafkaProducer) => Promise<T>): Promise<T> {
    const producer = this.current;
    this.uses.set(producer, (this.uses.get(producer) ?? 0) + 1);
    try {
      return await send(producer);
    } catch (error) {
      if (this.current === producer) this.current = this.make();
      throw error;
    } finally {
      const left = (this.uses.get(producer) ?? 1) - 1;
      this.uses.set(producer, left);
      if (left === 0 && this.current !== producer) {
        this.uses.delete(producer);
        await producer.close().catch(() => undefined); // its connections may be gone already
      }
    }
  }

  async close(): Promise<void> {
    await this.current.close();
  }
}

class PartitionQueue {
  private readonly waiting: Waiting[] = [];
  private sending = false;

  constructor(
    private readonly producers: ProducerHolder,
    private readonly topic: string,
    private readonly partition: number,
  ) {}

  add(item: Waiting): void {
    this.waiting.push(item);
    if (this.sending) return;
    this.sending = true;
    // After the rest of the request, so that it goes out as one batch.
    setImmediate(() => void this.drain());
  }

  private takeBatch(): Waiting[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.waiting) {
      if (count > 0 && bytes + item.bytes > batchBytes) break;
      bytes += item.bytes;
      count++;
    }
    return this.waiting.splice(0, count);
  }

  private async drain(): Promise<void> {
    while (this.waiting.length > 0) await this.send(this.takeBatch());
    this.sending = false;
  }

  private async send(batch: readonly Waiting[]): Promise<void> {
    const { topic, partition } = this;
    try {
      const { offsets } = await this.producers.use((producer) =>
        producer.send({
          // The producer takes undefined, not null, as no key and no value.
          messages: batch.map(({ record }) => ({
            topic,
            partition,
            key: record.key ?? undefined,
            value: record.value ?? undefined,
          })),
        }),
      );
      const first = offsets?.find((written) => written.partition === partition)?.offset;
      if (first === undefined) throw new Error(`Kafka told no offset for ${topic}-${partition}`);
      batch.forEach(({ settle }, index) => {
        settle({ partition, offset: Number(first) + index, error_code: null, error: null });
      });
    } catch (error) {
      const result = failure(error);
      for (const { settle } of batch) settle(result);
    }
  }
}

function failure(error: unknown): RecordResult {
  const { kafka, retriable } = recordErrorCodes;
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  const code = mayBeRepeated(error) ? retriable : kafka;
  return { partition: null, offset: null, error_code: code, error: message };
}

/** Whether the same records may be taken when they are sent again. */
function mayBeRepeated(error: unknown): boolean {
  if (error instanceof MultipleErrors) return error.errors.some(mayBeRepeated);
  return (
    error instanceof GenericError && (error.canRetry === true || error instanceof TimeoutError)
  );
}

/** As Kafka's own clients choose it for a key, so that a key stays in its partition whoever writes it. */
export function partitionOf(key: Buffer, partitions: number): number {
  return (murmur2(key) & 0x7fffffff) % partitions;
}

/** Writes records to topics of one cluster. */
export class RecordWriter {
  private readonly producers: ProducerHolder;
  private readonly queues = new Map<string, PartitionQueue>();
  private waitingBytes = 0;
  private turn = 0;

  constructor(bootstrapServers: string) {
    this.producers = new ProducerHolder(bootstrapServers);
  }

  /**
   * Writes records; the results stand in their order. Records with one key keep their order.
   *
   * @param partitions how many the topic has
   * @throws RestError 429 where too much is waiting already
   */
  async write(
    topic: string,
    partitions: number,
    records: readonly ProduceRecord[],
  ): Promise<RecordResult[]> {
    const sizes = records.map(sizeOf);
    const bytes = sizes.reduce((sum, size) => sum + size, records.length * waitingOverheadBytes);
    if (this.waitingBytes > 0 && this.waitingBytes + bytes > waitingBytesAtMost)
      throw new RestError(429, 429, "Too many records are waiting for Kafka");
    this.waitingBytes += bytes;
    const keyless = this.turn++ % partitions;
    try {
      return await Promise.all(
        records.map((record, index) => {
          const partition =
            record.partition ?? (record.key ? partitionOf(record.key, partitions) : keyless);
          const size = sizes[index] ?? 0;
          if (partition >= partitions) return Promise.resolve(noSuchPartition(partition));
          if (size > recordBytesAtMost) return Promise.resolve(tooLarge(size));
          return new Promise<RecordResult>((settle) => {
            this.queue(topic, partition).add({ record, bytes: size, settle });
          });
        }),
      );
    } finally {
      this.waitingBytes -= bytes;
    }
  }

  private queue(topic: string, partition: number): PartitionQueue {
    const name = `${topic}-${partition}`;
    let queue = this.queues.get(name);
    if (!queue) {
      queue = new PartitionQueue(this.producers, topic, partition);
      this.queues.set(name, queue);
    }
    return queue;
  }

  async close(): Promise<void> {
    await this.producers.close();
  }
}

function sizeOf(record: ProduceRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0) + overheadBytes;
}

function noSuchPartition(partition: number): RecordResult {
  return {
    partition: null,
    offset: null,
    error_code: recordErrorCodes.partitionNotFound,
    error: `Partition ${partition} not found.`,
  };
}

function tooLarge(bytes: number): RecordResult {
  return {
    partition: null,
    offset: null,
    error_code: recordErrorCodes.kafka,
    error: `The message is ${bytes} bytes when serialized which is larger than ${recordBytesAtMost}`,
  };
}
