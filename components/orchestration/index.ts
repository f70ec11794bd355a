/**
 * Orchestration: Airflow, which once a day has Databricks run the batch job and then judges what the job did. On an MWAA
 * environment of its own, or on one that exists, where only the DAG, its settings and its secrets are put in place.
 *
 * Defaults:
 * - the Airflow version that dags/airflow-versions.json names as default, on one worker, more where tasks queue;
 * - in two private subnets; the web server can be reached from the VPC only, and is then one for which AWS does not promise that it
 *   reaches PyPI ("Apache Airflow access modes"): without the providers it shows the run all the same, but no link to Databricks; by its security group nothing reaches Airflow, and it
 *   reaches itself and HTTPS alone;
 * - queue, database, logs and secrets are encrypted with a KMS key of its own; the bucket by S3's own keys, versioned, over
 *   TLS only, without public access;
 * - all five logs, from INFO on, kept 30 days;
 * - the role may read this bucket, write this environment's logs, and read exactly the two secrets that the DAG needs;
 * - the connection to Databricks and the job's id lie in Secrets Manager, and reach tasks through Airflow's secrets backend;
 * - new DAGs are not paused: the run is daily from the deployment on;
 * - at most 5 % of a run's rows may be quarantined; a failed task is tried again twice;
 * - the bucket's objects and the secrets are kept on deletion unless `forceDestroy` says otherwise.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { contentName } from "../content-name";
import { type Fault, refuseFaults } from "../faults";
import { keyPolicy } from "../key-policy";
import { makePrivateBucket } from "../private-bucket";
import type { Tags } from "../tags";
import {
  airflowVersions,
  constraintsOf,
  dagCode,
  defaultAirflowVersion,
  requirementsOf,
  settingsFile,
  type AirflowVersion,
} from "./dag-files";
import { airflowEnvironment } from "./environment";
import { executionRole } from "./role";
import { airflowSecrets, type AirflowSecretsArgs, type SecretPrefixes } from "./secrets";
import { airflowToken } from "./token";

/** What both kinds of environment take. */
interface DailyRunArgs {
  /** The `<id>` in the DAG's name, `<id>_dag`. */
  userId: pulumi.Input<string>;
  /** AWS region that the stack is in. */
  region: pulumi.Input<string>;
  /** URL of the Databricks workspace. */
  databricksHost: pulumi.Input<string>;
  /** Token with which Airflow calls the workspace. Default: one of its own is made there, another in each quarter. */
  databricksToken?: pulumi.Input<string> | undefined;
  /** Id of the Databricks job that the DAG runs. */
  batchJobId: pulumi.Input<string>;
  /** SNS topic that is told of a task that has failed for good. Default: none. */
  failureTopicArn?: pulumi.Input<string>;
  /** Share of a run's rows, in percent, above which quarantined rows fail the run. Default 5. */
  quarantineLimitPercent?: pulumi.Input<number>;
  /** Seconds before a failed task's first new try; the second waits twice as long. Default 300. */
  retryDelaySeconds?: pulumi.Input<number>;
  /** Seconds from one look at the job's state to the next, whole. Default 30. */
  pollSeconds?: pulumi.Input<number>;
  /** Whether secrets and objects are deleted with the stack. Default false. */
  forceDestroy?: boolean;
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

/** Arguments of an environment that is made. */
export interface NewOrchestrationArgs extends DailyRunArgs {
  existing?: undefined;
  /** AWS account that the stack is in, 12 digits. */
  accountId: pulumi.Input<string>;
  vpcId: pulumi.Input<string>;
  /** Private subnets with a way to the internet; MWAA takes two, in different zones, and so the first two are used. */
  subnetIds: pulumi.Input<string>[];
  /** Name of the environment, unique in the region; at most 80 letters, digits, hyphens and underscores. Default `pinterest-<id>-<stack>`. */
  environmentName?: pulumi.Input<string>;
  /** A version of dags/airflow-versions.json. Default the one that it names. */
  airflowVersion?: string;
  /** MWAA's environment class. Default `mw1.small`; `mw1.micro` has one worker, scheduler and web server. */
  environmentClass?: string;
  /** Workers at most, 1 to 25; 1 for `mw1.micro`. Default 2, 1 for `mw1.micro`. */
  maxWorkers?: pulumi.Input<number>;
  /** Whether Airflow's web server can be reached from the internet, by who may sign in with IAM. Default `private`. */
  webserverAccess?: "private" | "public";
  /** Days that Airflow's logs are kept. Default 30. */
  logRetentionDays?: pulumi.Input<number>;
  /** KMS key of the failure topic, which publishers must be let use. Default: none. */
  failureTopicKeyArn?: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the bucket. Default false: it holds nothing that is not in the program. */
  protect?: boolean;
}

/** An environment that someone else runs. Its role must be let read the two secrets, and its requirements hold the DAG's. */
export interface ExistingEnvironment {
  /** Its bucket. */
  readonly bucketName: pulumi.Input<string>;
  /** Folder of the bucket with its DAGs, without a slash at the end. */
  readonly dagsPath: string;
  /** Prefixes of its secrets backend. */
  readonly prefixes: SecretPrefixes;
}

/** Arguments where the environment exists. */
export interface ExistingOrchestrationArgs extends DailyRunArgs {
  existing: ExistingEnvironment;
}

export type OrchestrationArgs = NewOrchestrationArgs | ExistingOrchestrationArgs;

/** Folder of a bucket that is made with the DAGs. */
const dagsFolder = "dags";
/** AWS's classes (MWAA: "Amazon MWAA environment class"). */
const environmentClasses = /^mw1\.(micro|small|medium|large|xlarge|2xlarge)$/;

/** See the top of this file. */
export class Orchestration extends pulumi.ComponentResource {
  /** Id of the DAG. */
  readonly dagId: pulumi.Output<string>;
  /** Bucket with the DAG. */
  readonly bucketName: pulumi.Output<string>;
  /** Name of the environment; undefined for one that exists. */
  readonly environmentName: pulumi.Output<string> | undefined;
  /** Address of Airflow's web server; undefined for an environment that exists. */
  readonly webserverUrl: pulumi.Output<string> | undefined;

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong. */
  constructor(name: string, args: OrchestrationArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:orchestration:Orchestration", name, {}, opts);
    const hasProvider = this.getProvider("databricks:index/token:Token") !== undefined;
    refuseFaults(`Orchestration "${name}"`, faultsOf(args, hasProvider));
    this.dagId = pulumi.interpolate`${args.userId}_dag`;
    const told = {
      databricksHost: args.databricksHost,
      databricksToken: args.databricksToken ?? airflowToken(name, { parent: this }),
      batchJobId: args.batchJobId,
      forceDestroy: args.forceDestroy ?? false,
      tags: args.tags,
    };
    if (args.existing) {
      this.bucketName = pulumi.output(args.existing.bucketName);
      const { dagsPath, prefixes } = args.existing;
      airflowSecrets(name, { ...told, prefixes, keyArn: undefined }, { parent: this });
      this.putDag(name, this.bucketName, dagsPath, args);
    } else {
      const { bucket, environment } = this.make(name, args, told);
      this.bucketName = bucket.id;
      this.environmentName = environment.name;
      this.webserverUrl = pulumi.interpolate`https://${environment.webserverUrl}`;
    }
    this.registerOutputs({
      dagId: this.dagId,
      bucketName: this.bucketName,
      environmentName: this.environmentName,
      webserverUrl: this.webserverUrl,
    });
  }

