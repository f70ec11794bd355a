/**
 * Deploys the program onto this machine: each resource that it registers is made by its handler, in the order that the
 * program's own dependencies give; a resource without one answers as the cloud would, and counts as declared only.
 */
import { cloudOutputs } from "../components/mocks/outputs";
import { recordStack } from "../stacks/record-stack";
import { handlers } from "./handlers";
import { connectApi } from "./handlers/api";
import type { Machine } from "./machine";

/** The stack whose configuration a deployment onto this machine has. */
const stack = "local";

/** A program that runs. */
export interface Deployment {
  /** The stack's outputs. */
  readonly outputs: Awaited<ReturnType<typeof runProgram>>["outputs"];
  /** Types that have no counterpart here, sorted. */
  readonly declaredOnly: readonly string[];
}

export interface DeployOptions {
  /** Told of each resource as it is there. */
  readonly onMade?: (resource: { type: string; name: string; here: boolean }) => void;
  /** Types that are not made here although they could be. Default: none. */
  readonly without?: readonly string[];
}

/**
 * @throws what a handler throws, with the resource's name; what was started by then goes on until `machine.processes` is
 *   stopped.
 */
export async function deploy(
  machine: Machine,
  { onMade, without = [] }: DeployOptions = {},
): Promise<Deployment> {
  const declaredOnly = new Set<string>();
  const { outputs } = await runProgram(machine, without, (type, name, here) => {
    if (!here) declaredOnly.add(type);
    onMade?.({ type, name, here });
  });
  await connectApi(machine);
  return { outputs, declaredOnly: [...declaredOnly].sort() };
}

async function runProgram(
  machine: Machine,
  without: readonly string[],
  made: (type: string, name: string, here: boolean) => void,
) {
  const { databricks } = machine.services;
  if (!databricks)
    throw new Error("the Databricks workspace must run before the program is deployed");
  return recordStack(stack, {
    changes: { databricksHost: databricks.host, databricksToken: databricks.token },
    make: async (resource) => {
      const handler = without.includes(resource.type) ? undefined : handlers[resource.type];
      const answer = handler ? await handler(resource, machine) : cloudOutputs(resource);
      made(resource.type, resource.name, handler !== undefined);
      return answer;
    },
  });
}
