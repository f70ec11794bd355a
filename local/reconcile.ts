/** Whether every count of a run agrees with its neighbours: nothing lost, nothing made up, on both ways from MySQL to the tables. */
import { kinds, type Kind } from "../emulator";

/** How many rows of one kind were seen at each station of the batch path. */
export interface BatchCounts {
  /** Rows read from MySQL and sent. */
  readonly read: number;
  /** Events that the API accepted. */
  readonly accepted: number;
  /** Records in the Kafka topic. */
  readonly inTopic: number;
  /** S3 objects that the sink wrote. */
  readonly objects: number;
  /** Records in those objects. */
  readonly inS3: number;
  /** Rows in the cleaned table. */
  readonly cleaned: number;
  /** Records dropped since their post was there already. */
  readonly duplicates: number;
  /** Records that could not be parsed, kept in the quarantine table. */
  readonly quarantined: number;
}

/** How many rows of one kind were seen at each station of the stream path. */
export interface StreamCounts {
  /** Rows read from MySQL and sent. */
  readonly read: number;
  /** Events that the API accepted. */
  readonly accepted: number;
  /** Rows in the cleaned table. */
  readonly inTable: number;
  /** Records dropped since their post was there already. */
  readonly duplicates: number;
  /** Records that could not be parsed, kept in the quarantine table. */
  readonly quarantined: number;
  /** From acceptance by Kinesis until the row stood in its table, milliseconds; null where there is no row. */
  readonly latencyMs: { readonly p50: number | null; readonly p99: number | null };
}

/** What a run counted. */
export interface Counted {
  /** Rows of each table of the source. */
  readonly inSource: Readonly<Record<Kind, number>>;
  readonly batch: Readonly<Record<Kind, BatchCounts>>;
  readonly stream: Readonly<Record<Kind, StreamCounts>>;
  /** A digest of the rows of each path's cleaned tables, whatever their order. */
  readonly digests: Readonly<Record<"batch" | "stream", Readonly<Record<Kind, string>>>>;
}

type Station = readonly [string, number, string, number];

/** The disagreements between counts, in words; none where all agree. */
export function disagreements({ inSource, batch, stream, digests }: Counted): string[] {
  return kinds.flatMap((kind) => [
    ...differing(`batch, ${kind}`, batchStations(inSource[kind], batch[kind])),
    ...differing(`stream, ${kind}`, streamStations(inSource[kind], stream[kind])),
    ...(digests.batch[kind] === digests.stream[kind]
      ? []
      : [`${kind}: the rows of the two paths' cleaned tables are not the same`]),
  ]);
}

function differing(where: string, stations: readonly Station[]): string[] {
  return stations
    .filter(([, before, , after]) => before !== after)
    .map(([here, before, there, after]) => `${where}: ${before} ${here}, ${after} ${there}`);
}

function batchStations(inSource: number, counts: BatchCounts): Station[] {
  const { read, accepted, inTopic, inS3, cleaned, duplicates, quarantined } = counts;
  return [
    ["in the source", inSource, "read from MySQL", read],
    ["read from MySQL", read, "accepted by the API", accepted],
    // A request sent again after its answer was lost leaves its records in the topic twice.
    ["accepted by the API", accepted, "in the topic, less duplicates", inTopic - duplicates],
    ["in the topic", inTopic, "in S3", inS3],
    ["in S3", inS3, "cleaned, duplicate or quarantined", cleaned + duplicates + quarantined],
    ["in the source", inSource, "cleaned or quarantined", cleaned + quarantined],
  ];
}

function streamStations(inSource: number, counts: StreamCounts): Station[] {
  const { read, accepted, inTable, quarantined } = counts;
  return [
    ["in the source", inSource, "read from MySQL", read],
    ["read from MySQL", read, "accepted by the API", accepted],
    ["accepted by the API", accepted, "in the table or quarantined", inTable + quarantined],
  ];
}