  private make(
    name: string,
    args: NewOrchestrationArgs,
    told: Omit<AirflowSecretsArgs, "prefixes" | "keyArn">,
  ): { bucket: aws.s3.Bucket; environment: aws.mwaa.Environment } {
    const { region, accountId, tags, forceDestroy = false } = args;
    const { environmentClass = "mw1.small" } = args;
    const airflowVersion = (args.airflowVersion ?? defaultAirflowVersion) as AirflowVersion;
    const child = { parent: this };
    const environmentName = pulumi.output(
      args.environmentName ?? pulumi.interpolate`pinterest-${args.userId}-${pulumi.getStack()}`,
    );
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Encrypts Airflow's queue, database, logs and secrets of ${name}`,
        enableKeyRotation: true,
        policy: keyPolicy({
          accountId,
          region,
          logGroupName: pulumi.interpolate`airflow-${environmentName}-*`,
        }),
        tags,
      },
      child,
    );
    const { bucket, closedName } = makePrivateBucket(
      name,
      {
        forceDestroy,
        protect: args.protect ?? false,
        noncurrentDays: 30,
        accessLogBucketName: undefined,
        tags,
      },
      child,
    );
    const prefixes = {
      connections: pulumi.interpolate`${environmentName}/airflow/connections`,
      variables: pulumi.interpolate`${environmentName}/airflow/variables`,
    };
    const secretArns = airflowSecrets(name, { ...told, prefixes, keyArn: key.arn }, child);
    const { role, policy } = executionRole(
      name,
      {
        region,
        accountId,
        environmentName,
        bucketArn: bucket.arn,
        keyArn: key.arn,
        secretArns,
        failureTopicArn: args.failureTopicArn,
        failureTopicKeyArn: args.failureTopicKeyArn,
        tags,
      },
      child,
    );
    const constraints = constraintsOf(airflowVersion);
    const dagFiles = [
      ...this.putDag(name, closedName, dagsFolder, args),
      this.putFile(`${name}-constraints`, closedName, {
        key: `${dagsFolder}/${constraints.file}`,
        content: constraints.content,
        tags,
      }),
    ];
    const requirements = requirementsOf(airflowVersion);
    const environment = airflowEnvironment(
      name,
      {
        environmentName,
        airflowVersion,
        environmentClass,
        maxWorkers: args.maxWorkers ?? (environmentClass === "mw1.micro" ? 1 : 2),
        webserverAccess: args.webserverAccess ?? "private",
        vpcId: args.vpcId,
        subnetIds: args.subnetIds.slice(0, 2),
        bucketArn: bucket.arn,
        dagsPath: dagsFolder,
        // Named by its content: the environment never points to an object that has changed under it.
        requirements: this.putFile(`${name}-requirements`, closedName, {
          key: `${contentName("requirements", requirements)}.txt`,
          content: requirements,
          tags,
        }),
        roleArn: role.arn,
        keyArn: key.arn,
        prefixes,
        logRetentionDays: args.logRetentionDays ?? 30,
        waitsFor: [policy, ...dagFiles],
        tags,
      },
      child,
    );
    return { bucket, environment };
  }

  /** Puts the DAG's code and settings into a folder, where Airflow finds them within a minute. */
  private putDag(
    name: string,
    bucketName: pulumi.Input<string>,
    folder: string,
    args: DailyRunArgs,
  ): aws.s3.BucketObjectv2[] {
    const settings = pulumi.jsonStringify({
      userId: args.userId,
      region: args.region,
      failureTopicArn: args.failureTopicArn ?? null,
      quarantineLimitPercent: args.quarantineLimitPercent ?? 5,
      retryDelaySeconds: args.retryDelaySeconds ?? 300,
      pollSeconds: args.pollSeconds ?? 30,
    });
    const files = { ...dagCode(), [settingsFile]: settings };
    return Object.entries(files).map(([file, content]) =>
      this.putFile(`${name}-${file.replaceAll(/[_.]/g, "-")}`, bucketName, {
        key: `${folder}/${file}`,
        content,
        tags: args.tags,
      }),
    );
  }

  private putFile(
    name: string,
    bucket: pulumi.Input<string>,
    file: Pick<aws.s3.BucketObjectv2Args, "key" | "content" | "tags">,
  ): aws.s3.BucketObjectv2 {
    return new aws.s3.BucketObjectv2(name, { bucket, ...file }, { parent: this });
  }
}

