/**
 * The rules as a policy pack of Pulumi: `pulumi preview --policy-pack policy`. A stack that breaks one is not deployed.
 *
 * What is only known after a deployment is taken as it should be, in a preview; and Pulumi does not tell a pack which inputs
 * are secret, so that rule is the tests' alone.
 */
import { PolicyPack, type PolicyResource } from "@pulumi/policy";
import { readStackConfig } from "../stacks/stack-files";
import { findings } from "./check";
import { unknown, type Resource, type Stack } from "./graph";
import { rules } from "./rules";

new PolicyPack("pinterest-data-pipeline", {
  enforcementLevel: "mandatory",
  policies: rules.map((rule) => ({
    name: rule.name,
    description: `${rule.reason} (${rule.source})`,
    validateStack: ({ resources }, report) => {
      for (const { resource, message } of findings(stackOf(resources), [rule]))
        report(`${resource.name} ${message}`, resource.urn);
    },
  })),
});

/** The resources as the rules take them; whether data may be deleted stands in the stack's file, whose name the URNs bear. */
function stackOf(resources: readonly PolicyResource[]): Stack {
  const [, , stack = ""] = (resources[0]?.urn ?? "").split(":");
  const { project, config } = readStackConfig(stack);
  return {
    resources: resources.map(resourceOf),
    deletesData: config[`${project}:forceDestroy`] === "true",
  };
}

function resourceOf({ type, name, urn, props, opts, dependencies }: PolicyResource): Resource {
  return {
    type,
    name,
    urn,
    inputs: known(props) as Record<string, unknown>,
    secrets: undefined,
    protect: opts.protect,
    dependencies: dependencies.map((dependency) => dependency.urn),
  };
}

/** A copy in which `unknown` stands for each value that throws when it is read, as unknown ones do in a preview. */
function known(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.keys(value).map((key) => [key, readKnown(value, key)] as const);
  return Array.isArray(value) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
}

function readKnown(value: object, key: string): unknown {
  try {
    return known((value as Record<string, unknown>)[key]);
  } catch {
    return unknown;
  }
}
