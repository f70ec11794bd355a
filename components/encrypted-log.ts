/** A log group with a KMS key of its own, which CloudWatch Logs may use for this log alone. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyPolicy } from "./key-policy";
import type { Tags } from "./tags";

export interface EncryptedLogArgs {
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
  /** Days that the log is kept. */
  readonly retentionDays: pulumi.Input<number>;
  readonly tags: Tags | undefined;
}

/** Makes the log group `<name>-<digits>` and its key. */
export function encryptedLog(
  name: string,
  { region, accountId, retentionDays, tags }: EncryptedLogArgs,
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
