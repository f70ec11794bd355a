import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";
import { type BucketAccess, bucketStatements, through } from "./bucket-access";
import type { LakehouseStreams } from "./stream-job";

export interface ClusterRoleArgs {
  /** The bucket that the role may use; undefined where Unity Catalog reaches it. */
  readonly bucket: BucketAccess | undefined;
  readonly streams: LakehouseStreams | undefined;
  readonly crossAccountRoleName: pulumi.Input<string> | undefined;
  readonly tags: Tags | undefined;
}

export interface ClusterRole {
  readonly role: aws.iam.Role;
  readonly instanceProfile: aws.iam.InstanceProfile;
  /** What must be in place before a cluster can start with the role and reach the bucket. */
  readonly policies: readonly aws.iam.RolePolicy[];
}

/** The AWS side of Databricks' clusters: the role of their EC2 instances, which may use this bucket and read these streams. */
export function clusterRole(
  name: string,
  args: ClusterRoleArgs,
  opts: pulumi.CustomResourceOptions,
): ClusterRole {
  const { bucket, streams, crossAccountRoleName, tags } = args;
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: "Databricks clusters that clean and query the posts",
      // EC2 sends no aws:SourceAccount, and needs none: instances take roles of their own account only, passed by
      // someone who holds iam:PassRole.
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "ec2.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags,
    },
    opts,
  );
  const policies: aws.iam.RolePolicy[] = [];
  if (bucket !== undefined)
    policies.push(
      new aws.iam.RolePolicy(
        `${name}-bucket-policy`,
        {
          role: role.name,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: bucketStatements(bucket),
          }),
        },
        opts,
      ),
    );
  if (streams !== undefined)
    policies.push(
      new aws.iam.RolePolicy(
        `${name}-streams-policy`,
        {
          role: role.name,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Sid: "ReadStreams",
                Effect: "Allow",
                Action: [
                  "kinesis:DescribeStreamSummary",
                  "kinesis:GetRecords",
                  "kinesis:GetShardIterator",
                  "kinesis:ListShards",
                ],
                Resource: Object.values(streams.arns),
              },
              {
                Sid: "DecryptThroughKinesis",
                Effect: "Allow",
                Action: "kms:Decrypt",
                Resource: streams.keyArn,
                Condition: through("kinesis", streams.keyArn),
              },
            ],
          }),
        },
        opts,
      ),
    );
  if (crossAccountRoleName !== undefined)
    policies.push(
      new aws.iam.RolePolicy(
        `${name}-pass-role-policy`,
        {
          role: crossAccountRoleName,
          policy: pulumi.jsonStringify({
            Version: "2012-10-17",
            Statement: [
              {
                Sid: "GiveClustersTheirRole",
                Effect: "Allow",
                Action: "iam:PassRole",
                Resource: role.arn,
                Condition: { StringEquals: { "iam:PassedToService": "ec2.amazonaws.com" } },
              },
            ],
          }),
        },
        opts,
      ),
    );
  const instanceProfile = new aws.iam.InstanceProfile(
    `${name}-instance-profile`,
    { role: role.name, tags },
    { ...opts, dependsOn: policies },
  );
  return { role, instanceProfile, policies };
}
