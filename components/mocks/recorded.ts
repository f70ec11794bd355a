/** What a recorded program is made of: resources as they were registered, and what made them answers. */

/** A resource as the program registered it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  /** URN of the parent; undefined for the stack itself. */
  readonly parent: string | undefined;
  /** False for component resources. */
  readonly custom: boolean;
  /** Inputs, with secrets in the clear: mask them with `secrets` before printing. */
  readonly inputs: Inputs;
  /** Paths of inputs that were secret, e.g. `["password"]`. */
  readonly secrets: readonly (readonly string[])[];
  /** URNs of the resources that this one waits for. */
  readonly dependencies: readonly string[];
  /** URN of the explicit provider, where there is one. */
  readonly provider: string | undefined;
  readonly protect: boolean;
  /** Undefined where the program leaves it to the engine. */
  readonly deleteBeforeReplace: boolean | undefined;
  readonly ignoreChanges: readonly string[];
  readonly replaceOnChanges: readonly string[];
  readonly additionalSecretOutputs: readonly string[];
  readonly retainOnDelete: boolean;
  readonly deletedWith: string | undefined;
  /** Aliases as given, each a name or a URN. */
  readonly aliases: readonly string[];
  readonly customTimeouts: { create?: string; update?: string; delete?: string };
}

/** A resource's inputs, as plain JSON; assets and archives as `{ path }`, `{ text }`, `{ uri }` or `{ assets }`. */
export type Inputs = Readonly<Record<string, Json>>;
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** What a resource answers once it is made. */
export interface Made {
  readonly id: string;
  readonly outputs: Record<string, unknown>;
}

/** Makes a resource, or makes up its outputs. */
export type Maker = (resource: Recorded) => Made | Promise<Made>;
