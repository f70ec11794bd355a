/** The log of all traffic in a VPC. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { encryptedLog } from "../encrypted-log";
import type { Tags } from "../tags";

export interface FlowLogArgs {
  accountId: pulumi.Input<string>;
  region: pulumi.Input<string>;
  vpcId: pulumi.Input<string>;
  /** Days that the log is kept. Default 30. */
  flowLogRetentionDays?: pulumi.Input<number>;
  tags?: Tags;
}

/** Logs what flows in a VPC to an encrypted log group, by a role that may write there and nowhere else. */
export function logFlows(
  name: string,
  args: FlowLogArgs,
  parent: pulumi.CustomResourceOptions,
): void {
  const { accountId, region, vpcId, tags } = args;
  const logGroup = encryptedLog(
    name,
    { region, accountId, retentionDays: args.flowLogRetentionDays ?? 30, tags },
    parent,
  );
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: `Writes VPC flow logs to the log group ${name}`,
      assumeRolePolicy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "vpc-flow-logs.amazonaws.com" },
            Action: "sts:AssumeRole",
            // The flow log's own id is not known before it exists, and it does not exist before its role.
            Condition: {
              StringEquals: { "aws:SourceAccount": accountId },
              ArnLike: {
                "aws:SourceArn": pulumi.interpolate`arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*`,
              },
            },
          },
        ],
      }),
      tags,
    },
    parent,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            Resource: pulumi.interpolate`${logGroup.arn}:*`,
          },
        ],
      }),
    },
    parent,
  );
  new aws.ec2.FlowLog(
    `${name}-of-vpc`,
    {
      vpcId,
      trafficType: "ALL",
      logDestinationType: "cloud-watch-logs",
      logDestination: logGroup.arn,
      iamRoleArn: role.arn,
      tags,
    },
    { ...parent, dependsOn: policy },
  );
}
