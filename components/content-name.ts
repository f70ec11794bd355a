/** Names of things that cannot be changed once they are made: each ends in a digest of what it holds. */
import { createHash } from "node:crypto";

/** MSK Connect's longest name, in characters. */
const longest = 128;

/** The digest of a content: eight hexadecimal digits. The order of an object's keys makes no difference. */
export function contentDigest(content: unknown): string {
  const ordered = JSON.stringify(content, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
  return createHash("sha256").update(ordered).digest("hex").slice(0, 8);
}

/** A name that begins with `prefix`, cut where it would be too long, and ends in the content's digest. */
export function contentName(prefix: string, content: unknown): string {
  const digest = contentDigest(content);
  return `${prefix.slice(0, longest - digest.length - 1)}-${digest}`;
}
