import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "../tags";

export interface StreamRoleArgs {
  readonly region: pulumi.Input<string>;
  readonly streamArns: pulumi.Input<pulumi.Input<string>[]>;
  readonly keyArn: pulumi.Input<string>;
  readonly allowDeletion: boolean;
  readonly tags: Tags | undefined;
}

export interface StreamRole {
  readonly role: aws.iam.Role;
  /** What must be in place before the role can call Kinesis. */
  readonly policy: aws.iam.RolePolicy;
}

/** The role that API Gateway calls Kinesis with, on these streams and no others. */
export function streamRole(
  name: string,
  { region, streamArns, keyArn, allowDeletion, tags }: StreamRoleArgs,
  opts: pulumi.CustomResourceOptions,
): StreamRole {
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: "Lets the ingest API use its stack's Kinesis streams",
      // No aws:SourceAccount: API Gateway documents no such condition for an integration's role. Whoever names the role in an
      // API must be allowed iam:PassRole in this account, so no other account can.
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
      tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.name,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            // It lists all streams of the account and names none, so IAM knows no narrower resource for it.
            Sid: "ListStreams",
            Effect: "Allow",
            Action: "kinesis:ListStreams",
            Resource: "*",
          },
          {
            Sid: "UseStreams",
            Effect: "Allow",
            Action: [
              "kinesis:CreateStream",
              ...(allowDeletion ? ["kinesis:DeleteStream"] : []),
              "kinesis:DescribeStream",
              "kinesis:PutRecord",
              "kinesis:PutRecords",
            ],
            Resource: streamArns,
          },
          {
            Sid: "EncryptThroughKinesis",
            Effect: "Allow",
            Action: "kms:GenerateDataKey",
            Resource: keyArn,
            Condition: {
              StringEquals: {
                "kms:ViaService": pulumi.interpolate`kinesis.${region}.amazonaws.com`,
              },
            },
          },
        ],
      }),
    },
    opts,
  );
  return { role, policy };
}
