import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";

export interface AccountLoggingArgs {
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  readonly tags: Tags | undefined;
}

/**
 * The role with which API Gateway writes the logs of every API of this account in this region. There is one such
 * setting a region, and destroying it unsets it: it belongs to one stack.
 */
export function accountLogging(
  name: string,
  args: AccountLoggingArgs,
  opts: pulumi.CustomResourceOptions,
): aws.apigateway.Account {
  const logGroups = pulumi.interpolate`arn:aws:logs:${args.region}:${args.accountId}:log-group:*`;
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: "Lets API Gateway write the logs of this region's APIs",
      // No aws:SourceAccount: API Gateway documents no such condition for this role, and refuses a role that it cannot
      // assume. Whoever sets the role must be allowed iam:PassRole in this account, so no other account can name it.
      assumeRolePolicy: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "apigateway.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      }),
      tags: args.tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        // All that AWS's own managed policy has: API Gateway checks for each before it takes the role.
        Statement: [
          {
            Sid: "KeepLogGroups",
            Effect: "Allow",
            Action: [
              "logs:CreateLogGroup",
              "logs:CreateLogStream",
              "logs:DescribeLogGroups",
              "logs:DescribeLogStreams",
              "logs:FilterLogEvents",
            ],
            Resource: logGroups,
          },
          {
            Sid: "WriteLogs",
            Effect: "Allow",
            Action: ["logs:GetLogEvents", "logs:PutLogEvents"],
            Resource: pulumi.interpolate`${logGroups}:log-stream:*`,
          },
        ],
      }),
    },
    opts,
  );
  return new aws.apigateway.Account(
    name,
    { cloudwatchRoleArn: role.arn },
    { ...opts, dependsOn: [policy] },
  );
}
