/** Keys that are set and mean nothing: a mistyped key would else be silently ignored. */

/** Letters to change, add or leave out, from one text to the other, beyond which it is no slip of the hand. */
const furthest = 3;

/**
 * What is wrong with the keys that are set.
 *
 * @param set keys with their namespaces.
 * @param known keys of the program, without.
 */
export function unknownKeys(
  project: string,
  set: readonly string[],
  known: readonly string[],
): string[] {
  return set.flatMap((full) => {
    const [namespace = "", key = ""] = full.split(":");
    if (namespace === project)
      return known.includes(key) ? [] : [`${key}: there is no such key; ${suggestion(key, known)}`];
    // Other namespaces are providers' own.
    return known.includes(key) ? [`${full}: is not read; write ${project}:${key}`] : [];
  });
}

function suggestion(key: string, known: readonly string[]): string {
  const [nearest] = known
    .map((other) => ({ other, steps: distance(key.toLowerCase(), other.toLowerCase()) }))
    .sort((one, two) => one.steps - two.steps);
  return nearest !== undefined && nearest.steps <= furthest
    ? `did you mean ${nearest.other}?`
    : "Pulumi.yaml lists them all";
}

/** Levenshtein's distance. */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [index, letter] of Array.from(from).entries()) {
    const next = [index + 1];
    for (const [column, other] of Array.from(to).entries())
      next.push(
        Math.min(
          (next[column] ?? 0) + 1,
          (row[column + 1] ?? 0) + 1,
          (row[column] ?? 0) + (letter === other ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[to.length] ?? 0;
}
