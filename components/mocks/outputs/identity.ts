import { accountId, arn, hexadecimal, physicalName, textInput, uuid } from "../identity";
import type { Recorded } from "../recorded";
import type { OutputsByType } from "./outputs-by-type";

/** An ARN of IAM, which knows no region. */
function iamArn(resource: string): string {
  return `arn:aws:iam::${accountId}:${resource}`;
}

/** The id that IAM gives: a prefix by kind, then capitals and digits. */
function uniqueId(prefix: string, resource: Recorded): string {
  return prefix + hexadecimal(resource.urn, 17).toUpperCase();
}

export const identity: OutputsByType = {
  "aws:iam/role:Role": (resource) => {
    const name = physicalName(resource);
    return {
      id: name,
      name,
      arn: iamArn(`role/${name}`),
      uniqueId: uniqueId("AROA", resource),
      path: "/",
      maxSessionDuration: 3600,
    };
  },
  "aws:iam/rolePolicy:RolePolicy": (resource) => {
    const name = physicalName(resource);
    return { id: `${textInput(resource, "role")}:${name}`, name };
  },
  "aws:iam/policy:Policy": (resource) => {
    const name = physicalName(resource);
    const policyArn = iamArn(`policy/${name}`);
    return {
      id: policyArn,
      name,
      arn: policyArn,
      policyId: uniqueId("ANPA", resource),
      path: "/",
    };
  },
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": (resource) => ({
    id: `${textInput(resource, "role")}/${textInput(resource, "policyArn")}`,
  }),
  "aws:iam/instanceProfile:InstanceProfile": (resource) => {
    const name = physicalName(resource);
    return {
      id: name,
      name,
      arn: iamArn(`instance-profile/${name}`),
      uniqueId: uniqueId("AIPA", resource),
      path: "/",
    };
  },
  "aws:kms/key:Key": (resource) => {
    const keyId = uuid(resource.urn);
    return {
      id: keyId,
      keyId,
      arn: arn("kms", `key/${keyId}`),
      keyUsage: "ENCRYPT_DECRYPT",
      customerMasterKeySpec: "SYMMETRIC_DEFAULT",
      multiRegion: false,
    };
  },
  "aws:kms/alias:Alias": (resource) => {
    const given = resource.inputs.name;
    const name = typeof given === "string" ? given : `alias/${physicalName(resource)}`;
    return { id: name, name, arn: arn("kms", name) };
  },
  "aws:secretsmanager/secret:Secret": (resource) => {
    const name = physicalName(resource);
    const secretArn = arn("secretsmanager", `secret:${name}-${hexadecimal(resource.urn, 6)}`);
    return { id: secretArn, name, arn: secretArn };
  },
  "aws:secretsmanager/secretVersion:SecretVersion": (resource) => {
    const secretArn = textInput(resource, "secretId");
    const versionId = uuid(resource.urn);
    return {
      id: `${secretArn}|${versionId}`,
      arn: secretArn,
      versionId,
      versionStages: ["AWSCURRENT"],
    };
  },
  "aws:cloudwatch/logGroup:LogGroup": (resource) => {
    const name = physicalName(resource);
    return { id: name, name, arn: arn("logs", `log-group:${name}`) };
  },
};
