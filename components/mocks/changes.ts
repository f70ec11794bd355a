/**
 * What an update would do: a program as it was, and as it is now, compared as the engine and the providers compare them.
 * Which property makes a new resource stands in `replacements.json`.
 */
import { isDeepStrictEqual } from "node:util";
import { cloudOutputs } from "./outputs";
import type { Json, Maker, Recorded } from "./recorded";
import replacements from "./replacements.json";

/** What an update does, by the resources' names, each list sorted. */
export interface Change {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  /** Replaced, the new one made before the old one goes. */
  readonly replacedCreateFirst: readonly string[];
  /** Replaced, the old one gone before the new one is made. */
  readonly replacedDeleteFirst: readonly string[];
  readonly deleted: readonly string[];
  /** Protected, so that the engine refuses the whole update rather than replace or delete them. */
  readonly refused: readonly string[];
  /** Whether one step is over before another begins, e.g. `create sink-plugin` and `delete sink-connector`. */
  readonly precedes: (earlier: string, later: string) => boolean;
}

interface Replacements {
  /** The property that Pulumi fills in with a unique name where the program does not. */
  readonly autoName?: string;
  /** Properties of which a change makes a new resource, paths below them included. */
  readonly replaces: readonly string[];
}

/** What is known of each resource type. */
export const replacementsByType: Readonly<Record<string, Replacements>> = replacements.types;

/** @throws if the type is not in `replacements.json`. */
function replacementsOf({ type, name }: Recorded): Replacements {
  const known = replacementsByType[type];
  if (!known)
    throw new Error(
      `${name} has changed, and what replaces a ${type} is not known: add it to components/mocks/replacements.json`,
    );
  return known;
}

function isObject(value: Json | undefined): value is { [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Paths at which two values differ, without the indices of lists. */
function differences(before: Json | undefined, after: Json | undefined, path = ""): string[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) {
    const longer = before.length > after.length ? before : after;
    return longer.flatMap((_, index) => differences(before[index], after[index], path));
  }
  if (!isObject(before) || !isObject(after)) return [path];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) =>
    differences(before[key], after[key], path === "" ? key : `${path}.${key}`),
  );
}

/** Whether a path is one of `paths` or below one; paths are written as in a resource's options. */
function isIn(path: string, paths: readonly string[]): boolean {
  return paths
    .map((listed) => listed.replaceAll("[*]", ""))
    .some((listed) => path === listed || path.startsWith(`${listed}.`));
}

type Fate = "same" | "update" | "create" | "createFirst" | "deleteFirst";

function fateOf(before: Recorded | undefined, after: Recorded): Fate {
  if (!before) return "create";
  const changed = differences({ ...before.inputs }, { ...after.inputs }).filter(
    (path) => !isIn(path, after.ignoreChanges),
  );
  if (changed.length === 0) return "same";
  const { replaces, autoName } = replacementsOf(after);
  const isReplaced = changed.some(
    (path) =>
      isIn(path, [...replaces, ...after.replaceOnChanges]) ||
      // A block that comes or goes takes with it what stands in it.
      replaces.some((replacing) => replacing.startsWith(`${path}.`)),
  );
  if (!isReplaced) return "update";
  // Pulumi's AWS and Databricks providers take a name that the program gives for one that both would bear.
  const isNamed = autoName !== undefined && after.inputs[autoName] !== undefined;
  return (after.deleteBeforeReplace ?? isNamed) ? "deleteFirst" : "createFirst";
}

/**
 * Compares a program with what it was.
 *
 * @param before what it declared, recorded with the made-up outputs of `cloudOutputs`.
 * @param record records it as it is now, with the maker that it is given: what is replaced answers with other outputs than
 *   before, so that what depends on them changes too.
 * @throws if a resource has changed of whose type `replacements.json` does not tell what replaces it.
 */
export async function compare(
  before: readonly Recorded[],
  record: (make: Maker) => Promise<{ readonly resources: readonly Recorded[] }>,
): Promise<Change> {
  const old = new Map(before.filter(({ custom }) => custom).map((one) => [one.urn, one]));
  const fates = new Map<string, Fate>();
  const { resources } = await record((resource) => {
    let fate = fateOf(old.get(resource.urn), resource);
    // What has to be replaced with a resource that goes first goes before it.
    if (
      fate === "createFirst" &&
      old.get(resource.urn)?.dependencies.some((urn) => fates.get(urn) === "deleteFirst")
    )
      fate = "deleteFirst";
    fates.set(resource.urn, fate);
    const isReplaced = fate === "createFirst" || fate === "deleteFirst";
    return cloudOutputs(isReplaced ? { ...resource, urn: `${resource.urn}, replacing` } : resource);
  });
  const after = resources.filter(({ custom }) => custom);
  const gone = [...old.values()].filter(({ urn }) => !fates.has(urn));
  const names = (some: readonly Recorded[]) => some.map(({ name }) => name).sort();
  const withFate = (fate: Fate) => after.filter(({ urn }) => fates.get(urn) === fate);
  const createFirst = withFate("createFirst");
  const deleteFirst = withFate("deleteFirst");
  const lost = [...createFirst, ...deleteFirst, ...gone].flatMap(({ urn }) => old.get(urn) ?? []);
  return {
    created: names(withFate("create")),
    updated: names(withFate("update")),
    replacedCreateFirst: names(createFirst),
    replacedDeleteFirst: names(deleteFirst),
    deleted: names(gone),
    refused: names(lost.filter(({ protect }) => protect)),
    precedes: order([...old.values()], after, fates),
  };
}

/** The order of an update's steps, as far as the engine keeps one. */
function order(
  before: readonly Recorded[],
  after: readonly Recorded[],
  fates: ReadonlyMap<string, Fate>,
): Change["precedes"] {
  const waitsFor = new Map<string, string[]>();
  const wait = (step: string, ...others: string[]) =>
    waitsFor.set(step, [...(waitsFor.get(step) ?? []), ...others]);
  const stepOf = ({ urn, name }: Recorded) => {
    const fate = fates.get(urn);
    return `${fate === "same" ? "keep" : fate === "update" ? "update" : "create"} ${name}`;
  };
  const byUrn = new Map(after.map((resource) => [resource.urn, resource]));
  for (const resource of after) {
    const needed = [resource.provider, ...resource.dependencies]
      .flatMap((urn) => byUrn.get(urn ?? "") ?? [])
      .map(stepOf);
    wait(stepOf(resource), ...needed);
    if (fates.get(resource.urn) !== "deleteFirst") continue;
    // The engine comes to a resource when all that it depends on is there, and deletes it then.
    wait(`delete ${resource.name}`, ...needed);
    wait(stepOf(resource), `delete ${resource.name}`);
  }
  const deleted = before.filter(({ urn }) => !["same", "update"].includes(fates.get(urn) ?? ""));
  for (const resource of deleted) {
    for (const dependent of deleted)
      if (dependent.dependencies.includes(resource.urn))
        wait(`delete ${resource.name}`, `delete ${dependent.name}`);
    // What need not go first goes last.
    if (fates.get(resource.urn) !== "deleteFirst")
      wait(`delete ${resource.name}`, ...after.map(stepOf));
  }
  return (earlier, later) => {
    if (!waitsFor.has(earlier) || !waitsFor.has(later))
      throw new Error(`there is no step ${waitsFor.has(earlier) ? later : earlier}`);
    const seen = new Set<string>();
    const reaches = (step: string): boolean => {
      if (seen.has(step)) return false;
      seen.add(step);
      return (waitsFor.get(step) ?? []).some((next) => next === earlier || reaches(next));
    };
    return reaches(later);
  };
}
