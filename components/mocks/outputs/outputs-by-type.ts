import type { Recorded } from "../recorded";

/** Outputs by resource type; `id` besides where it is more than the name with a suffix. */
export type OutputsByType = Readonly<
  Record<string, (resource: Recorded) => Record<string, unknown> & { id?: string }>
>;
