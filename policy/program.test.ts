import assert from "node:assert/strict";
import { recordStack, type RecordStackOptions } from "../stacks/record-stack";
import { readStackConfig } from "../stacks/stack-files";
import { findings, unusedWaivers } from "./check";
import type { Stack } from "./graph";

async function declared(stack: string, options: RecordStackOptions = {}): Promise<Stack> {
  const { project, config } = readStackConfig(stack);
  const { resources } = await recordStack(stack, options);
  return { resources, deletesData: config[`${project}:forceDestroy`] === "true" };
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
