/** How long to wait before the next attempt. */

/** The wait before the second attempt is at most this, in milliseconds; each further one may be twice as long. */
const firstMilliseconds = 100;
/** No wait of our own is longer, in milliseconds. */
const longestMilliseconds = 10_000;
/** A target that asks for more is asked again after this, in milliseconds. */
const longestAskedMilliseconds = 60_000;

/**
 * Milliseconds to wait after the given attempt (1 for the first) has failed: exponential, spread at random over the
 * upper half so that many clients do not come back at once, and never shorter than the target asks.
 *
 * @param retryAfterMilliseconds what the target asked for; followed up to a minute.
 * @param random from 0 to 1. Default: at random.
 */
export function backoffMilliseconds(
  attempt: number,
  retryAfterMilliseconds = 0,
  random = Math.random(),
): number {
  const ceiling = Math.min(firstMilliseconds * 2 ** (attempt - 1), longestMilliseconds);
  const own = (ceiling * (1 + random)) / 2;
  return Math.max(own, Math.min(retryAfterMilliseconds, longestAskedMilliseconds));
}

/**
 * Reads a Retry-After header: seconds, or an HTTP date.
 *
 * @returns milliseconds, undefined if there is no such header or it cannot be read.
 */
export function retryAfterMilliseconds(header: unknown, now = Date.now()): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\s*\d+(\.\d+)?\s*$/.test(header)) return Number(header) * 1000;
  const moment = Date.parse(header);
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
