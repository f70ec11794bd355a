/** The policy of a customer managed KMS key, with no wildcard action. */
import * as pulumi from "@pulumi/pulumi";

export interface KeyPolicyArgs {
  /** Account that owns the key. */
  accountId: pulumi.Input<string>;
  /** Region of the key, and of the log groups that it encrypts. */
  region: pulumi.Input<string>;
  /**
   * Name of the CloudWatch log groups that the key encrypts; `*` stands for any text, needed where the name ends in
   * auto-naming's digits. Default: none, and CloudWatch Logs may not use the key.
   */
  logGroupName?: pulumi.Input<string>;
}

/** What an administrator of the key and the services that act for the account's own roles need; nothing of imports or replicas. */
const accountActions = [
  "kms:CancelKeyDeletion",
  "kms:CreateAlias",
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:DeleteAlias",
  "kms:DescribeKey",
  "kms:DisableKey",
  "kms:DisableKeyRotation",
  "kms:EnableKey",
  "kms:EnableKeyRotation",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:GetKeyPolicy",
  "kms:GetKeyRotationStatus",
  "kms:ListGrants",
  "kms:ListKeyPolicies",
  "kms:ListResourceTags",
  "kms:PutKeyPolicy",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
  "kms:RetireGrant",
  "kms:RevokeGrant",
  "kms:ScheduleKeyDeletion",
  "kms:TagResource",
  "kms:UntagResource",
  "kms:UpdateAlias",
  "kms:UpdateKeyDescription",
];

/** What CloudWatch Logs does with the key of a log group (AWS: "Encrypt log data using KMS"). */
const logActions = [
  "kms:Decrypt",
  "kms:DescribeKey",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

/**
 * The policy as JSON. The account's own IAM policies decide who uses the key; CloudWatch Logs may use it for the named log
 * groups only. In a key policy the resource is always `*`: it means this key, and AWS takes nothing narrower.
 */
export function keyPolicy(args: KeyPolicyArgs): pulumi.Output<string> {
  const { accountId, region, logGroupName } = args;
  const account = {
    Sid: "DelegateToAccount",
    Effect: "Allow",
    Principal: { AWS: pulumi.interpolate`arn:aws:iam::${accountId}:root` },
    Action: accountActions,
    Resource: "*",
  };
  const logs = {
    Sid: "EncryptLogs",
    Effect: "Allow",
    Principal: { Service: pulumi.interpolate`logs.${region}.amazonaws.com` },
    Action: logActions,
    Resource: "*",
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": pulumi.interpolate`arn:aws:logs:${region}:${accountId}:log-group:${logGroupName}`,
      },
    },
  };
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: logGroupName === undefined ? [account] : [account, logs],
  });
}
