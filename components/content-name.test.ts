import assert from "node:assert/strict";
import { contentDigest, contentName } from "./content-name";

describe("contentName", () => {
  it("changes with the content, at any depth, and not with the order of its keys", () => {
    const digest = contentDigest({ a: 1, b: { c: [1, 2], d: "x" } });
    assert.match(digest, /^[0-9a-f]{8}$/);
    assert.equal(contentDigest({ b: { d: "x", c: [1, 2] }, a: 1 }), digest);
    assert.notEqual(contentDigest({ a: 1, b: { c: [2, 1], d: "x" } }), digest);
    assert.notEqual(contentDigest({ a: 1, b: { c: [1, 2], d: "y" } }), digest);
  });

  it("never grows past what MSK Connect takes, and keeps its digest", () => {
    const name = contentName("p".repeat(200), "content");
    assert.equal(name.length, 128);
    assert.ok(name.endsWith(`p-${contentDigest("content")}`));
  });
});
