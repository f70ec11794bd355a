/** The chain of resources that decides how long a deployment takes, by typical durations of each type (`durations.json`). */
import type { Recorded } from "../components/mocks/recorder";
import durations from "./durations.json";

/** One resource of the chain. */
export interface Step {
  readonly type: string;
  readonly name: string;
  /** Seconds from the deployment's beginning until all that it waits for is there. */
  readonly start: number;
  /** Seconds that making it takes. */
  readonly seconds: number;
}

type Declared = Pick<
  Recorded,
  "type" | "name" | "urn" | "parent" | "custom" | "dependencies" | "provider"
>;

const secondsByType: Readonly<Record<string, { seconds: number } | undefined>> = durations.types;

/** Seconds that a resource typically takes to be made; a component resource takes none, being a name only. */
function secondsOf({ type, custom }: Declared): number {
  return custom ? (secondsByType[type] ?? durations.others).seconds : 0;
}

/**
 * The longest chain, as the engine deploys with enough at once: a resource starts as soon as all that it waits for is
 * there, its parent and its provider too.
 *
 * @returns its resources in the order that they are made, components left out.
 */
export function criticalPath(resources: readonly Declared[]): Step[] {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const known = new Map<string, Step[]>();
  const chainTo = (resource: Declared): Step[] => {
    const found = known.get(resource.urn);
    if (found) return found;
    const before = longest(
      [resource.parent, resource.provider, ...resource.dependencies].flatMap((urn) => {
        const awaited = urn === undefined ? undefined : byUrn.get(urn);
        return awaited ? [chainTo(awaited)] : [];
      }),
    );
    const { type, name, custom } = resource;
    const step = { type, name, start: end(before), seconds: secondsOf(resource) };
    const chain = custom ? [...before, step] : before;
    known.set(resource.urn, chain);
    return chain;
  };
  return longest(resources.map(chainTo));
}

/** Seconds until a chain's last resource is there. */
export function end(chain: readonly Step[]): number {
  const last = chain.at(-1);
  return last ? last.start + last.seconds : 0;
}

function longest(chains: readonly Step[][]): Step[] {
  return chains.reduce((one, other) => (end(other) > end(one) ? other : one), []);
}

/** The chain as a table for people, times in minutes and seconds. */
export function criticalPathTable(chain: readonly Step[]): string {
  const clock = (seconds: number) =>
    `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`.padStart(7);
  return [
    `${"starts".padStart(7)} ${"takes".padStart(7)}  resource`,
    ...chain.map(
      ({ type, name, start, seconds }) => `${clock(start)} ${clock(seconds)}  ${type} ${name}`,
    ),
    `${clock(end(chain))} ${"".padStart(7)}  all is there`,
    "",
  ].join("\n");
}
