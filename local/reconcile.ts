/** Whether every count of a run agrees with its neighbours: nothing lost, nothing made up, on the way from MySQL to the tables. */
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

/**
 * The disagreements between counts, in words; none where all agree.
 *
 * @param inSource rows of each table of the source
 */
export function disagreements(
  inSource: Readonly<Record<Kind, number>>,
  batch: Readonly<Record<Kind, BatchCounts>>,
): string[] {
  return kinds.flatMap((kind) => {
    const { read, accepted, inTopic, inS3, cleaned, duplicates, quarantined } = batch[kind];
    const stations: [string, number, string, number][] = [
      ["in the source", inSource[kind], "read from MySQL", read],
      ["read from MySQL", read, "accepted by the API", accepted],
      // A request sent again after its answer was lost leaves its records in the topic twice.
      ["accepted by the API", accepted, "in the topic, less duplicates", inTopic - duplicates],
      ["in the topic", inTopic, "in S3", inS3],
      ["in S3", inS3, "cleaned, duplicate or quarantined", cleaned + duplicates + quarantined],
      ["in the source", inSource[kind], "cleaned or quarantined", cleaned + quarantined],
    ];
    return stations
      .filter(([, before, , after]) => before !== after)
      .map(([here, before, there, after]) => `${kind}: ${before} ${here}, ${after} ${there}`);
  });
}
