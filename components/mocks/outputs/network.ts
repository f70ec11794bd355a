import { accountId, arn, hexadecimal, physicalName } from "../identity";
import type { Recorded } from "../recorded";
import type { OutputsByType } from "./outputs-by-type";

/** The id that EC2 gives: a prefix by kind and 17 hexadecimal digits. */
function ec2Id(prefix: string, resource: Recorded): string {
  return `${prefix}-0${hexadecimal(resource.urn, 16)}`;
}

/** Id, ARN and owner of an EC2 resource; `kind` is what its ARN calls it. */
function ec2(resource: Recorded, prefix: string, kind: string) {
  const id = ec2Id(prefix, resource);
  return { id, arn: arn("ec2", `${kind}/${id}`), ownerId: accountId };
}

function securityGroupRule(resource: Recorded) {
  const { id, arn: ruleArn } = ec2(resource, "sgr", "security-group-rule");
  return { id, arn: ruleArn, securityGroupRuleId: id };
}

/** A private address; which one does not matter. */
function privateAddress(resource: Recorded): string {
  return `10.0.${parseInt(hexadecimal(resource.urn, 2), 16)}.10`;
}

export const network: OutputsByType = {
  "aws:ec2/vpc:Vpc": (resource) => ({
    ...ec2(resource, "vpc", "vpc"),
    defaultSecurityGroupId: ec2Id("sg", resource),
    defaultNetworkAclId: ec2Id("acl", resource),
    defaultRouteTableId: ec2Id("rtb", resource),
    mainRouteTableId: ec2Id("rtb", resource),
  }),
  "aws:ec2/subnet:Subnet": (resource) => ec2(resource, "subnet", "subnet"),
  "aws:ec2/internetGateway:InternetGateway": (resource) => ec2(resource, "igw", "internet-gateway"),
  "aws:ec2/natGateway:NatGateway": (resource) => ({
    id: ec2Id("nat", resource),
    networkInterfaceId: ec2Id("eni", resource),
    privateIp: privateAddress(resource),
  }),
  "aws:ec2/routeTable:RouteTable": (resource) => ec2(resource, "rtb", "route-table"),
  "aws:ec2/route:Route": (resource) => ({
    id: `r-${ec2Id("rtb", resource)}1080289494`,
    origin: "CreateRoute",
    state: "active",
  }),
  "aws:ec2/routeTableAssociation:RouteTableAssociation": (resource) => ({
    id: ec2Id("rtbassoc", resource),
  }),
  "aws:ec2/vpcEndpoint:VpcEndpoint": (resource) => ({
    ...ec2(resource, "vpce", "vpc-endpoint"),
    prefixListId: `pl-${hexadecimal(resource.urn, 8)}`,
    state: "available",
  }),
  "aws:ec2/flowLog:FlowLog": (resource) => {
    const { id, arn: flowLogArn } = ec2(resource, "fl", "vpc-flow-log");
    return { id, arn: flowLogArn };
  },
  "aws:ec2/securityGroup:SecurityGroup": (resource) => ({
    ...ec2(resource, "sg", "security-group"),
    name: physicalName(resource),
  }),
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": (resource) => ({
    ...ec2(resource, "sg", "security-group"),
    name: "default",
    description: "default VPC security group",
  }),
  "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": securityGroupRule,
  "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": securityGroupRule,
};
