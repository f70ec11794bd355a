/** How safely a record is kept, by the number of brokers. */
export interface Replication {
  /** Brokers that hold each record. */
  readonly replicationFactor: number;
  /** Of those, how many must have a record for it to count as written (`acks=all`). */
  readonly minInSyncReplicas: number;
}

/** Three copies where there are as many brokers, and writing goes on while one of them is down. */
export function replication(brokerCount: number): Replication {
  const replicationFactor = Math.min(3, brokerCount);
  return { replicationFactor, minInSyncReplicas: Math.max(1, replicationFactor - 1) };
}
