import { createECDH, createHash, createPrivateKey } from "node:crypto";
import { arn, hexadecimal, physicalName, region, textInput } from "../identity";
import type { Recorded } from "../recorded";
import type { OutputsByType } from "./outputs-by-type";

/** The id that EC2 gives: a prefix by kind and 17 hexadecimal digits. */
function ec2Id(prefix: string, resource: Recorded): string {
  return `${prefix}-0${hexadecimal(resource.urn, 16)}`;
}

/** An address of TEST-NET-3, which is no one's. */
function publicAddress(resource: Recorded): string {
  return `203.0.113.${1 + (parseInt(hexadecimal(resource.urn, 4), 16) % 254)}`;
}

/** An SSH key for a name, the same for each run: it is a digest of the name. */
function privateKeyFor(name: string): string {
  const secret = createHash("sha256").update(name).digest();
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(secret);
  const point = curve.getPublicKey();
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: secret.toString("base64url"),
    x: point.subarray(1, 33).toString("base64url"),
    y: point.subarray(33).toString("base64url"),
  };
  return createPrivateKey({ key: jwk, format: "jwk" })
    .export({ format: "pem", type: "sec1" })
    .toString();
}

export const compute: OutputsByType = {
  "aws:ec2/instance:Instance": (resource) => {
    const id = ec2Id("i", resource);
    const last = parseInt(hexadecimal(resource.urn, 2), 16);
    return {
      id,
      arn: arn("ec2", `instance/${id}`),
      privateIp: `10.0.0.${last}`,
      privateDns: `ip-10-0-0-${last}.ec2.internal`,
      primaryNetworkInterfaceId: ec2Id("eni", resource),
      instanceState: "running",
      availabilityZone: `${region}a`,
    };
  },
  "aws:ec2/eip:Eip": (resource) => {
    const id = ec2Id("eipalloc", resource);
    return {
      id,
      arn: arn("ec2", `elastic-ip/${id}`),
      allocationId: id,
      publicIp: publicAddress(resource),
    };
  },
  "aws:ec2/eipAssociation:EipAssociation": (resource) => ({
    id: ec2Id("eipassoc", resource),
    networkInterfaceId: ec2Id("eni", resource),
  }),
  "aws:lb/loadBalancer:LoadBalancer": (resource) => {
    const name = physicalName(resource);
    const suffix = hexadecimal(resource.urn, 16);
    const loadBalancerArn = arn("elasticloadbalancing", `loadbalancer/net/${name}/${suffix}`);
    return {
      id: loadBalancerArn,
      arn: loadBalancerArn,
      name,
      arnSuffix: `net/${name}/${suffix}`,
      dnsName: `${name}-${suffix}.elb.${region}.amazonaws.com`,
      zoneId: "Z26RNL4JYFTOTI",
    };
  },
  "aws:lb/targetGroup:TargetGroup": (resource) => {
    const name = physicalName(resource);
    const suffix = hexadecimal(resource.urn, 16);
    const targetGroupArn = arn("elasticloadbalancing", `targetgroup/${name}/${suffix}`);
    return {
      id: targetGroupArn,
      arn: targetGroupArn,
      name,
      arnSuffix: `targetgroup/${name}/${suffix}`,
    };
  },
  "aws:lb/listener:Listener": (resource) => {
    const listenerArn = `${textInput(resource, "loadBalancerArn").replace(
      ":loadbalancer/",
      ":listener/",
    )}/${hexadecimal(resource.urn, 16)}`;
    return { id: listenerArn, arn: listenerArn };
  },
  "aws:lb/targetGroupAttachment:TargetGroupAttachment": (resource) => ({
    id: `${textInput(resource, "targetGroupArn")}-${hexadecimal(resource.urn, 26)}`,
  }),
  "command:remote:Command": (resource) => ({
    id: `${resource.name}${hexadecimal(resource.urn, 8)}`,
    stdout: "",
    stderr: "",
  }),
  "pulumi:index:Stash": ({ urn }) => ({ output: privateKeyFor(urn) }),
};
