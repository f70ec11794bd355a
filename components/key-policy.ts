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
  /**
   * The one service, such as `kinesis`, through which the key encrypts and decrypts for the account's principals. Default:
   * none, and they may use the key itself too.
   */
  viaService?: string;
  /**
   * Services, such as `cloudwatch.amazonaws.com`, that publish to topics which the key encrypts, on behalf of this account.
   * Default none.
   */
  publishers?: readonly string[];
}

/** What encrypts and decrypts, or lets another do so. */
const useActions = [
  "kms:CreateGrant",
  "kms:Decrypt",
  "kms:Encrypt",
  "kms:GenerateDataKey",
  "kms:GenerateDataKeyWithoutPlaintext",
  "kms:ReEncryptFrom",
  "kms:ReEncryptTo",
];

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
 * The policy as JSON. The account's own IAM policies decide who uses the key, and `viaService` through what; CloudWatch Logs may
 * use it for the named log groups only. In a key policy the resource is always `*`: it means this key, and AWS takes nothing narrower.
 */
export function keyPolicy(args: KeyPolicyArgs): pulumi.Output<string> {
  const { accountId, region, logGroupName, viaService, publishers = [] } = args;
  const account = {
    Sid: "DelegateToAccount",
    Effect: "Allow",
    Principal: { AWS: pulumi.interpolate`arn:aws:iam::${accountId}:root` },
    Action:
      viaService === undefined
        ? accountActions
        : accountActions.filter((action) => !useActions.includes(action)),
    Resource: "*",
  };
  const throughService = {
    ...account,
    Sid: "UseThroughService",
    Action: useActions,
    Condition: {
      StringEquals: { "kms:ViaService": pulumi.interpolate`${viaService}.${region}.amazonaws.com` },
    },
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
  // What SNS needs of a publisher (SNS: "Enable compatibility between event sources from AWS services and encrypted topics").
  const published = {
    Sid: "EncryptWhatServicesPublish",
    Effect: "Allow",
    Principal: { Service: publishers },
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: "*",
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      account,
      ...(viaService === undefined ? [] : [throughService]),
      ...(logGroupName === undefined ? [] : [logs]),
      ...(publishers.length === 0 ? [] : [published]),
    ],
  });
}
