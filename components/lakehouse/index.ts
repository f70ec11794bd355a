/**
 * Lakehouse: the Databricks side of the pipeline. Mounts the sink's bucket, puts the notebooks and their package into
 * the workspace, and declares the job that cleans the posts and answers the queries; where there are streams, also the job
 * that cleans the posts while they arrive in these.
 *
 * It needs an explicit Databricks provider, in `opts.providers`: without one the provider's default looks for
 * credentials of its own and fails with "cannot configure default credentials".
 *
 * Defaults:
 * - clusters may list the bucket, read the topics' folder and write `tables/`, `checkpoints/` and `results/`; no keys,
 *   only an instance profile;
 * - code goes to a folder below the workspace's root, where only administrators may write unless someone lets others, and
 *   not to `/Shared`, where every user of the workspace could change what runs with the clusters' role;
 * - the job runs on a cluster of its own, 1 to 4 workers of spot instances (on demand where there are none) and a driver
 *   on demand, local disks encrypted, on the LTS runtime 17.3 (Spark 4.0, supported until October 2028);
 * - a task is tried three times and may take an hour, the job four hours; one run at a time, others queue;
 * - no schedule: Airflow triggers the job;
 * - clusters may read exactly the streams that are given, if any, and use their key through Kinesis only; the stream job
 *   runs from its deployment on, for as long as it is not paused, two workers and a driver, a batch every 30 seconds; a
 *   deployment that changes it or its code ends its run and starts another, which goes on where that one was;
 * - no one but the deploying identity and the workspace's administrators may see or run the jobs;
 * - `destroy` unmounts, and removes everything but what the job wrote into the bucket, which is the bucket's to keep.
 *
 * Mounts are deprecated where Unity Catalog is on; in a workspace that has turned off the access mode "no isolation
 * shared", clusters that use a mount do not start. There, `unityCatalog` makes the bucket a volume instead: the jobs are the
 * same but for the place where they see the bucket, and a table of the stream is found by its path alone, since Unity
 * Catalog gives no names to tables in a volume.
 */
import path from "node:path";
import * as command from "@pulumi/command";
import * as databricks from "@pulumi/databricks";
import * as pulumi from "@pulumi/pulumi";
import { contentDigest } from "../content-name";
import { type Fault, refuseFaults } from "../faults";
import type { Tags } from "../tags";
import { batchTasks } from "./batch-tasks";
import type { BucketAccess } from "./bucket-access";
import { clusterRole, type ClusterRoleArgs } from "./cluster-role";
import { type ClusterArgs, jobCluster } from "./clusters";
import { jobPermissions } from "./job-permissions";
import { bucketMount } from "./mount";
import { type LakehouseStreams, streamJob } from "./stream-job";
import { bucketVolume, type UnityCatalog } from "./unity-catalog";
import {
  repository,
  streamNotebook,
  workspaceSources,
  type NotebookName,
  type WorkspaceSource,
} from "./workspace-sources";

