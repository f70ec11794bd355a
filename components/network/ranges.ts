/** Cuts the range of a VPC into those of its subnets. */

/** An IPv4 range. */
export interface Range {
  /** First address, as a number. */
  readonly address: number;
  /** Bits of the prefix. */
  readonly bits: number;
}

/** Ranges of the subnets in each zone, in the zones' order. */
export interface SubnetRanges {
  readonly public: readonly string[];
  readonly private: readonly string[];
}

/** The largest VPC that AWS makes. */
const fewestBits = 16;
/** The smallest whose sixteenth, a public subnet, is still a /28, the smallest subnet that AWS makes. */
const mostBits = 24;

/**
 * Reads a range that a VPC can have here: /16 to /24, beginning where its prefix ends.
 *
 * @returns the range, or what is wrong with the text.
 */
export function readRange(text: string): Range | string {
  const [, first, second, third, fourth, prefix] =
    /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const octets = [first, second, third, fourth].map(Number);
  const bits = Number(prefix);
  if (prefix === undefined || octets.some((octet) => octet > 255) || bits > 32)
    return `must be an IPv4 range such as 10.0.0.0/16, not "${text}"`;
  if (bits > mostBits)
    return `must be a /${mostBits} or larger, not a /${bits}: a public subnet gets a sixteenth of it, and AWS makes none smaller than a /28`;
  if (bits < fewestBits)
    return `must be a /${fewestBits} or smaller, not a /${bits}: AWS makes no larger VPC`;
  const address = octets.reduce((sum, octet) => sum * 256 + octet);
  if (address % size(bits) !== 0)
    return `must begin where a /${bits} begins, such as ${write({ address: address - (address % size(bits)), bits })}, not ${text}`;
  return { address, bits };
}

/**
 * The subnets' ranges: a quarter for each private subnet, where nearly everything lives, and of the last quarter a quarter
 * for each public one. They do not depend on the number of zones, so a third zone moves nothing.
 *
 * @param zones number of zones, at most 3.
 */
export function subnetRanges(range: Range, zones: number): SubnetRanges {
  const lastQuarter = part(range, 2, 3);
  const indexes = Array.from({ length: zones }, (_, index) => index);
  return {
    public: indexes.map((index) => write(part(lastQuarter, 2, index))),
    private: indexes.map((index) => write(part(range, 2, index))),
  };
}

/** One of the equal parts that `moreBits` cut a range into. */
function part({ address, bits }: Range, moreBits: number, index: number): Range {
  return { address: address + index * size(bits + moreBits), bits: bits + moreBits };
}

/** Addresses in a range of that many bits. */
function size(bits: number): number {
  return 2 ** (32 - bits);
}

function write({ address, bits }: Range): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join(".")}/${bits}`;
}
