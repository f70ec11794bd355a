import assert from "node:assert/strict";
import { record } from "../components/mocks/recorder";
import { readConfig } from "../stacks/config";
import { pipeline } from "../stacks/pipeline";
import { readStackConfig } from "../stacks/stack-files";
import { findings, unusedWaivers } from "./check";
import type { Stack } from "./graph";

const prefix = "pinterest-data-pipeline:";

async function declared(
  stack: string,
  {
    preview = false,
    changes = {},
    as = stack,
  }: { preview?: boolean; changes?: Record<string, string>; as?: string } = {},
): Promise<Stack> {
  const { config, secretKeys } = readStackConfig(stack);
  const changed = Object.fromEntries(
    Object.entries(changes).map(([key, value]) => [prefix + key, value]),
  );
  const { resources } = await record(() => pipeline(readConfig()), {
    stack: as,
    config: { ...config, ...changed },
    secretConfig: secretKeys,
    preview,
  });
  return { resources, deletesData: config[`${prefix}forceDestroy`] === "true" };
}

function told(stack: Stack): string[] {
  return findings(stack).map(
    ({ rule, resource, message }) => `${rule.name}: ${resource.name} ${message}`,
  );
}

describe("the whole program", () => {
  for (const stack of ["dev", "prod"])
    for (const preview of [false, true])
      it(`breaks no rule as ${stack} (preview ${preview})`, async () => {
        assert.deepEqual(told(await declared(stack, { preview })), []);
      });

  it("has names that fit, with the longest id and a long stack name", async () => {
    const changes = { userId: "abcdefghij0123456789" };
    const stack = await declared("prod", { changes, as: "quality-assurance-of-europe" });
    assert.deepEqual(told(stack), []);
  });

  for (const [what, changes] of [
    ["MSK Serverless", { kafkaMode: "serverless" }],
    ["Unity Catalog", { databricksCatalog: "main", databricksReaders: '["analysts"]' }],
    ["callers who sign with IAM", { apiAuthorization: "iam" }],
  ] as const)
    it(`breaks no rule with ${what}`, async () => {
      assert.deepEqual(told(await declared("dev", { changes: { ...changes } })), []);
    });

  it("is waived nothing that it does not break", async () => {
    const stacks = [await declared("dev"), await declared("prod")];
    assert.deepEqual(unusedWaivers(stacks), []);
  });
});
