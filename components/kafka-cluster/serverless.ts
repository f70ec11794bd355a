/** MSK Serverless: no brokers, versions or volumes to choose; encrypted with AWS's own key, which cannot be changed. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";
import { clusterTimeouts } from "./timeouts";

export interface ServerlessSettings {
  /** Private subnets, in at least two zones. */
  subnetIds: readonly pulumi.Input<string>[];
  /** Whether the cluster may be deleted with the records in it. Default false. */
  forceDestroy?: boolean;
}

/** Makes the cluster. */
export function makeServerless(
  name: string,
  args: ServerlessSettings & { securityGroupId: pulumi.Input<string>; tags?: Tags },
  parent: pulumi.CustomResourceOptions,
): aws.msk.ServerlessCluster {
  return new aws.msk.ServerlessCluster(
    `${name}-cluster`,
    {
      vpcConfigs: [{ subnetIds: [...args.subnetIds], securityGroupIds: [args.securityGroupId] }],
      clientAuthentication: { sasl: { iam: { enabled: true } } },
      tags: args.tags,
    },
    { ...parent, protect: args.forceDestroy ? undefined : true, customTimeouts: clusterTimeouts },
  );
}
