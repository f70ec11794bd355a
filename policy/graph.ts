/** A stack's resources as the rules see them, whether recorded under mocks or given by Pulumi's policy host. */

/** Stands for a value that only a deployment will tell, as Pulumi's own wire form has it. */
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export interface Resource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** Properties by name; a value that is not known yet is `unknown`. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** Paths of secret inputs; undefined where the source of the graph does not tell. */
  readonly secrets: readonly (readonly string[])[] | undefined;
  readonly protect: boolean;
  /** URNs of what the resource waits for. */
  readonly dependencies: readonly string[];
}

export interface Stack {
  readonly resources: readonly Resource[];
  /** Whether the stack's configuration says that `destroy` may delete data (`forceDestroy`). */
  readonly deletesData: boolean;
}

/** One resource that breaks a rule. */
export interface Violation {
  readonly resource: Resource;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export interface Rule {
  /** In kebab case. */
  readonly name: string;
  /** Why it is a rule. */
  readonly reason: string;
  /** Who else has it: a control of AWS Foundational Security Best Practices, CIS or the Well-Architected Framework. */
  readonly source: string;
  readonly check: (stack: Stack) => Violation[];
}

/** The value at a path such as `encryptionInfo.encryptionInTransit.inCluster`; `unknown` as soon as a part of it is. */
export function at({ inputs }: Pick<Resource, "inputs">, path: string): unknown {
  let value: unknown = inputs;
  for (const part of path.split(".")) {
    if (value === unknown) return unknown;
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Whether a value is as it must be, as far as it is known. */
export function holds(value: unknown, test: (known: unknown) => boolean): boolean {
  return value === unknown || test(value);
}

/** Whether a value is set: an empty text is not. */
export function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

/** The resources of one type, or of several. */
export function ofType({ resources }: Stack, ...types: readonly string[]): Resource[] {
  return resources.filter(({ type }) => types.includes(type));
}

/** A rule on each resource of certain types by itself. */
export function eachOf(
  types: readonly string[],
  message: (resource: Resource, stack: Stack) => string | undefined,
): Rule["check"] {
  return (stack) =>
    ofType(stack, ...types).flatMap((resource) => {
      const told = message(resource, stack);
      return told === undefined ? [] : [{ resource, message: told }];
    });
}

/** What of a type sets something about `resource`: a bucket's settings and the like are resources of their own. */
export function settingsOf(stack: Stack, resource: Resource, type: string): Resource[] {
  return ofType(stack, type).filter(({ dependencies }) => dependencies.includes(resource.urn));
}