export interface LakehouseArgs {
  /** The `<id>` in the names of the topics. */
  userId: pulumi.Input<string>;
  /** Bucket that the sink writes to. */
  bucketName: pulumi.Input<string>;
  bucketArn: pulumi.Input<string>;
  /** ARN of the KMS key that encrypts the bucket's objects. Default: none, the bucket encrypts with S3's own keys. */
  kmsKeyArn?: pulumi.Input<string>;
  /** Folder of the bucket with the topics' records, the sink's `topics.dir`. Default `topics`. */
  topicsDirectory?: pulumi.Input<string>;
  /** Name of the mount below `/mnt/`; one a workspace. Without `unityCatalog` only. Default `pinterest-<id>-<stack>`. */
  mountName?: pulumi.Input<string>;
  /** Folder of the workspace that is this component's alone, absolute. Default `/pinterest-<id>-<stack>`. */
  workspacePath?: pulumi.Input<string>;
  /**
   * Databricks runtime. LTS runtimes with Spark 4 in autumn 2026: 17.3 (Spark 4.0, until October 2028) and 18 (Spark
   * 4.1, until June 2029). Default `17.3.x-scala2.13`.
   */
  sparkVersion?: pulumi.Input<string>;
  /** Node type of drivers and workers, one with local disks. Default `m6gd.large`: 2 CPUs, 8 GiB, 118 GB NVMe. */
  nodeType?: pulumi.Input<string>;
  /** Workers of the job cluster at least. Default 1. */
  minWorkers?: pulumi.Input<number>;
  /** Workers of the job cluster at most. Default 4. */
  maxWorkers?: pulumi.Input<number>;
  /** Times that a failed task is tried again. Default 2. */
  maxRetries?: pulumi.Input<number>;
  /** Seconds that one try of a task may take. Default 3,600. */
  taskTimeoutSeconds?: pulumi.Input<number>;
  /** Seconds that a run of the job may take. Default 14,400. */
  timeoutSeconds?: pulumi.Input<number>;
  /**
   * Name of the workspace's cross-account role, with which Databricks starts instances: it is let pass the clusters'
   * role to them. Default: none, where that is arranged elsewhere; without it Databricks refuses the instance profile.
   */
  crossAccountRoleName?: pulumi.Input<string>;
  /** Where in Unity Catalog the bucket becomes a volume, instead of a mount. Default: nowhere, it is mounted. */
  unityCatalog?: UnityCatalog;
  /**
   * Who may see the jobs and their runs, and read the volume: users by address, groups by name, service principals by
   * application id. Default none but the deploying identity.
   */
  readers?: readonly string[];
  /**
   * Who may start, stop and repair the jobs' runs, named as `readers` are. Default none but the deploying identity, which owns
   * the jobs and is not to be named: Databricks would take the ownership from it, and refuses.
   */
  operators?: readonly string[];
  /** Streams that a job of their own cleans while they fill. Default: none, and no such job. */
  streams?: LakehouseStreams;
  /** Seconds from the beginning of one batch of the stream job to the next one's, whole. Default 30. */
  streamIntervalSeconds?: pulumi.Input<number>;
  /** Workers of the stream job's cluster. Default 2: on nodes of two cores each, one to fetch for each stream and one to clean. */
  streamWorkers?: pulumi.Input<number>;
  /** Whether the stream job waits until someone resumes it. Default false. */
  streamPaused?: pulumi.Input<boolean>;
  /** Folder with `notebooks/` and `schemas/`, absolute. Default this repository. */
  sourceDirectory?: string;
  /** Tags of everything in it, clusters and job too. Default none. */
  tags?: Tags;
}

const jobClusterKey = "batch";

export class Lakehouse extends pulumi.ComponentResource {
  /** Id of the batch job, digits. */
  readonly jobId: pulumi.Output<string>;
  /** Id of the stream job, where there are streams. */
  readonly streamJobId?: pulumi.Output<string>;
  /** The instance profile of the clusters, known to Databricks; none where Unity Catalog reaches all that there is. */
  readonly instanceProfileArn: pulumi.Output<string> | undefined;
  /** Where clusters see the bucket: `/mnt/<name>`, or `/Volumes/<catalog>/<schema>/bucket`. */
  readonly mountPoint: pulumi.Output<string>;
  /** Paths of the notebooks in the workspace. */
  readonly notebookPaths: pulumi.Output<Record<NotebookName, string>>;

