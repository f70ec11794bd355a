import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyPolicy } from "../key-policy";
import type { Tags } from "../tags";

export interface AccessLogArgs {
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  readonly retentionDays: pulumi.Input<number>;
  readonly tags: Tags | undefined;
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

/** The log group of the access log with a KMS key of its own, which CloudWatch Logs may use for this log alone. */
export function accessLog(
  name: string,
  { region, accountId, retentionDays, tags }: AccessLogArgs,
  opts: pulumi.CustomResourceOptions,
): aws.cloudwatch.LogGroup {
  const key = new aws.kms.Key(
    `${name}-key`,
    {
      description: `Encrypts the log group ${name}`,
      enableKeyRotation: true,
      // Auto-naming adds digits to the log group's name.
      policy: keyPolicy({ accountId, region, logGroupName: `${name}-*` }),
      tags,
    },
    opts,
  );
  return new aws.cloudwatch.LogGroup(
    name,
    { retentionInDays: retentionDays, kmsKeyId: key.arn, tags },
    opts,
  );
}
