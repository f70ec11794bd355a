/** The job that cleans the posts while they arrive: one notebook that runs for ever, three queries in it. */
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import type { ByKind } from "../streams";
import type { Tags } from "../tags";
import { type ClusterArgs, streamCluster } from "./clusters";

/** What the clusters read of the streams, as the component Streams has it. */
export interface LakehouseStreams {
  /** Names of the streams. */
  readonly names: ByKind<pulumi.Input<string>>;
  readonly arns: ByKind<pulumi.Input<string>>;
  /** ARN of the KMS key that encrypts all of them, in the streams' region. */
  readonly keyArn: pulumi.Input<string>;
}

export interface StreamJobArgs {
  readonly jobName: pulumi.Input<string>;
  readonly notebookPath: pulumi.Input<string>;
  /** Tells one version of what the notebook runs from another. */
  readonly codeDigest: string;
  readonly userId: pulumi.Input<string>;
  readonly mountPoint: pulumi.Input<string>;
  readonly streams: LakehouseStreams;
  readonly intervalSeconds: pulumi.Input<number>;
  readonly paused: pulumi.Input<boolean>;
  readonly workers: pulumi.Input<number>;
  readonly cluster: ClusterArgs;
  readonly tags: Tags | undefined;
}

const jobClusterKey = "stream";

/**
 * Declares the job. It is continuous: Databricks starts a run after each that ends, waiting longer after each failure, so
 * neither job nor task has retries or limits of its own. A run begins where the checkpoints say that the last one ended, so the
 * provider may end it with each change of the job, and start one that has it. A tag makes a change of the code one of the job:
 * a run that goes on for weeks keeps what it imported when it began. Where Databricks answers that another request is in progress
 * (databricks/terraform-provider-databricks #4267), the job is changed and its run is not: deploy once more.
 */
export function streamJob(
  name: string,
  args: StreamJobArgs,
  opts: pulumi.CustomResourceOptions,
): databricks.Job {
  const { streams, cluster } = args;
  const { pin, geo, user } = streams.names;
  return new databricks.Job(
    name,
    {
      name: args.jobName,
      description: "Cleans the posts while they arrive in the streams",
      continuous: {
        pauseStatus: pulumi.output(args.paused).apply((paused) => (paused ? "PAUSED" : "UNPAUSED")),
        taskRetryMode: "NEVER",
      },
      controlRunState: true,
      tasks: [
        {
          taskKey: "stream",
          jobClusterKey,
          dependsOns: [],
          runIf: "ALL_SUCCESS",
          notebookTask: {
            notebookPath: args.notebookPath,
            source: "WORKSPACE",
            baseParameters: {
              user_id: args.userId,
              mount_point: args.mountPoint,
              pin_stream: pin,
              geo_stream: geo,
              user_stream: user,
              region: pulumi.output(streams.keyArn).apply((arn) => arn.split(":")[3] ?? ""),
              trigger: pulumi.output(args.intervalSeconds).apply(String),
            },
          },
          retryOnTimeout: false,
          timeoutSeconds: 0,
        },
      ],
      jobClusters: [
        { jobClusterKey, newCluster: streamCluster({ ...cluster, workers: args.workers }) },
      ],
      maxConcurrentRuns: 1,
      timeoutSeconds: 0,
      tags: pulumi
        .output(args.tags ?? {})
        .apply((tags): Record<string, string> => ({ ...tags, code: args.codeDigest })),
    },
    opts,
  );
}
