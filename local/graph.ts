/**
 * `npm run graph -- --stack <stack>` prints every resource that the program declares, with no account and no Pulumi CLI:
 * {"stack", "resources": [{"type", "name", "urn", "parent", "inputs", "dependencies", "protect"}]}. Secrets are masked;
 * what only a deployment would tell (ARNs, ids, addresses) is made up in the form of real ones. With `--critical-path` it
 * prints instead the chain of resources that decides how long a deployment takes, with `--costs` what the stack costs a month.
 */
import type { Inputs, Json, Recorded } from "../components/mocks/recorder";
import { readOptions, runCommand, UsageError } from "../emulator/command-line";
import { recordStack } from "../stacks/record-stack";
import { costsTable, monthlyCosts } from "./costs";
import { criticalPath, criticalPathTable } from "./critical-path";

const mask = "[secret]";

/** A resource as `npm run graph` prints it. */
export type GraphResource = Pick<
  Recorded,
  "type" | "name" | "urn" | "parent" | "inputs" | "dependencies" | "protect"
>;

export interface Graph {
  readonly stack: string;
  readonly resources: readonly GraphResource[];
}

/** Records what the program declares for a stack. @throws as `recordStack` does. */
export async function declaredResources(stack: string): Promise<readonly Recorded[]> {
  return (await recordStack(stack)).resources;
}

/** What the program declares for a stack, secrets masked. @throws as `declaredResources` does. */
export async function declaredGraph(stack: string): Promise<Graph> {
  const resources = await declaredResources(stack);
  return {
    stack,
    resources: resources.map(
      ({ type, name, urn, parent, inputs, secrets, dependencies, protect }) => ({
        type,
        name,
        urn,
        parent,
        inputs: secrets.reduce<Inputs>((masked, path) => masking(masked, path) as Inputs, inputs),
        dependencies,
        protect,
      }),
    ),
  };
}

/** A copy of `value` with a mask at `path`. */
function masking(value: Json | Inputs, path: readonly string[]): Json {
  const [key, ...rest] = path;
  if (key === undefined) return mask;
  if (Array.isArray(value)) {
    return value.map((item, index) => (String(index) === key ? masking(item, rest) : item));
  }
  const inputs = value as Record<string, Json>;
  return { ...inputs, [key]: masking(inputs[key] ?? null, rest) };
}

const help = `Usage: npm run --silent graph -- --stack STACK
       npm run --silent graph -- --critical-path | --costs [--stack STACK]

Prints every resource that the program declares for the stack, as JSON. Needs no account and no Pulumi CLI.

  --stack STACK    one that has a file Pulumi.STACK.yaml; with --critical-path and --costs, dev unless told
  --critical-path  instead, the longest chain of the deployment, with what each of its resources typically takes
  --costs          instead, what the stack costs a month before any data flows (docs/costs.md)
  --help           this text
`;

if (require.main === module) {
  void runCommand("graph", async (args) => {
    const options = readOptions(
      { stack: "string", "critical-path": "boolean", costs: "boolean", help: "boolean" },
      args,
    );
    if (options.help) {
      process.stdout.write(help);
      return 0;
    }
    if (options["critical-path"]) {
      const chain = criticalPath(await declaredResources(options.stack ?? "dev"));
      process.stdout.write(criticalPathTable(chain));
      return 0;
    }
    if (options.costs) {
      process.stdout.write(
        costsTable(monthlyCosts(await declaredResources(options.stack ?? "dev"))),
      );
      return 0;
    }
    if (!options.stack) throw new UsageError("name the stack: --stack dev");
    process.stdout.write(JSON.stringify(await declaredGraph(options.stack), undefined, 2) + "\n");
    return 0;
  });
}
