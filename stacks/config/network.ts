/** The VPC that is made, or the one to use. */
import { z } from "zod";
import { contains, overlap, parseRange, type Range } from "../../components/ip-range";
import { readRange } from "../../components/network/ranges";
import { eachOf, flag, identifier, identifiers, integer } from "./forms";
import { rulesOver, type Checked } from "./rules";

function range(text: string): Range {
  const parsed = parseRange(text);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

/** Ranges for networks of one's own (RFC 1918, and RFC 6598's shared space, which AWS takes too). */
const ownRanges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];

/** Ranges that MSK Connect uses itself, and so does not route to peers (MSK: "Connecting from connectors"). */
const rangesOfConnect = ["10.99.0.0/16", "192.168.0.0/16", "172.21.0.0/16"];

export const networkKeys = {
  /** Two at least, since MSK, RDS and MWAA want that; three at most, since MSK spreads over no more. */
  zoneCount: integer(2, 3),
  /** AWS makes VPCs from /16 to /28; from /24 on, the public subnets, a sixteenth each, would be too small. */
  vpcCidr: z
    .string()
    .trim()
    .superRefine((value, context) => {
      const vpc = readRange(value);
      if (typeof vpc === "string") context.addIssue(vpc);
      else if (!ownRanges.some((own) => contains(range(own), vpc)))
        context.addIssue(
          `must lie in one of ${ownRanges.join(", ")}, not ${value}: others own those addresses, and would be out of reach`,
        );
    }),
  /** Ranges that the VPC must keep clear of: AWS peers no networks that overlap. */
  peeredCidrs: eachOf((value) => {
    const peered = parseRange(value);
    return typeof peered === "string" ? peered : undefined;
  }),
  natGatewayPerZone: flag,
  existingVpcId: identifier("vpc"),
  existingPublicSubnetIds: identifiers("subnet"),
  existingPrivateSubnetIds: identifiers("subnet"),
};

const rule = rulesOver<Checked<typeof networkKeys>>();

export const networkRules = [
  rule(["vpcCidr", "peeredCidrs", "existingVpcId"], ({ vpcCidr, peeredCidrs, existingVpcId }) =>
    existingVpcId === undefined
      ? peeredCidrs
          .filter((peered) => overlap(range(peered), range(vpcCidr)))
          .map((peered) => `vpcCidr: ${vpcCidr} overlaps ${peered} (peeredCidrs)`)
      : undefined,
  ),
  rule(["peeredCidrs"], ({ peeredCidrs }) =>
    peeredCidrs.flatMap((peered) =>
      rangesOfConnect
        .filter((own) => overlap(range(own), range(peered)))
        .map(
          (own) =>
            `peeredCidrs: ${peered} overlaps ${own}, which MSK Connect uses itself: the sink cannot reach it`,
        ),
    ),
  ),
  rule(
    ["existingVpcId", "existingPublicSubnetIds", "existingPrivateSubnetIds", "zoneCount"],
    ({ existingVpcId, existingPublicSubnetIds, existingPrivateSubnetIds, zoneCount }) =>
      existingVpcId !== undefined &&
      (existingPublicSubnetIds.length !== zoneCount ||
        existingPrivateSubnetIds.length !== zoneCount) &&
      `existingVpcId: needs existingPublicSubnetIds and existingPrivateSubnetIds, one subnet for each of the ${zoneCount} zones (zoneCount)`,
  ),
  rule(
    ["existingVpcId", "existingPublicSubnetIds", "existingPrivateSubnetIds"],
    ({ existingVpcId, existingPublicSubnetIds, existingPrivateSubnetIds }) =>
      existingVpcId === undefined &&
      existingPublicSubnetIds.length + existingPrivateSubnetIds.length > 0 &&
      "existingVpcId: must be set where subnets of it are",
  ),
  rule(
    ["existingPublicSubnetIds", "existingPrivateSubnetIds"],
    ({ existingPublicSubnetIds, existingPrivateSubnetIds }) =>
      existingPublicSubnetIds
        .filter((id) => existingPrivateSubnetIds.includes(id))
        .map((id) => `existingPublicSubnetIds: ${id} is among existingPrivateSubnetIds too`),
  ),
  rule(
    ["existingVpcId", "natGatewayPerZone"],
    ({ existingVpcId, natGatewayPerZone }) =>
      existingVpcId !== undefined &&
      natGatewayPerZone &&
      "natGatewayPerZone: no gateways are made in an existing VPC (existingVpcId); set it to false",
  ),
];
