/**
 * The network that the pipeline lives in: a VPC over two or three availability zones, or one that exists already.
 *
 * Defaults:
 * - A public and a private subnet in each zone; no subnet gives out public addresses by itself.
 * - One NAT gateway for all zones; `natGatewayPerZone` makes the way out as available as the zones are.
 * - S3 is reached from the private subnets by a gateway endpoint, not through NAT, and only by this account's principals in
 *   this account's buckets (and the layers of MWAA's images).
 * - All traffic is logged, accepted and rejected, in an encrypted log group for 30 days.
 * - The default security group lets nothing in or out.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { type Fault, refuseFaults } from "../faults";
import { type Tags, withName } from "../tags";
import { logFlows } from "./flow-logs";
import { readRange, subnetRanges } from "./ranges";
import { s3EndpointPolicy } from "./s3-endpoint-policy";

/** A VPC to be made. */
export interface NewNetworkArgs {
  vpcId?: undefined;
  /** Account that deploys, for policies. */
  accountId: pulumi.Input<string>;
  /** Region that is deployed to, e.g. `us-east-1`. */
  region: pulumi.Input<string>;
  /** Availability zones to spread over, two or three, e.g. `us-east-1a`. A zone may be added at the end later. */
  zoneNames: readonly string[];
  /** IPv4 range of the VPC, /16 to /24. Default `10.0.0.0/16`. */
  cidrBlock?: string;
  /** Whether each zone has a NAT gateway of its own, or all share that of the first zone. Default false. */
  natGatewayPerZone?: boolean;
  /** Days that flow logs are kept, one of the periods that CloudWatch Logs knows. Default 30. */
  flowLogRetentionDays?: pulumi.Input<number>;
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

/** A VPC that exists; nothing is made. Its private subnets need a way out to the internet. */
export interface ExistingNetworkArgs {
  vpcId: pulumi.Input<string>;
  /** Public subnets, at least two, each in another zone. */
  publicSubnetIds: readonly pulumi.Input<string>[];
  /** Private subnets, at least two, each in another zone. */
  privateSubnetIds: readonly pulumi.Input<string>[];
}

export type NetworkArgs = NewNetworkArgs | ExistingNetworkArgs;

const anywhere = "0.0.0.0/0";
const defaultCidrBlock = "10.0.0.0/16";

/** See the top of this file. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidrBlock: pulumi.Output<string>;
  /** One a zone, each known once its route to the internet stands. */
  readonly publicSubnetIds: pulumi.Output<string>[];
  /** One a zone, each known once its route to the NAT gateway stands. */
  readonly privateSubnetIds: pulumi.Output<string>[];
  /**
   * The same subnets as soon as they are there, for what needs no way out: brokers and databases then do not wait for the
   * NAT gateways.
   */
  readonly unroutedPrivateSubnetIds: pulumi.Output<string>[];

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong. */
  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:network:Network", name, {}, opts);
    refuseFaults(`Network "${name}"`, faultsOf(args));
    if (args.vpcId === undefined) {
      const made = this.make(name, args);
      this.vpcId = made.vpc.id;
      this.cidrBlock = made.vpc.cidrBlock;
      this.publicSubnetIds = made.publicSubnetIds;
      this.privateSubnetIds = made.privateSubnetIds;
      this.unroutedPrivateSubnetIds = made.unroutedPrivateSubnetIds;
    } else {
      this.vpcId = pulumi.output(args.vpcId);
      this.cidrBlock = aws.ec2.getVpcOutput({ id: args.vpcId }, { parent: this }).cidrBlock;
      this.publicSubnetIds = args.publicSubnetIds.map((id) => pulumi.output(id));
      this.privateSubnetIds = args.privateSubnetIds.map((id) => pulumi.output(id));
      this.unroutedPrivateSubnetIds = this.privateSubnetIds;
    }
    this.registerOutputs({
      vpcId: this.vpcId,
      cidrBlock: this.cidrBlock,
      publicSubnetIds: this.publicSubnetIds,
      privateSubnetIds: this.privateSubnetIds,
      unroutedPrivateSubnetIds: this.unroutedPrivateSubnetIds,
    });
  }

  private make(name: string, args: NewNetworkArgs) {
    const { accountId, region, zoneNames, tags, cidrBlock = defaultCidrBlock } = args;
    const range = readRange(cidrBlock);
    if (typeof range === "string") throw new Error(range);
    const ranges = subnetRanges(range, zoneNames.length);
    const parent = { parent: this };

    const vpc = new aws.ec2.Vpc(
      `${name}-vpc`,
      {
        cidrBlock,
        enableDnsHostnames: true,
        enableDnsSupport: true,
        tags: withName(tags, name),
      },
      parent,
    );
    new aws.ec2.DefaultSecurityGroup(
      `${name}-default-security-group`,
      { vpcId: vpc.id, ingress: [], egress: [], tags: withName(tags, `${name}-default-unused`) },
      parent,
    );
    logFlows(`${name}-flow-logs`, { ...args, vpcId: vpc.id }, parent);

    const internetGateway = new aws.ec2.InternetGateway(
      `${name}-internet-gateway`,
      { vpcId: vpc.id, tags: withName(tags, name) },
      parent,
    );
    const publicRoutes = new aws.ec2.RouteTable(
      `${name}-public-routes`,
      { vpcId: vpc.id, tags: withName(tags, `${name}-public`) },
      parent,
    );
    const toInternet = new aws.ec2.Route(
      `${name}-to-internet`,
      {
        routeTableId: publicRoutes.id,
        destinationCidrBlock: anywhere,
        gatewayId: internetGateway.id,
      },
      parent,
    );
    const subnet = (kind: "public" | "private", index: number): aws.ec2.Subnet => {
      const zone = zoneNames[index];
      return new aws.ec2.Subnet(
        `${name}-${kind}-${zone}`,
        {
          vpcId: vpc.id,
          availabilityZone: zone,
          cidrBlock: ranges[kind][index],
          mapPublicIpOnLaunch: false,
          tags: withName(tags, `${name}-${kind}-${zone}`),
        },
        parent,
      );
    };

    const natGateways: aws.ec2.NatGateway[] = [];
    const publicSubnetIds = zoneNames.map((zone, index) => {
      const { id } = subnet("public", index);
      const association = new aws.ec2.RouteTableAssociation(
        `${name}-public-${zone}-routes`,
        { subnetId: id, routeTableId: publicRoutes.id },
        parent,
      );
      if (index === 0 || args.natGatewayPerZone) {
        const address = new aws.ec2.Eip(
          `${name}-nat-${zone}-address`,
          { domain: "vpc", tags: withName(tags, `${name}-nat-${zone}`) },
          { parent: this, dependsOn: internetGateway },
        );
        natGateways.push(
          new aws.ec2.NatGateway(
            `${name}-nat-${zone}`,
            {
              subnetId: id,
              allocationId: address.id,
              tags: withName(tags, `${name}-${zone}`),
            },
            { parent: this, dependsOn: [toInternet, association] },
          ),
        );
      }
      return after(id, toInternet, association);
    });

    const privateRouteTableIds: pulumi.Output<string>[] = [];
    const unroutedPrivateSubnetIds = zoneNames.map((_, index) => subnet("private", index).id);
    const privateSubnetIds = unroutedPrivateSubnetIds.map((id, index) => {
      const zone = zoneNames[index];
      // A table for each zone even where they share one NAT gateway: changing over is then a change of routes only.
      const routes = new aws.ec2.RouteTable(
        `${name}-private-${zone}-routes`,
        { vpcId: vpc.id, tags: withName(tags, `${name}-private-${zone}`) },
        parent,
      );
      privateRouteTableIds.push(routes.id);
      const toNat = new aws.ec2.Route(
        `${name}-private-${zone}-to-nat`,
        {
          routeTableId: routes.id,
          destinationCidrBlock: anywhere,
          natGatewayId: (natGateways[index] ?? natGateways[0])?.id,
        },
        parent,
      );
      const association = new aws.ec2.RouteTableAssociation(
        `${name}-private-${zone}-association`,
        { subnetId: id, routeTableId: routes.id },
        parent,
      );
      return after(id, toNat, association);
    });

    new aws.ec2.VpcEndpoint(
      `${name}-s3`,
      {
        vpcId: vpc.id,
        vpcEndpointType: "Gateway",
        serviceName: pulumi.interpolate`com.amazonaws.${region}.s3`,
        routeTableIds: privateRouteTableIds,
        policy: s3EndpointPolicy(accountId, region),
        tags: withName(tags, `${name}-s3`),
      },
      parent,
    );
    return { vpc, publicSubnetIds, privateSubnetIds, unroutedPrivateSubnetIds };
  }
}