  /**
   * @throws pulumi.InputPropertiesError if arguments are faulty.
   * @throws if a notebook or the schemas are missing from `sourceDirectory`.
   */
  constructor(name: string, args: LakehouseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:lakehouse:Lakehouse", name, {}, opts);
    const hasProvider = this.getProvider("databricks:index/job:Job") !== undefined;
    refuseFaults(`Lakehouse "${name}"`, faultsOf(args, hasProvider));
    const { userId, bucketArn, kmsKeyArn, streams, tags } = args;
    const { readers = [], operators = [] } = args;
    const {
      topicsDirectory = "topics",
      sparkVersion = "17.3.x-scala2.13",
      nodeType = "m6gd.large",
    } = args;
    const ownName = pulumi.interpolate`pinterest-${userId}-${pulumi.getStack()}`;
    const child = { parent: this };

    const { cluster, mountPoint } = this.reachBucket(name, args, {
      ownName,
      bucket: { bucketArn, topicsDirectory, kmsKeyArn },
      sparkVersion,
      nodeType,
    });
    const workspace = this.workspace(
      name,
      args.workspacePath ?? pulumi.interpolate`/${ownName}`,
      args.sourceDirectory ?? repository,
      streams !== undefined,
    );

    this.instanceProfileArn =
      cluster.instanceProfileArn === undefined
        ? undefined
        : pulumi.output(cluster.instanceProfileArn);
    this.mountPoint = mountPoint;
    this.notebookPaths = pulumi.output({
      clean: workspace.notebooks.clean.path,
      query: workspace.notebooks.query.path,
    });
    const job = new databricks.Job(
      `${name}-batch`,
      {
        name: pulumi.interpolate`${ownName}-batch`,
        description: "Cleans the posts that are new in S3 and answers the queries over all of them",
        tasks: batchTasks({
          notebookPaths: {
            clean: workspace.notebooks.clean.path,
            query: workspace.notebooks.query.path,
          },
          userId,
          mountPoint,
          topicsDirectory,
          jobClusterKey,
          maxRetries: args.maxRetries ?? 2,
          taskTimeoutSeconds: args.taskTimeoutSeconds ?? 3600,
        }),
        jobClusters: [
          {
            jobClusterKey,
            newCluster: jobCluster({
              ...cluster,
              minWorkers: args.minWorkers ?? 1,
              maxWorkers: args.maxWorkers ?? 4,
            }),
          },
        ],
        maxConcurrentRuns: 1,
        queue: { enabled: true },
        timeoutSeconds: args.timeoutSeconds ?? 14_400,
        tags: tags ?? {},
      },
      { ...child, dependsOn: workspace.files },
    );
    this.jobId = job.id;
    jobPermissions(`${name}-batch-permissions`, { jobId: job.id, readers, operators }, child);
    if (streams && workspace.streamNotebook) {
      const { id: jobId } = streamJob(
        `${name}-stream`,
        {
          jobName: pulumi.interpolate`${ownName}-stream`,
          notebookPath: workspace.streamNotebook.path,
          codeDigest: workspace.streamNotebook.codeDigest,
          userId,
          mountPoint,
          streams,
          intervalSeconds: args.streamIntervalSeconds ?? 30,
          paused: args.streamPaused ?? false,
          workers: args.streamWorkers ?? 2,
          cluster,
          tags,
        },
        { ...child, dependsOn: workspace.files },
      );
      jobPermissions(`${name}-stream-permissions`, { jobId, readers, operators }, child);
      this.streamJobId = jobId;
    }
    this.registerOutputs({
      jobId: this.jobId,
      streamJobId: this.streamJobId,
      instanceProfileArn: this.instanceProfileArn,
      mountPoint: this.mountPoint,
      notebookPaths: this.notebookPaths,
    });
  }

  /** How clusters reach the bucket: what they are then made of, and where they see it. */
  private reachBucket(
    name: string,
    args: LakehouseArgs,
    {
      ownName,
      bucket,
      ...software
    }: Pick<ClusterArgs, "sparkVersion" | "nodeType"> & {
      ownName: pulumi.Output<string>;
      bucket: BucketAccess;
    },
  ): { cluster: ClusterArgs; mountPoint: pulumi.Output<string> } {
    const { bucketName, streams, crossAccountRoleName, unityCatalog, readers = [], tags } = args;
    const child = { parent: this };
    const profile = (reached: BucketAccess | undefined) =>
      this.instanceProfile(name, { bucket: reached, streams, crossAccountRoleName, tags });
    if (unityCatalog) {
      return {
        // Unity Catalog has a role of its own for the bucket: nothing but the streams is left to the nodes' role.
        cluster: {
          ...software,
          instanceProfileArn: streams && profile(undefined),
          inCatalog: true,
          tags,
        },
        mountPoint: bucketVolume(
          name,
          { catalog: unityCatalog, ownName, bucketName, bucket, readers, tags },
          child,
        ),
      };
    }
    const instanceProfileArn = profile(bucket);
    const cluster = { ...software, instanceProfileArn, inCatalog: false, tags };
    return {
      cluster,
      mountPoint: bucketMount(
        name,
        {
          mountName: args.mountName ?? ownName,
          clusterName: pulumi.interpolate`${ownName}-mount`,
          bucketName,
          cluster,
          instanceProfileArn,
        },
        child,
      ),
    };
  }

  /** The role of the clusters' nodes, as an instance profile that Databricks knows. */
  private instanceProfile(name: string, args: ClusterRoleArgs): pulumi.Output<string> {
    const { role, instanceProfile, policies } = clusterRole(`${name}-cluster`, args, {
      parent: this,
    });
    // IAM takes some seconds to tell EC2 of a profile, and Databricks tries it out when it is registered.
    const known = new command.local.Command(
      `${name}-known-to-ec2`,
      {
        create: 'node --eval "setTimeout(() => {}, 15_000)"',
        triggers: [instanceProfile.arn],
      },
      { parent: this, dependsOn: [...policies] },
    );
    return new databricks.InstanceProfile(
      `${name}-instance-profile`,
      { instanceProfileArn: instanceProfile.arn, iamRoleArn: role.arn },
      { parent: this, dependsOn: [known, ...policies] },
    ).instanceProfileArn;
  }

