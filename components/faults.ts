/** Faults in a component's arguments: gathered, so that one run names them all. */
import * as pulumi from "@pulumi/pulumi";

/** What is wrong with one argument: `propertyPath` is its name, `reason` says what it must be and what it is. */
export type Fault = pulumi.InputPropertyErrorDetails;

/**
 * Refuses arguments that have faults.
 *
 * @param component what was to be made, e.g. `Network "pipeline"`.
 * @throws pulumi.InputPropertiesError naming every fault, in its message too: outside a provider the engine prints only that.
 */
export function refuseFaults(component: string, faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const lines = faults.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`);
  throw new pulumi.InputPropertiesError({
    message: [`${component} cannot be made of these arguments:`, ...lines].join("\n"),
    errors: [...faults],
  });
}
