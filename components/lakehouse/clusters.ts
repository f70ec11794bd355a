/** What Databricks' clusters of this component are made of. */
import type * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";

export interface ClusterArgs {
  readonly sparkVersion: pulumi.Input<string>;
  readonly nodeType: pulumi.Input<string>;
  /** What the cluster's nodes may do in AWS; undefined where they need nothing of it. */
  readonly instanceProfileArn: pulumi.Input<string> | undefined;
  /** Whether the cluster uses Unity Catalog. */
  readonly inCatalog: boolean;
  readonly tags: Tags | undefined;
}

export interface WorkerArgs {
  readonly minWorkers: pulumi.Input<number>;
  readonly maxWorkers: pulumi.Input<number>;
}

/** Wall-clock times stay what they are wherever the cluster runs. */
const sparkConf = { "spark.sql.session.timeZone": "UTC" };

/**
 * What both clusters have in common. All that the service would fill in by itself is set: what is left out comes back
 * with a value, and shows as a change with every deployment (databricks/terraform-provider-databricks #3560).
 */
function common({ sparkVersion, nodeType, instanceProfileArn, inCatalog }: ClusterArgs) {
  return {
    sparkVersion,
    nodeTypeId: nodeType,
    driverNodeTypeId: nodeType,
    // Without Unity Catalog, no isolation: the standard mode keeps the instance profile from notebooks' own processes, and
    // the dedicated mode binds the mount's cluster to one user. Nobody but the job runs code on its cluster, so there is no
    // one to isolate. With Unity Catalog, the dedicated mode, which gives a job's cluster to whoever the job runs as: the
    // standard mode has no instance profile for Kinesis.
    dataSecurityMode: inCatalog ? "SINGLE_USER" : "NONE",
    runtimeEngine: "STANDARD",
    enableElasticDisk: true,
    enableLocalDiskEncryption: true,
    awsAttributes: {
      // The driver is on demand: losing it loses the run. Workers may be lost.
      firstOnDemand: 1,
      availability: "SPOT_WITH_FALLBACK",
      spotBidPricePercent: 100,
      zoneId: "auto",
      instanceProfileArn,
    },
  };
}

/** The job's cluster: made for a run, shared by its tasks, gone after it. */
export function jobCluster(
  args: ClusterArgs & WorkerArgs,
): pulumi.Output<databricks.types.input.JobJobClusterNewCluster> {
  return pulumi.all([args.minWorkers, args.maxWorkers]).apply(([least, most]) => ({
    ...common(args),
    // Databricks scales between two numbers only.
    ...(least === most
      ? { numWorkers: least }
      : { autoscale: { minWorkers: least, maxWorkers: most } }),
    sparkConf,
    customTags: args.tags ?? {},
  }));
}

/**
 * The stream job's cluster, with as many workers at any time: scaling down moves a running query's tasks about, and what
 * it reads hardly changes from one batch to the next. Each batch adds small files, which are put together as they grow many.
 */
export function streamCluster(args: ClusterArgs & { readonly workers: pulumi.Input<number> }) {
  return {
    ...common(args),
    numWorkers: args.workers,
    sparkConf: { ...sparkConf, "spark.databricks.delta.autoCompact.enabled": "true" },
    customTags: args.tags ?? {},
  } satisfies databricks.types.input.JobJobClusterNewCluster;
}

/** One node that does no more than mount and unmount, and stops after ten idle minutes, the shortest that there is. */
export function mountCluster(clusterName: pulumi.Input<string>, args: ClusterArgs) {
  return {
    ...common(args),
    clusterName,
    numWorkers: 0,
    autoterminationMinutes: 10,
    // Databricks forgets a cluster 30 days after it stopped, unless it is pinned.
    isPinned: true,
    sparkConf: {
      ...sparkConf,
      "spark.databricks.cluster.profile": "singleNode",
      "spark.master": "local[*]",
    },
    customTags: pulumi
      .output(args.tags ?? {})
      .apply((tags): Record<string, string> => ({ ...tags, ResourceClass: "SingleNode" })),
  } satisfies databricks.ClusterArgs;
}