  /**
   * The folder of the workspace, laid out as the repository, with the notebooks and the files that they use.
   *
   * Contents are told apart by their MD5, so that an edit updates a file in place.
   */
  private workspace(
    name: string,
    root: pulumi.Input<string>,
    sourceDirectory: string,
    hasStreams: boolean,
  ): {
    notebooks: Record<NotebookName, databricks.Notebook>;
    streamNotebook: { path: pulumi.Output<string>; codeDigest: string } | undefined;
    files: databricks.WorkspaceFile[];
  } {
    const sources = workspaceSources(sourceDirectory);
    const folders = new Map<string, databricks.Directory>();
    const folder = (below: string): databricks.Directory => {
      const known = folders.get(below);
      if (known) return known;
      const isRoot = below === ".";
      const made = new databricks.Directory(
        isRoot ? `${name}-directory` : `${name}-directory-${below.replaceAll("/", "-")}`,
        {
          path: isRoot
            ? root
            : pulumi.interpolate`${folder(path.posix.dirname(below)).path}/${path.posix.basename(below)}`,
          // It holds the stack's files only, and what Python and Databricks leave beside them.
          deleteRecursive: true,
        },
        { parent: this },
      );
      folders.set(below, made);
      return made;
    };
    const pathOf = ({ path: file }: WorkspaceSource, extension = "") =>
      pulumi.interpolate`${folder(path.posix.dirname(file)).path}/${path.posix.basename(file, extension)}`;
    const notebook = (source: WorkspaceSource) =>
      new databricks.Notebook(
        `${name}-notebook-${path.posix.basename(source.path, ".py")}`,
        {
          path: pathOf(source, ".py"),
          source: source.source,
          md5: source.md5,
          language: "PYTHON",
          format: "SOURCE",
        },
        { parent: this },
      );
    const file = (source: WorkspaceSource) =>
      new databricks.WorkspaceFile(
        `${name}-file-${source.path.replaceAll(/[^A-Za-z0-9_]+/g, "-")}`,
        { path: pathOf(source), source: source.source, md5: source.md5 },
        { parent: this },
      );
    const stream = hasStreams ? streamNotebook(sourceDirectory) : undefined;
    return {
      notebooks: {
        clean: notebook(sources.notebooks.clean),
        query: notebook(sources.notebooks.query),
      },
      streamNotebook: stream && {
        path: notebook(stream).path,
        codeDigest: contentDigest([stream, ...sources.files].map(({ path, md5 }) => [path, md5])),
      },
      files: sources.files.map(file),
    };
  }
}

function faultsOf(args: LakehouseArgs, hasProvider: boolean): Fault[] {
  const faults: Fault[] = [];
  const expect = (propertyPath: string, holds: boolean, reason: string) => {
    if (!holds) faults.push({ propertyPath, reason });
  };
  const { mountName, workspacePath, minWorkers = 1, maxWorkers = 4, sourceDirectory } = args;
  const { streamIntervalSeconds: interval = 30, streamWorkers = 2 } = args;
  expect("providers", hasProvider, "must hold an explicit Databricks provider");
  expect(
    "mountName",
    typeof mountName !== "string" || /^[A-Za-z0-9_-]+$/.test(mountName),
    "must be letters, digits, hyphens or underscores",
  );
  expect(
    "mountName",
    mountName === undefined || args.unityCatalog === undefined,
    "must not be set with unityCatalog, which has a volume in the mount's place",
  );
  expect(
    "workspacePath",
    typeof workspacePath !== "string" || /^(\/[^/]+)+$/.test(workspacePath),
    "must be absolute, below the workspace's root and without a slash at the end",
  );
  expect(
    "minWorkers",
    typeof minWorkers !== "number" || typeof maxWorkers !== "number" || minWorkers <= maxWorkers,
    "must not be more than maxWorkers",
  );
  for (const who of ["readers", "operators"] as const)
    expect(
      who,
      !args[who]?.includes("admins"),
      "must not name admins, who may do all that there is; Databricks refuses it",
    );
  expect(
    "streamIntervalSeconds",
    typeof interval !== "number" || (Number.isInteger(interval) && interval >= 1),
    "must be a whole number of seconds, at least 1",
  );
  expect(
    "streamWorkers",
    typeof streamWorkers !== "number" || (Number.isInteger(streamWorkers) && streamWorkers >= 1),
    "must be a whole number, at least 1",
  );
  expect(
    "sourceDirectory",
    sourceDirectory === undefined || path.isAbsolute(sourceDirectory),
    "must be absolute",
  );
  return faults;
}
