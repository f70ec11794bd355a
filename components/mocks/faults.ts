/** The faults that a component finds in its arguments, for tests. */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record } from "./recorder";

/**
 * Runs a program that must be refused.
 *
 * @returns each fault as the argument's name and the reason, in the order that they were found.
 * @throws AssertionError if it is not refused by a pulumi.InputPropertiesError whose message names every fault.
 */
export async function faultsOf(program: () => unknown): Promise<[string, string][]> {
  const thrown: unknown = await record(program).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(pulumi.InputPropertiesError.isInstance(thrown), `not refused: ${String(thrown)}`);
  for (const { propertyPath, reason } of thrown.errors)
    assert.ok(thrown.message.includes(`${propertyPath}: ${reason}`), thrown.message);
  return thrown.errors.map(({ propertyPath, reason }) => [propertyPath, reason]);
}
