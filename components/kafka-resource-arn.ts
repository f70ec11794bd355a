/** ARNs of what is inside an MSK cluster: topics and consumer groups, as IAM access control names them. */

/** What a cluster's ARN says of where the cluster is. */
export interface ClusterLocation {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
}

/** Whether a text is the ARN of an MSK cluster. */
export function isClusterArn(text: string): boolean {
  return /^arn:[^:]+:kafka:[^:]+:[^:]+:cluster\/[^/]+\/[^/]+$/.test(text);
}

/** The ARN of a topic or consumer group of a cluster; the name may end in `*`. */
export function kafkaResourceArn(
  clusterArn: string,
  kind: "topic" | "group",
  name: string,
): string {
  return `${clusterArn.replace(":cluster/", `:${kind}/`)}/${name}`;
}

/** Where the cluster of an ARN is. What AWS answers is taken as it is: an error amid a deployment would mend nothing. */
export function clusterLocation(clusterArn: string): ClusterLocation {
  const [, partition = "", , region = "", accountId = ""] = clusterArn.split(":");
  return { partition, region, accountId };
}
