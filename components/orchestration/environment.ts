/** The MWAA environment, with all that it needs before it can be made. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Tags, withName } from "../tags";
import { connectionId, jobVariable, type SecretPrefixes } from "./secrets";

/** What MWAA writes logs of; each has a log group `airflow-<environment>-<log>` of its own. */
const logs = {
  DAGProcessing: "dagProcessingLogs",
  Scheduler: "schedulerLogs",
  Task: "taskLogs",
  WebServer: "webserverLogs",
  Worker: "workerLogs",
} as const;

/** Creation takes 20 to 30 minutes; without a way to the internet MWAA tries for two hours before it says so. */
const timeouts = { create: "75m", update: "75m", delete: "75m" };

export interface EnvironmentArgs {
  readonly environmentName: pulumi.Input<string>;
  readonly airflowVersion: string;
  readonly environmentClass: string;
  readonly maxWorkers: pulumi.Input<number>;
  readonly webserverAccess: "private" | "public";
  readonly vpcId: pulumi.Input<string>;
  /** Two private subnets in different zones, each with a way to the internet. */
  readonly subnetIds: pulumi.Input<string>[];
  readonly bucketArn: pulumi.Input<string>;
  readonly dagsPath: string;
  readonly requirements: aws.s3.BucketObjectv2;
  readonly roleArn: pulumi.Input<string>;
  readonly keyArn: pulumi.Input<string>;
  readonly prefixes: SecretPrefixes;
  readonly logRetentionDays: pulumi.Input<number>;
  /** What must stand before the environment does, besides its log groups and its security group. */
  readonly waitsFor: readonly pulumi.Resource[];
  readonly tags: Tags | undefined;
}

/** Makes the environment. */
export function airflowEnvironment(
  name: string,
  args: EnvironmentArgs,
  parent: pulumi.CustomResourceOptions,
): aws.mwaa.Environment {
  const { tags } = args;
  // MWAA makes the groups that it misses, kept for ever.
  const logGroups = Object.keys(logs).map(
    (log) =>
      new aws.cloudwatch.LogGroup(
        `${name}-${log.toLowerCase()}-log`,
        {
          name: pulumi.interpolate`airflow-${args.environmentName}-${log}`,
          kmsKeyId: args.keyArn,
          retentionInDays: args.logRetentionDays,
          tags,
        },
        parent,
      ),
  );
  const network = security(name, args, parent);
  // The smallest class has one of each, and is told so.
  const isMicro = args.environmentClass === "mw1.micro";
  return new aws.mwaa.Environment(
    `${name}-environment`,
    {
      name: args.environmentName,
      airflowVersion: args.airflowVersion,
      environmentClass: args.environmentClass,
      minWorkers: 1,
      maxWorkers: args.maxWorkers,
      ...(isMicro ? { schedulers: 1, minWebservers: 1, maxWebservers: 1 } : { schedulers: 2 }),
      sourceBucketArn: args.bucketArn,
      dagS3Path: args.dagsPath,
      requirementsS3Path: args.requirements.key,
      requirementsS3ObjectVersion: args.requirements.versionId,
      executionRoleArn: args.roleArn,
      kmsKey: args.keyArn,
      networkConfiguration: {
        subnetIds: args.subnetIds,
        securityGroupIds: [network.group.id],
      },
      webserverAccessMode: args.webserverAccess === "public" ? "PUBLIC_ONLY" : "PRIVATE_ONLY",
      endpointManagement: "SERVICE",
      weeklyMaintenanceWindowStart: "SUN:03:00",
      loggingConfiguration: Object.fromEntries(
        Object.values(logs).map((log) => [log, { enabled: true, logLevel: "INFO" }]),
      ),
      airflowConfigurationOptions: configuration(args.prefixes),
      tags,
    },
    {
      ...parent,
      // One environment a name.
      deleteBeforeReplace: true,
      customTimeouts: timeouts,
      dependsOn: [...args.waitsFor, ...logGroups, ...network.rules],
    },
  );
}

/**
 * Airflow's settings. The secrets backend is asked for what the DAG reads and for nothing else, since each question is a call
 * of Secrets Manager, and for none of Airflow's own settings.
 */
function configuration(prefixes: SecretPrefixes): Record<string, pulumi.Input<string>> {
  return {
    "core.dags_are_paused_at_creation": "False",
    "core.load_examples": "False",
    "secrets.backend": "airflow.providers.amazon.aws.secrets.secrets_manager.SecretsManagerBackend",
    "secrets.backend_kwargs": pulumi.jsonStringify({
      connections_prefix: prefixes.connections,
      connections_lookup_pattern: `^${connectionId}$`,
      variables_prefix: prefixes.variables,
      variables_lookup_pattern: `^${jobVariable}$`,
      config_prefix: null,
    }),
  };
}

/** Airflow's parts reach each other, and by HTTPS what they call; nothing else reaches them. */
function security(
  name: string,
  { vpcId, tags }: EnvironmentArgs,
  parent: pulumi.CustomResourceOptions,
): { readonly group: aws.ec2.SecurityGroup; readonly rules: pulumi.Resource[] } {
  const group = new aws.ec2.SecurityGroup(
    `${name}-security-group`,
    { vpcId, description: `Airflow of ${name}`, tags: withName(tags, `${name}-security-group`) },
    parent,
  );
  const itself = {
    securityGroupId: group.id,
    referencedSecurityGroupId: group.id,
    ipProtocol: "-1",
    tags,
  };
  const rules = [
    new aws.vpc.SecurityGroupIngressRule(
      `${name}-ingress`,
      { ...itself, description: "From other parts of Airflow" },
      parent,
    ),
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-egress`,
      { ...itself, description: "To other parts of Airflow" },
      parent,
    ),
    new aws.vpc.SecurityGroupEgressRule(
      `${name}-https-egress`,
      {
        securityGroupId: group.id,
        description: "To Databricks, PyPI and AWS",
        cidrIpv4: "0.0.0.0/0",
        ipProtocol: "tcp",
        fromPort: 443,
        toPort: 443,
        tags,
      },
      parent,
    ),
  ];
  return { group, rules };
}
