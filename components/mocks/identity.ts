import type { Recorded } from "./recorded";

/** Whose the made-up cloud is: an account id that AWS gives to no one, and one region. */
export const accountId = "000000000000";
export const region = "us-east-1";

/** An ARN of the made-up cloud. */
export function arn(service: string, resource: string): string {
  return `arn:aws:${service}:${region}:${accountId}:${resource}`;
}

/** A stable hexadecimal id of `length` digits for a name: the same for each run, so that graphs can be compared. */
export function hexadecimal(name: string, length: number): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of Buffer.from(name))
    hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn;
  return hash
    .toString(16)
    .padStart(16, "0")
    .repeat(Math.ceil(length / 16))
    .slice(0, length);
}

/**
 * The name that a resource bears in the cloud: the one it was given under `property`, else one as Pulumi's auto-naming
 * makes it, of the logical name and seven hexadecimal digits.
 */
export function physicalName(resource: Recorded, property = "name"): string {
  const given = resource.inputs[property];
  return typeof given === "string" ? given : `${resource.name}-${hexadecimal(resource.urn, 7)}`;
}

/** An input that is text. @throws if the resource was not given it. */
export function textInput(resource: Recorded, property: string): string {
  const value = resource.inputs[property];
  if (typeof value !== "string")
    throw new Error(`${resource.type} ${resource.name} has no ${property}`);
  return value;
}

/** A UUID for a name, the same for each run. */
export function uuid(name: string): string {
  const digits = hexadecimal(name, 32);
  return [0, 8, 12, 16, 20]
    .map((start, index, starts) => digits.slice(start, starts[index + 1]))
    .join("-");
}
