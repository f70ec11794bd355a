/** The load balancer before the REST proxies. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { withName, type Tags } from "../tags";

export interface BalancerArgs {
  vpcId: pulumi.Input<string>;
  /** Where it has an address: private subnets. */
  subnetIds: pulumi.Input<string>[];
  /** Security group of the hosts that it sends to. */
  hostSecurityGroupId: pulumi.Input<string>;
  /** Where the proxies listen, and it too. */
  port: number;
  tags: Tags | undefined;
}

export interface Balancer {
  readonly loadBalancer: aws.lb.LoadBalancer;
  readonly targetGroup: aws.lb.TargetGroup;
}

/**
 * Makes an internal network load balancer that only PrivateLink reaches: no ingress rule lets any address of the VPC in, and
 * its security group is not applied to PrivateLink traffic, which API Gateway's VPC link comes by.
 */
export function makeBalancer(
  name: string,
  args: BalancerArgs,
  opts: pulumi.CustomResourceOptions,
): Balancer {
  const { port, tags } = args;
  const securityGroup = new aws.ec2.SecurityGroup(
    `${name}-nlb-group`,
    {
      description: "Load balancer of the Kafka REST proxies",
      vpcId: args.vpcId,
      tags: withName(tags, `${name}-nlb`),
    },
    opts,
  );
  new aws.vpc.SecurityGroupEgressRule(
    `${name}-nlb-to-proxies`,
    {
      description: "To the REST proxies",
      securityGroupId: securityGroup.id,
      referencedSecurityGroupId: args.hostSecurityGroupId,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      tags,
    },
    opts,
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-proxy-from-nlb`,
    {
      description: "To the REST proxy, from its load balancer",
      securityGroupId: args.hostSecurityGroupId,
      referencedSecurityGroupId: securityGroup.id,
      ipProtocol: "tcp",
      fromPort: port,
      toPort: port,
      tags,
    },
    opts,
  );
  const loadBalancer = new aws.lb.LoadBalancer(
    `${name}-nlb`,
    {
      loadBalancerType: "network",
      internal: true,
      subnets: args.subnetIds,
      securityGroups: [securityGroup.id],
      enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: "off",
      enableCrossZoneLoadBalancing: true,
      tags: withName(tags, `${name}-nlb`),
    },
    opts,
  );
  const targetGroup = new aws.lb.TargetGroup(
    `${name}-rest`,
    {
      vpcId: args.vpcId,
      targetType: "instance",
      protocol: "TCP",
      port,
      preserveClientIp: "false",
      deregistrationDelay: 30,
      healthCheck: {
        protocol: "HTTP",
        port: String(port),
        path: "/",
        matcher: "200",
        interval: 10,
        timeout: 5,
        healthyThreshold: 2,
        unhealthyThreshold: 2,
      },
      tags: withName(tags, `${name}-rest`),
    },
    opts,
  );
  new aws.lb.Listener(
    `${name}-listener`,
    {
      loadBalancerArn: loadBalancer.arn,
      protocol: "TCP",
      port,
      defaultActions: [{ type: "forward", targetGroupArn: targetGroup.arn }],
      tags,
    },
    opts,
  );
  return { loadBalancer, targetGroup };
}
