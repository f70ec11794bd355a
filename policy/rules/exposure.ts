/** Nothing of the pipeline but its API can be reached from outside. */
import { at, eachOf, holds, settingsOf, type Resource, type Rule } from "../graph";

const everywhere = ["0.0.0.0/0", "::/0"];

export const bucketsPrivate: Rule = {
  name: "buckets-private",
  reason: "One wrong policy or ACL must not be enough to publish the posts.",
  source: "AWS FSBP S3.8; CIS AWS 2.1.4",
  check: eachOf(["aws:s3/bucket:Bucket"], (bucket, stack) => {
    const blocks = settingsOf(
      stack,
      bucket,
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    );
    const isWhole = (block: Resource) =>
      ["blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"].every(
        (property) => holds(at(block, property), (on) => on === true),
      );
    return blocks.some(isWhole) ? undefined : "may be made public: block all four ways";
  }),
};

/** What makes a thing private, by type. */
const privately: Readonly<Record<string, readonly [path: string, value: unknown]>> = {
  "aws:rds/instance:Instance": ["publiclyAccessible", false],
  "aws:msk/cluster:Cluster": ["brokerNodeGroupInfo.connectivityInfo.publicAccess.type", "DISABLED"],
  "aws:lb/loadBalancer:LoadBalancer": ["internal", true],
  "aws:mwaa/environment:Environment": ["webserverAccessMode", "PRIVATE_ONLY"],
};

export const servicesPrivate: Rule = {
  name: "services-private",
  reason: "Who can reach a service can try its locks.",
  source: "AWS FSBP RDS.2, MSK.4, MWAA.1; Well-Architected SEC05-BP01",
  check: eachOf(Object.keys(privately), (resource) => {
    const [path = "", value] = privately[resource.type] ?? [];
    return holds(at(resource, path), (known) => known === value)
      ? undefined
      : `can be reached from the internet: set ${path} to ${String(value)}`;
  }),
};

export const brokersAuthenticate: Rule = {
  name: "brokers-authenticate",
  reason: "A port that is open to a network is open to all that runs in it.",
  source: "AWS FSBP MSK.6",
  check: eachOf(["aws:msk/cluster:Cluster"], (cluster) =>
    holds(at(cluster, "clientAuthentication.unauthenticated"), (on) => on === false)
      ? undefined
      : "takes clients that do not say who they are: set clientAuthentication.unauthenticated to false",
  ),
};

export const noIngressFromEverywhere: Rule = {
  name: "no-ingress-from-everywhere",
  reason: "A port that is open to the internet is tried within minutes.",
  source: "AWS FSBP EC2.18, EC2.19; CIS AWS 5.2, 5.3",
  check: (stack) => [
    ...eachOf(["aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"], ({ inputs }) =>
      everywhere.includes(String(inputs.cidrIpv4 ?? inputs.cidrIpv6))
        ? "lets everyone in: name the ranges or the group that may"
        : undefined,
    )(stack),
    ...eachOf(["aws:ec2/securityGroup:SecurityGroup"], ({ inputs }) =>
      everywhere.some((range) => JSON.stringify(inputs.ingress ?? []).includes(`"${range}"`))
        ? "lets everyone in: name the ranges or the group that may"
        : undefined,
    )(stack),
  ],
};

export const defaultSecurityGroupsClosed: Rule = {
  name: "default-security-groups-closed",
  reason:
    "What is started without a group gets the VPC's default one, which lets its members reach each other.",
  source: "AWS FSBP EC2.2; CIS AWS 5.4",
  check: eachOf(["aws:ec2/vpc:Vpc"], (vpc, stack) => {
    const isClosed = (group: Resource) =>
      ["ingress", "egress"].every((side) =>
        holds(at(group, side), (rules) => Array.isArray(rules) && rules.length === 0),
      );
    return settingsOf(stack, vpc, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup").some(
      isClosed,
    )
      ? undefined
      : "has an open default security group: take its rules away";
  }),
};

export const instanceMetadataByToken: Rule = {
  name: "instance-metadata-by-token",
  reason: "Without a token a forged request from within a host is enough to take its role's keys.",
  source: "AWS FSBP EC2.8; CIS AWS 5.6",
  check: eachOf(
    ["aws:ec2/instance:Instance", "aws:ec2/launchTemplate:LaunchTemplate"],
    (resource) =>
      holds(at(resource, "metadataOptions.httpTokens"), (mode) => mode === "required")
        ? undefined
        : "gives its metadata without a token: set metadataOptions.httpTokens to required",
  ),
};

export const exposureRules: readonly Rule[] = [
  bucketsPrivate,
  servicesPrivate,
  brokersAuthenticate,
  noIngressFromEverywhere,
  defaultSecurityGroupsClosed,
  instanceMetadataByToken,
];
