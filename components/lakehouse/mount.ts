/** The bucket as a mount of the workspace, without Unity Catalog. */
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import { type ClusterArgs, mountCluster } from "./clusters";

export interface BucketMountArgs {
  readonly mountName: pulumi.Input<string>;
  readonly clusterName: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
  readonly cluster: ClusterArgs;
  readonly instanceProfileArn: pulumi.Input<string>;
}

/**
 * Mounts the bucket for all clusters of the workspace.
 *
 * Each operation on a mount runs on a cluster, which the provider would make by itself and leave behind. This one is
 * the stack's own: it outlives the mount, so `destroy` starts it, unmounts and then deletes it. Where someone else has
 * deleted it, the provider takes the mount for gone, and `destroy` goes on; hence neither `deletedWith` nor
 * `retainOnDelete`, which would leave the mount behind each time.
 *
 * @returns where clusters see the bucket, `/mnt/<name>`.
 */
export function bucketMount(
  name: string,
  args: BucketMountArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const mounter = new databricks.Cluster(
    `${name}-mount-cluster`,
    mountCluster(args.clusterName, args.cluster),
    opts,
  );
  const mount = new databricks.Mount(
    `${name}-mount`,
    {
      name: args.mountName,
      clusterId: mounter.id,
      s3: { bucketName: args.bucketName, instanceProfile: args.instanceProfileArn },
    },
    // One mount a name: were the new one made first, deleting the old one would unmount it.
    { ...opts, deleteBeforeReplace: true },
  );
  return pulumi.interpolate`/mnt/${mount.name}`;
}