function faultsOf(args: OrchestrationArgs, hasProvider: boolean): Fault[] {
  const faults: Fault[] = [];
  const expect = (propertyPath: string, holds: boolean, reason: string) => {
    if (!holds) faults.push({ propertyPath, reason });
  };
  const { quarantineLimitPercent: limit, pollSeconds } = args;
  expect(
    "providers",
    args.databricksToken !== undefined || hasProvider,
    "must hold an explicit Databricks provider, to make a token with; or set databricksToken",
  );
  expect(
    "quarantineLimitPercent",
    typeof limit !== "number" || (limit >= 0 && limit <= 100),
    "must be 0 to 100",
  );
  expect(
    "pollSeconds",
    typeof pollSeconds !== "number" || (Number.isInteger(pollSeconds) && pollSeconds >= 1),
    "must be a whole number of seconds, at least 1",
  );
  if (args.existing) {
    expect(
      "existing.dagsPath",
      /^[^/].*[^/]$|^[^/]$/.test(args.existing.dagsPath),
      "must be a folder of the bucket, without a slash at either end",
    );
    return faults;
  }
  const { subnetIds, environmentName, airflowVersion, environmentClass, maxWorkers } = args;
  expect("subnetIds", subnetIds.length >= 2, `must name two subnets, not ${subnetIds.length}`);
  expect(
    "environmentName",
    typeof environmentName !== "string" || /^[A-Za-z][\w-]{0,79}$/.test(environmentName),
    "must be at most 80 letters, digits, hyphens and underscores, a letter first",
  );
  expect(
    "airflowVersion",
    airflowVersion === undefined || (airflowVersions as string[]).includes(airflowVersion),
    `must be one of ${airflowVersions.join(", ")}`,
  );
  expect(
    "environmentClass",
    environmentClass === undefined || environmentClasses.test(environmentClass),
    "must be a class of MWAA, mw1.micro to mw1.2xlarge",
  );
  const mostWorkers = environmentClass === "mw1.micro" ? 1 : 25;
  expect(
    "maxWorkers",
    typeof maxWorkers !== "number" ||
      (Number.isInteger(maxWorkers) && maxWorkers >= 1 && maxWorkers <= mostWorkers),
    `must be a whole number from 1 to ${mostWorkers}`,
  );
  return faults;
}
