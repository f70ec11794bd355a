/** ARNs of what is inside an MSK cluster: topics and consumer groups, as IAM access control names them. */

/** What a cluster's ARN says of where the cluster is. */
export interface ClusterLocation {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/**
 * The ARN of a topic or consumer group of a cluster; the name may end in `*`.
 *
 * @throws if `clusterArn` is not the ARN of an MSK cluster.
 */
export function kafkaResourceArn(
  clusterArn: string,
  kind: "topic" | "group",
  name: string,
): string {
  clusterLocation(clusterArn);
  return `${clusterArn.replace(":cluster/", `:${kind}/`)}/${name}`;
}

/** @throws if `clusterArn` is not the ARN of an MSK cluster. */
export function clusterLocation(clusterArn: string): ClusterLocation {
  const [, partition, region, accountId] =
    /^arn:([^:]+):kafka:([^:]+):([^:]+):cluster\/[^/]+\/[^/]+$/.exec(clusterArn) ?? [];
  if (!partition || !region || !accountId)
    throw new Error(`${clusterArn} is not the ARN of an MSK cluster`);
  return { partition, region, accountId };
}
