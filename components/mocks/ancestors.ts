import type { Recorded } from "./recorded";

/**
 * URNs of all that a resource waits for, whether itself or through others; children wait for what their parent does.
 *
 * @throws if one waits for what is not declared.
 */
export function ancestors(resources: readonly Recorded[], start: Recorded): Set<string> {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const seen = new Set<string>();
  const visit = (resource: Recorded) => {
    for (const urn of resource.dependencies) {
      if (seen.has(urn)) continue;
      seen.add(urn);
      const next = byUrn.get(urn);
      if (!next) throw new Error(`${resource.urn} waits for ${urn}, which is not declared`);
      visit(next);
    }
  };
  visit(start);
  return seen;
}
