import assert from "node:assert/strict";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { faultsOf } from "../mocks/faults";
import { type Recorded, type RecordOptions, named, record } from "../mocks/recorder";
import { Network, type NetworkArgs, type NewNetworkArgs } from ".";

const accountId = "000000000000";
const region = "us-east-1";
const zones = ["us-east-1a", "us-east-1b", "us-east-1c"];

function declare(args: Partial<NewNetworkArgs> = {}, options: RecordOptions = {}) {
  return record(() => {
    const network = new Network("net", { accountId, region, zoneNames: zones, ...args });
    return {
      vpcId: network.vpcId,
      cidrBlock: network.cidrBlock,
      publicSubnetIds: network.publicSubnetIds,
      privateSubnetIds: network.privateSubnetIds,
    };
  }, options);
}

function refusal(args: NetworkArgs) {
  return faultsOf(() => new Network("net", args));
}

function ofType(resources: readonly Recorded[], type: string): Recorded[] {
  return resources
    .filter((resource) => resource.type === type)
    .sort((one, other) => one.name.localeCompare(other.name));
}

function policy(resource: Recorded, property = "policy"): unknown {
  return JSON.parse(resource.inputs[property] as string);
}

describe("Network", () => {
  for (const preview of [false, true]) {
    describe(`over three zones (preview ${preview})`, () => {
      let resources: readonly Recorded[];

      before(async () => {
        ({ resources } = await declare({ tags: { project: "pinterest" } }, { preview }));
      });

      it("makes exactly these resources, all its own children", () => {
        const perZone = (name: (zone: string) => string) => zones.map(name);
        assert.deepEqual(
          resources
            .filter(({ custom }) => custom)
            .map(({ type, name }) => `${type.split(":").at(-1) ?? ""} ${name}`)
            .sort(),
          [
            "DefaultSecurityGroup net-default-security-group",
            "Eip net-nat-us-east-1a-address",
            "FlowLog net-flow-logs-of-vpc",
            "InternetGateway net-internet-gateway",
            "Key net-flow-logs-key",
            "LogGroup net-flow-logs",
            "NatGateway net-nat-us-east-1a",
            "Role net-flow-logs-role",
            "RolePolicy net-flow-logs-policy",
            ...perZone((zone) => `Route net-private-${zone}-to-nat`),
            "Route net-to-internet",
            ...perZone((zone) => `RouteTable net-private-${zone}-routes`),
            "RouteTable net-public-routes",
            ...perZone((zone) => `RouteTableAssociation net-private-${zone}-association`),
            ...perZone((zone) => `RouteTableAssociation net-public-${zone}-routes`),
            ...perZone((zone) => `Subnet net-private-${zone}`),
            ...perZone((zone) => `Subnet net-public-${zone}`),
            "Vpc net-vpc",
            "VpcEndpoint net-s3",
          ].sort(),
        );
        const network = named(resources, "net");
        assert.equal(network.type, "pinterest:network:Network");
        for (const resource of resources.filter(({ custom }) => custom))
          assert.equal(resource.parent, network.urn, resource.name);
      });

      it("spreads the subnets over the zones and gives none public addresses", () => {
        const subnets = ofType(resources, "aws:ec2/subnet:Subnet");
        assert.deepEqual(
          subnets.map(({ inputs }) => [
            inputs.availabilityZone,
            inputs.cidrBlock,
            inputs.mapPublicIpOnLaunch,
          ]),
          [
            ["us-east-1a", "10.0.0.0/18", false],
            ["us-east-1b", "10.0.64.0/18", false],
            ["us-east-1c", "10.0.128.0/18", false],
            ["us-east-1a", "10.0.192.0/20", false],
            ["us-east-1b", "10.0.208.0/20", false],
            ["us-east-1c", "10.0.224.0/20", false],
          ],
        );
        const { inputs } = named(resources, "net-vpc");
        assert.equal(inputs.cidrBlock, "10.0.0.0/16");
        assert.equal(inputs.enableDnsHostnames, true);
        assert.equal(inputs.enableDnsSupport, true);
      });

      it("lets nothing through the default security group", () => {
        const { inputs } = named(resources, "net-default-security-group");
        assert.deepEqual([inputs.ingress, inputs.egress], [[], []]);
      });

      it("tags whatever takes tags", () => {
        const untagged = ["Route", "RouteTableAssociation", "RolePolicy"];
        for (const { name, type, inputs, custom } of resources) {
          if (!custom || untagged.includes(type.split(":").at(-1) ?? "")) continue;
          assert.equal((inputs.tags as Record<string, string>).project, "pinterest", name);
        }
        assert.deepEqual(named(resources, "net-private-us-east-1b").inputs.tags, {
          project: "pinterest",
          Name: "net-private-us-east-1b",
        });
      });

      it("lets the flow logs' role be taken by this account's flow logs only", () => {
        const role = named(resources, "net-flow-logs-role");
        assert.deepEqual(policy(role, "assumeRolePolicy"), {
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "vpc-flow-logs.amazonaws.com" },
              Action: "sts:AssumeRole",
              Condition: {
                StringEquals: { "aws:SourceAccount": accountId },
                ArnLike: { "aws:SourceArn": `arn:aws:ec2:${region}:${accountId}:vpc-flow-log/*` },
              },
            },
          ],
        });
      });

      it("lets only this account's principals reach this account's buckets through the endpoint", () => {
        const endpoint = named(resources, "net-s3");
        assert.equal(endpoint.inputs.vpcEndpointType, "Gateway");
        assert.equal(endpoint.inputs.serviceName, "com.amazonaws.us-east-1.s3");
        const { Statement } = policy(endpoint) as { Statement: Record<string, unknown>[] };
        assert.deepEqual(
          Statement.map(({ Sid, Action, Resource, Condition }) => [
            Sid,
            Action,
            Resource,
            Condition,
          ]),
          [
            [
              "OwnBuckets",
              [
                "s3:AbortMultipartUpload",
                "s3:GetBucketLocation",
                "s3:GetBucketPublicAccessBlock",
                "s3:GetBucketVersioning",
                "s3:GetEncryptionConfiguration",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:ListBucketMultipartUploads",
                "s3:ListBucketVersions",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
              ],
              "arn:aws:s3:::*",
              {
                StringEquals: {
                  "aws:PrincipalAccount": accountId,
                  "aws:ResourceAccount": accountId,
                },
              },
            ],
            [
              "OwnAccount",
              "s3:GetAccountPublicAccessBlock",
              "*",
              { StringEquals: { "aws:PrincipalAccount": accountId } },
            ],
            [
              "ImageLayers",
              "s3:GetObject",
              "arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*",
              undefined,
            ],
          ],
        );
      });

      it("opens nothing to the internet but its two ways out", () => {
        assert.equal(ofType(resources, "aws:ec2/securityGroup:SecurityGroup").length, 0);
        const routes = ofType(resources, "aws:ec2/route:Route");
        assert.deepEqual(
          routes.map(({ inputs }) => inputs.destinationCidrBlock),
          ["0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0", "0.0.0.0/0"],
        );
      });
    });
  }

  it("sends every private subnet out through one NAT gateway in the first public subnet", async () => {
    const { resources, outputs } = await declare();
    assert.equal(new Set(zones.map((zone) => natOf(resources, zone))).size, 1);
    const nat = named(resources, "net-nat-us-east-1a");
    assert.equal(nat.inputs.subnetId, outputs.publicSubnetIds[0]);
    assert.ok(
      nat.dependencies.includes(named(resources, "net-to-internet").urn),
      "not made before the way out stands",
    );
  });

  it("has a NAT gateway in each zone where asked to", async () => {
    const { resources, outputs } = await declare({ natGatewayPerZone: true });
    const gateways = ofType(resources, "aws:ec2/natGateway:NatGateway");
    assert.deepEqual(
      gateways.map(({ inputs }) => inputs.subnetId),
      outputs.publicSubnetIds,
    );
    assert.equal(ofType(resources, "aws:ec2/eip:Eip").length, 3);
    assert.equal(new Set(zones.map((zone) => natOf(resources, zone))).size, 3);
    for (const zone of zones)
      assert.ok(
        named(resources, `net-private-${zone}-to-nat`).dependencies.includes(
          named(resources, `net-nat-${zone}`).urn,
        ),
      );
  });

  it("associates each subnet with its own table and reaches S3 from the private ones by the endpoint", async () => {
    const { resources, outputs } = await declare();
    const table = (association: string) => named(resources, association).inputs;
    zones.forEach((zone, index) => {
      assert.equal(table(`net-public-${zone}-routes`).subnetId, outputs.publicSubnetIds[index]);
      assert.equal(
        table(`net-private-${zone}-association`).subnetId,
        outputs.privateSubnetIds[index],
      );
    });
    assert.deepEqual(
      named(resources, "net-s3").inputs.routeTableIds,
      zones.map((zone) => table(`net-private-${zone}-association`).routeTableId),
    );
    const internet = named(resources, "net-to-internet").inputs;
    assert.match(internet.gatewayId as string, /^igw-[0-9a-f]{17}$/);
    assert.equal(internet.routeTableId, table("net-public-us-east-1a-routes").routeTableId);
  });

  it("logs all traffic, encrypted, where its role may write and nowhere else", async () => {
    const { resources, outputs } = await declare({ flowLogRetentionDays: 90 });
    const group = named(resources, "net-flow-logs").inputs;
    assert.equal(group.retentionInDays, 90);
    assert.match(
      group.kmsKeyId as string,
      /^arn:aws:kms:us-east-1:000000000000:key\/[0-9a-f-]{36}$/,
    );
    const { inputs } = named(resources, "net-flow-logs-of-vpc");
    assert.equal(inputs.trafficType, "ALL");
    assert.equal(inputs.vpcId, outputs.vpcId);
    assert.equal(inputs.logDestinationType, "cloud-watch-logs");
    assert.match(
      inputs.iamRoleArn as string,
      /^arn:aws:iam::000000000000:role\/net-flow-logs-role-/,
    );
    assert.deepEqual(policy(named(resources, "net-flow-logs-policy")), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
          Resource: `${inputs.logDestination as string}:*`,
        },
      ],
    });
    const key = named(resources, "net-flow-logs-key").inputs;
    assert.equal(key.enableKeyRotation, true);
    const { Statement } = JSON.parse(key.policy as string) as {
      Statement: { Action: string[]; Principal: unknown; Condition?: unknown }[];
    };
    assert.deepEqual(
      Statement.map(({ Principal, Condition }) => [Principal, Condition]),
      [
        [{ AWS: "arn:aws:iam::000000000000:root" }, undefined],
        [
          { Service: "logs.us-east-1.amazonaws.com" },
          {
            ArnLike: {
              "kms:EncryptionContext:aws:logs:arn":
                "arn:aws:logs:us-east-1:000000000000:log-group:net-flow-logs-*",
            },
          },
        ],
      ],
    );
    for (const action of Statement.flatMap(({ Action }) => Action))
      assert.match(action, /^kms:[A-Za-z]+$/);
  });

  it("gives out private subnets before their way out stands too", async () => {
    const { resources, outputs } = await record(() => {
      const network = new Network("net", { accountId, region, zoneNames: zones });
      const [subnetId] = network.unroutedPrivateSubnetIds;
      new aws.ec2.Instance("host", { subnetId });
      return [network.unroutedPrivateSubnetIds, network.privateSubnetIds];
    });
    assert.deepEqual(outputs[0], outputs[1]);
    assert.deepEqual(named(resources, "host").dependencies, [
      named(resources, "net-private-us-east-1a").urn,
    ]);
  });

  it("gives out a subnet once its way out stands", async () => {
    const { resources } = await record(() => {
      const network = new Network("net", { accountId, region, zoneNames: zones });
      return [network.publicSubnetIds[1], network.privateSubnetIds[1]].map(
        (subnetId, index) => new aws.ec2.Instance(`host-${index}`, { subnetId }),
      );
    });
    const waitsFor = (host: string, name: string) => {
      const { dependencies } = named(resources, host);
      assert.ok(dependencies.includes(named(resources, name).urn), `${host} waits for ${name}`);
    };
    waitsFor("host-0", "net-to-internet");
    waitsFor("host-0", "net-public-us-east-1b-routes");
    waitsFor("host-1", "net-private-us-east-1b-to-nat");
    waitsFor("host-1", "net-private-us-east-1b-association");
  });

  it("gives out two of each in two zones", async () => {
    const { outputs } = await declare({ zoneNames: zones.slice(0, 2), cidrBlock: "10.9.0.0/20" });
    assert.equal(outputs.cidrBlock, "10.9.0.0/20");
    assert.match(outputs.vpcId, /^vpc-[0-9a-f]{17}$/);
    const subnets = [...outputs.publicSubnetIds, ...outputs.privateSubnetIds];
    assert.equal(new Set(subnets).size, 4);
    for (const id of subnets) assert.match(id, /^subnet-[0-9a-f]{17}$/);
  });

  for (const preview of [false, true]) {
    it(`makes nothing in a VPC that exists (preview ${preview})`, async () => {
      const { resources, outputs } = await record(
        () => {
          const network = new Network("net", {
            vpcId: "vpc-0a1b2c3d",
            publicSubnetIds: ["subnet-1", "subnet-2"],
            privateSubnetIds: ["subnet-3", pulumi.output("subnet-4")],
          });
          return {
            vpcId: network.vpcId,
            cidrBlock: network.cidrBlock,
            publicSubnetIds: network.publicSubnetIds,
            privateSubnetIds: network.privateSubnetIds,
            unroutedPrivateSubnetIds: network.unroutedPrivateSubnetIds,
          };
        },
        { preview },
      );
      assert.deepEqual(
        resources.filter(({ custom }) => custom),
        [],
      );
      assert.deepEqual(outputs, {
        vpcId: "vpc-0a1b2c3d",
        cidrBlock: "172.31.0.0/16",
        publicSubnetIds: ["subnet-1", "subnet-2"],
        privateSubnetIds: ["subnet-3", "subnet-4"],
        unroutedPrivateSubnetIds: ["subnet-3", "subnet-4"],
      });
    });
  }

  it("names every fault of a new network at once", async () => {
    assert.deepEqual(
      await refusal({
        accountId,
        region,
        zoneNames: ["a", "a", "b", "c"],
        cidrBlock: "10.0.0.0/28",
      }),
      [
        [
          "cidrBlock",
          "must be a /24 or larger, not a /28: a public subnet gets a sixteenth of it, and AWS makes none smaller than a /28",
        ],
        ["zoneNames", "must name two or three availability zones, not 4"],
        ["zoneNames", "must name each zone once, not a, a, b, c"],
      ],
    );
    assert.deepEqual(await refusal({ accountId, region, zoneNames: ["a"] }), [
      ["zoneNames", "must name two or three availability zones, not 1"],
    ]);
  });

  it("names every fault of an existing one at once", async () => {
    assert.deepEqual(
      await refusal({ vpcId: "vpc-1", publicSubnetIds: [], privateSubnetIds: ["subnet-1"] }),
      [
        ["publicSubnetIds", "must name at least two subnets, each in another zone, not 0"],
        ["privateSubnetIds", "must name at least two subnets, each in another zone, not 1"],
      ],
    );
  });
});

/** The NAT gateway that a zone's private subnet goes out by. */
function natOf(resources: readonly Recorded[], zone: string): string {
  const { natGatewayId } = named(resources, `net-private-${zone}-to-nat`).inputs;
  assert.match(natGatewayId as string, /^nat-[0-9a-f]{17}$/);
  return natGatewayId as string;
}
