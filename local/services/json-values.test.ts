import assert from "node:assert/strict";
import { hasTooManyValues, valuesAtMost } from "./json-values";

const listOf = (value: string, count: number) =>
  Buffer.from(`[${Array.from({ length: count }, () => value).join(",")}]`);

describe("hasTooManyValues", () => {
  it("counts lists, objects and what they hold, however deep", () => {
    const half = valuesAtMost / 2;
    for (const [text, isTooMany] of [
      [listOf("12", valuesAtMost), false],
      [listOf("12", valuesAtMost + 1), true],
      [listOf('{"a":1}', half), false],
      [listOf('{"a":1}', half + 1), true],
      [Buffer.from(" ".repeat(3 << 20) + "[".repeat(valuesAtMost)), false],
      [Buffer.from(" ".repeat(3 << 20) + "[".repeat(valuesAtMost + 1)), true],
    ] as const)
      assert.equal(hasTooManyValues(text), isTooMany, text.subarray(0, 20).toString());
  });

  it("counts nothing that stands in a text", () => {
    const text = String.raw`"[{,\"[{,\\"`;
    assert.equal(hasTooManyValues(listOf(text, valuesAtMost / 2)), false);
  });

  it("leaves a body alone that is too small to fill the memory", () => {
    assert.equal(hasTooManyValues(Buffer.alloc(2 << 20, "[")), false);
  });
});
