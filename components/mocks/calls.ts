/** What the provider functions that the program calls answer where there is no cloud. */
import type { runtime } from "@pulumi/pulumi";
import { accountId, arn, region } from "./identity";

/** An account's letters are its own: here b is the zone in which MSK makes no brokers. */
const zones = ["use1-az1", "use1-az3", "use1-az2", "use1-az4"].map((id, index) => ({
  id,
  name: region + "abcd".charAt(index),
}));

/** Answers by function token. */
const answers: Readonly<
  Record<string, (inputs: Record<string, unknown>) => Record<string, unknown>>
> = {
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    accountId,
    arn: `arn:aws:iam::${accountId}:user/deployer`,
    id: accountId,
    userId: "AIDAEXAMPLE",
  }),
  "aws:index/getRegion:getRegion": () => ({
    id: region,
    name: region,
    region,
    description: region,
  }),
  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": ({ excludeZoneIds = [] }) => {
    const left = zones.filter(({ id }) => !(excludeZoneIds as string[]).includes(id));
    return { id: region, names: left.map(({ name }) => name), zoneIds: left.map(({ id }) => id) };
  },
  "aws:ssm/getParameter:getParameter": ({ name }) => ({
    id: name,
    name,
    type: "String",
    value: "ami-0a1b2c3d4e5f60718",
    version: 1,
  }),
  "aws:ec2/getVpc:getVpc": ({ id }) => ({
    id,
    arn: arn("ec2", `vpc/${String(id)}`),
    cidrBlock: "172.31.0.0/16",
    enableDnsHostnames: true,
    enableDnsSupport: true,
    ownerId: accountId,
    region,
    state: "available",
  }),
  // The provider puts this together without asking anyone; the account of Unity Catalog's own role is Databricks'.
  "databricks:index/getAwsUnityCatalogAssumeRolePolicy:getAwsUnityCatalogAssumeRolePolicy": ({
    awsAccountId,
    awsPartition,
    roleName,
    externalId,
  }) => {
    const unityCatalogIamArn = `arn:${String(awsPartition)}:iam::${accountId}:role/unity-catalog`;
    const statement = (
      sid: string,
      principal: string,
      conditions: Record<string, Record<string, unknown>> = {},
    ) => ({
      Sid: sid,
      Effect: "Allow",
      Action: "sts:AssumeRole",
      Principal: { AWS: principal },
      Condition: { StringEquals: { "sts:ExternalId": externalId }, ...conditions },
    });
    const account = `arn:${String(awsPartition)}:iam::${String(awsAccountId)}`;
    return {
      id: [awsAccountId, roleName, externalId].join("-"),
      awsAccountId,
      awsPartition,
      roleName,
      externalId,
      unityCatalogIamArn,
      json: JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          statement("UnityCatalogAssumeRole", unityCatalogIamArn),
          statement("ExplicitSelfRoleAssumption", `${account}:root`, {
            ArnLike: { "aws:PrincipalArn": `${account}:role/${String(roleName)}` },
          }),
        ],
      }),
    };
  },
  "aws:msk/getBootstrapBrokers:getBootstrapBrokers": ({ clusterArn }) => ({
    id: clusterArn,
    clusterArn,
    bootstrapBrokersSaslIam: [1, 2, 3]
      .map((broker) => `b-${broker}.existing.a1b2c3.c7.kafka.${region}.amazonaws.com:9098`)
      .join(","),
  }),
};

/** Answers one provider function. @throws if the function is not known here. */
export function answerCall(call: runtime.MockCallArgs): Record<string, unknown> {
  const answer = answers[call.token];
  if (!answer)
    throw new Error(`no answer is known for ${call.token}: add it to components/mocks/calls.ts`);
  return answer(call.inputs as Record<string, unknown>);
}
