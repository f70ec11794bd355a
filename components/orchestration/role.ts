/** The role that Airflow's own processes and the DAG's tasks act with (AWS: "Amazon MWAA execution role"). */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";

export interface ExecutionRoleArgs {
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  readonly environmentName: pulumi.Input<string>;
  readonly bucketArn: pulumi.Input<string>;
  /** Key of the environment: its queue, database, logs and secrets. */
  readonly keyArn: pulumi.Input<string>;
  readonly secretArns: pulumi.Input<string>[];
  readonly failureTopicArn: pulumi.Input<string> | undefined;
  /** Key of that topic, where it has one of the account's own. */
  readonly failureTopicKeyArn: pulumi.Input<string> | undefined;
  readonly tags: Tags | undefined;
}

/** Makes the role with its policy. */
export function executionRole(
  name: string,
  args: ExecutionRoleArgs,
  opts: pulumi.CustomResourceOptions,
): { readonly role: aws.iam.Role; readonly policy: aws.iam.RolePolicy } {
  const { region, accountId, environmentName } = args;
  const environmentArn = pulumi.interpolate`arn:aws:airflow:${region}:${accountId}:environment/${environmentName}`;
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: "Airflow and the daily run",
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: ["airflow.amazonaws.com", "airflow-env.amazonaws.com"] },
            Action: "sts:AssumeRole",
            Condition: {
              StringEquals: { "aws:SourceAccount": accountId },
              ArnEquals: { "aws:SourceArn": environmentArn },
            },
          },
        ],
      }),
      tags: args.tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-role-policy`,
    { role: role.name, policy: access(args, environmentArn) },
    opts,
  );
  return { role, policy };
}

function access(
  args: ExecutionRoleArgs,
  environmentArn: pulumi.Output<string>,
): pulumi.Output<string> {
  const { region, accountId, environmentName, bucketArn, keyArn, failureTopicArn } = args;
  const through = (services: readonly string[]) => ({
    StringEquals: {
      "kms:ViaService": services.map(
        (service) => pulumi.interpolate`${service}.${region}.amazonaws.com`,
      ),
    },
  });
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TellOfItsHealth",
        Effect: "Allow",
        Action: ["airflow:PublishMetrics"],
        Resource: environmentArn,
      },
      {
        Sid: "ReadTheDags",
        Effect: "Allow",
        Action: [
          "s3:GetBucketLocation",
          "s3:GetBucketPublicAccessBlock",
          "s3:GetBucketVersioning",
          "s3:GetEncryptionConfiguration",
          "s3:ListBucket",
          "s3:ListBucketVersions",
        ],
        Resource: bucketArn,
      },
      {
        Sid: "ReadTheDagsObjects",
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:GetObjectVersion"],
        Resource: pulumi.interpolate`${bucketArn}/*`,
      },
      {
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: [
          "logs:CreateLogStream",
          "logs:GetLogEvents",
          "logs:GetLogGroupFields",
          "logs:GetLogRecord",
          "logs:GetQueryResults",
          "logs:PutLogEvents",
        ],
        Resource: pulumi.interpolate`arn:aws:logs:${region}:${accountId}:log-group:airflow-${environmentName}-*`,
      },
      {
        // MWAA asks these before anything else; none of them can be narrowed to a resource (Service Authorization Reference).
        Sid: "LookAround",
        Effect: "Allow",
        Action: ["logs:DescribeLogGroups", "s3:GetAccountPublicAccessBlock"],
        Resource: "*",
      },
      {
        Sid: "PutMetrics",
        Effect: "Allow",
        Action: ["cloudwatch:PutMetricData"],
        Resource: "*",
        Condition: { StringEquals: { "cloudwatch:namespace": ["AmazonMWAA", "AWS/MWAA"] } },
      },
      {
        // The queue of Airflow's workers stands in an account of AWS's own.
        Sid: "PassTasksOn",
        Effect: "Allow",
        Action: [
          "sqs:ChangeMessageVisibility",
          "sqs:DeleteMessage",
          "sqs:GetQueueAttributes",
          "sqs:GetQueueUrl",
          "sqs:ReceiveMessage",
          "sqs:SendMessage",
        ],
        Resource: pulumi.interpolate`arn:aws:sqs:${region}:*:airflow-celery-*`,
      },
      {
        Sid: "UseTheKey",
        Effect: "Allow",
        Action: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey"],
        Resource: keyArn,
        Condition: through(["sqs", "s3", "secretsmanager"]),
      },
      {
        Sid: "ReadTheSecrets",
        Effect: "Allow",
        Action: ["secretsmanager:GetSecretValue"],
        Resource: args.secretArns,
      },
      ...(failureTopicArn === undefined
        ? []
        : [
            {
              Sid: "TellOfFailures",
              Effect: "Allow",
              Action: ["sns:Publish"],
              Resource: failureTopicArn,
            },
          ]),
      ...(args.failureTopicKeyArn === undefined
        ? []
        : [
            {
              Sid: "EncryptNotices",
              Effect: "Allow",
              Action: ["kms:Decrypt", "kms:GenerateDataKey"],
              Resource: args.failureTopicKeyArn,
              Condition: through(["sns"]),
            },
          ]),
    ],
  });
}
