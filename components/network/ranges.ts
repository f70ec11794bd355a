/** Cuts the range of a VPC into those of its subnets. */
import { formatRange, parseRange, part, type Range } from "../ip-range";

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
  const range = parseRange(text);
  if (typeof range === "string") return range;
  const { bits } = range;
  if (bits > mostBits)
    return `must be a /${mostBits} or larger, not a /${bits}: a public subnet gets a sixteenth of it, and AWS makes none smaller than a /28`;
  if (bits < fewestBits)
    return `must be a /${fewestBits} or smaller, not a /${bits}: AWS makes no larger VPC`;
  return range;
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
    public: indexes.map((index) => formatRange(part(lastQuarter, 2, index))),
    private: indexes.map((index) => formatRange(part(range, 2, index))),
  };
}