/** The id, known once the others are made: what is put into a subnet then finds its way out there, and goes before it. */
function after(
  id: pulumi.Output<string>,
  ...others: pulumi.CustomResource[]
): pulumi.Output<string> {
  return pulumi.all([id, ...others.map((other) => other.id)]).apply(([first]) => first as string);
}

function faultsOf(args: NetworkArgs): Fault[] {
  const faults: Fault[] = [];
  if (args.vpcId !== undefined) {
    for (const property of ["publicSubnetIds", "privateSubnetIds"] as const) {
      const count = args[property].length;
      if (count < 2)
        faults.push({
          propertyPath: property,
          reason: `must name at least two subnets, each in another zone, not ${count}`,
        });
    }
    return faults;
  }
  const range = readRange(args.cidrBlock ?? defaultCidrBlock);
  if (typeof range === "string") faults.push({ propertyPath: "cidrBlock", reason: range });
  const { zoneNames } = args;
  if (zoneNames.length < 2 || zoneNames.length > 3)
    faults.push({
      propertyPath: "zoneNames",
      reason: `must name two or three availability zones, not ${zoneNames.length}`,
    });
  if (new Set(zoneNames).size < zoneNames.length)
    faults.push({
      propertyPath: "zoneNames",
      reason: `must name each zone once, not ${zoneNames.join(", ")}`,
    });
  return faults;
}
