import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

export interface AccessLogArgs {
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  readonly retentionDays: pulumi.Input<number>;
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * One line of the access log: who asked for what, what came of it, and where the time went. Header values, bodies and
 * keys are not in it.
 */
export const accessLogFormat = JSON.stringify({
  requestId: "$context.requestId",
  extendedRequestId: "$context.extendedRequestId",
  requestTime: "$context.requestTime",
  sourceIp: "$context.identity.sourceIp",
  apiKeyId: "$context.identity.apiKeyId",
  caller: "$context.identity.userArn",
  httpMethod: "$context.httpMethod",
  resourcePath: "$context.resourcePath",
  path: "$context.path",
  protocol: "$context.protocol",
  tlsVersion: "$context.tlsVersion",
  status: "$context.status",
  responseLength: "$context.responseLength",
  responseLatency: "$context.responseLatency",
  integrationStatus: "$context.integration.status",
  integrationLatency: "$context.integration.latency",
  integrationError: "$context.integration.error",
  errorType: "$context.error.responseType",
  errorMessage: "$context.error.message",
});

/** What an administrator of the key needs. The account's IAM policies say who that is; none may use the key. */
const administration = [
  "kms:CancelKeyDeletion",
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListKeyPolicies",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateKeyDescription",
];

/** The log group of the access log with a KMS key of its own, which CloudWatch Logs may use for this log alone. */
export function accessLog(
  name: string,
  args: AccessLogArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  const key = new aws.kms.Key(
    `${name}-key`,
    {
      description: `Encrypts the access log of ${name}`,
      enableKeyRotation: true,
      // In a key's policy the resource "*" is the key itself; KMS takes nothing else.
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "AdministerByIamPolicies",
            Effect: "Allow",
            Principal: { AWS: pulumi.interpolate`arn:aws:iam::${args.accountId}:root` },
            Action: administration,
            Resource: "*",
          },
          {
            Sid: "EncryptTheAccessLog",
            Effect: "Allow",
            Principal: { Service: pulumi.interpolate`logs.${args.region}.amazonaws.com` },
            Action: [
              "kms:Decrypt",
              "kms:DescribeKey",
              "kms:Encrypt",
              "kms:GenerateDataKey",
              "kms:GenerateDataKeyWithoutPlaintext",
              "kms:ReEncryptFrom",
              "kms:ReEncryptTo",
            ],
            Resource: "*",
            Condition: {
              ArnLike: {
                // The log's name ends in what Pulumi's auto-naming adds.
                "kms:EncryptionContext:aws:logs:arn": pulumi.interpolate`arn:aws:logs:${args.region}:${args.accountId}:log-group:${name}-*`,
              },
            },
          },
        ],
      }),
      tags: args.tags,
    },
    opts,
  );
  return new aws.cloudwatch.LogGroup(
    name,
    { retentionInDays: args.retentionDays, kmsKeyId: key.arn, tags: args.tags },
    opts,
  );
}
