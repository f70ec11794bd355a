/** IPv4 ranges in CIDR notation. */

/** An IPv4 range. */
export interface Range {
  /** First address, as a number. */
  readonly address: number;
  /** Bits of the prefix. */
  readonly bits: number;
}

/**
 * Reads a range, which must begin where its prefix ends.
 *
 * @param example what a right one looks like, for the message.
 * @returns the range, or what is wrong with the text.
 */
export function parseRange(text: string, example = "10.0.0.0/16"): Range | string {
  const [, first, second, third, fourth, prefix] =
    /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\/(\d{1,2})$/.exec(text) ?? [];
  const octets = [first, second, third, fourth].map(Number);
  const bits = Number(prefix);
  if (prefix === undefined || octets.some((octet) => octet > 255) || bits > 32)
    return `must be an IPv4 range such as ${example}, not "${text}"`;
  const address = octets.reduce((sum, octet) => sum * 256 + octet);
  const start = address - (address % size(bits));
  if (address !== start)
    return `must begin where a /${bits} begins, such as ${formatRange({ address: start, bits })}, not ${text}`;
  return { address, bits };
}

/** The range in CIDR notation. */
export function formatRange({ address, bits }: Range): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join(".")}/${bits}`;
}

/** One of the equal parts that `moreBits` cut a range into. */
export function part({ address, bits }: Range, moreBits: number, index: number): Range {
  return { address: address + index * size(bits + moreBits), bits: bits + moreBits };
}

/** Whether the ranges have an address in common. */
export function overlap(one: Range, other: Range): boolean {
  return (
    one.address < other.address + size(other.bits) && other.address < one.address + size(one.bits)
  );
}

/** Whether all of `inner` lies in `outer`. */
export function contains(outer: Range, inner: Range): boolean {
  return overlap(outer, inner) && outer.bits <= inner.bits;
}

/** Addresses in a range of that many bits. */
function size(bits: number): number {
  return 2 ** (32 - bits);
}
