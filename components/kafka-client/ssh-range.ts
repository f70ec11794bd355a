/** Which ranges SSH may be opened to. */
import { parseRange } from "../ip-range";

/** A range no wider than this many fixed bits leave it: a block that someone owns, not a share of the internet. */
const shortestPrefix = 8;

/** What is wrong with a range that SSH is to be opened to; undefined where nothing is. */
export function sshRangeFault(text: string): string | undefined {
  if (text.includes(":"))
    return `${text} is an IPv6 range, and the hosts have IPv4 addresses only; name the addresses that you deploy from`;
  const range = parseRange(text, "203.0.113.7/32");
  if (typeof range === "string") return range;
  if (range.bits === 0)
    return `${text} opens SSH to everywhere; name the addresses that you deploy from`;
  if (range.bits < shortestPrefix)
    return `${text} opens SSH to more than a /${shortestPrefix}; name the addresses that you deploy from`;
  return undefined;
}
