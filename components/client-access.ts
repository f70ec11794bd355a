/**
 * Who may reach a server: whatever carries its client security group, on one port, and nothing else. The server's component
 * makes both groups, so that no client has to know the server's and no cycle arises between them.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Tags, withName } from "./tags";

export interface ClientAccessArgs {
  /** What the server is, for descriptions, e.g. `Kafka brokers`. */
  server: string;
  /** TCP port that it listens on. */
  port: pulumi.Input<number>;
  vpcId: pulumi.Input<string>;
  /** Security group that the server has already. Default: one is made. */
  securityGroupId?: pulumi.Input<string>;
  tags?: Tags;
}

export interface ClientAccess {
  /** Group of the server. */
  readonly securityGroupId: pulumi.Output<string>;
  /** Group for whoever talks to it; known once both rules stand. */
  readonly clientSecurityGroupId: pulumi.Output<string>;
}

/** Makes the client group, the server's group where it has none, and the rule on each side. */
export function allowClients(
  name: string,
  args: ClientAccessArgs,
  parent: pulumi.CustomResourceOptions,
): ClientAccess {
  const { server, port, vpcId, tags } = args;
  const group = (suffix: string, description: string) =>
    new aws.ec2.SecurityGroup(
      `${name}-${suffix}`,
      { vpcId, description, tags: withName(tags, `${name}-${suffix}`) },
      parent,
    ).id;
  const securityGroupId = pulumi.output(
    args.securityGroupId ?? group("security-group", `${server} of ${name}`),
  );
  const clients = group("client-security-group", `Clients of the ${server} of ${name}`);
  const rule = { ipProtocol: "tcp", fromPort: port, toPort: port, tags };
  const egress = new aws.vpc.SecurityGroupEgressRule(
    `${name}-client-egress`,
    {
      ...rule,
      description: `To the ${server}`,
      securityGroupId: clients,
      referencedSecurityGroupId: securityGroupId,
    },
    parent,
  );
  const ingress = new aws.vpc.SecurityGroupIngressRule(
    `${name}-client-ingress`,
    {
      ...rule,
      description: "From clients",
      securityGroupId,
      referencedSecurityGroupId: clients,
    },
    parent,
  );
  return {
    securityGroupId,
    clientSecurityGroupId: pulumi
      .all([clients, egress.id, ingress.id])
      .apply(([clientSecurityGroupId]) => clientSecurityGroupId),
  };
}
