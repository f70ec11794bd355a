import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { benches } from "./benches";

describe("the command npm run bench", () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, ["--import", "tsx", path.join(__dirname, "index.ts"), ...args], {
      encoding: "utf8",
      timeout: 60_000,
    });

  it("exits with 2 for a name that it does not know, and names those that it knows", () => {
    const { status, stderr } = run("no-such");
    assert.equal(status, 2);
    for (const { name } of benches) assert.ok(stderr.includes(name), name);
  });

  it("has each benchmark's name once, and two sides that are not the same", () => {
    assert.equal(new Set(benches.map(({ name }) => name)).size, benches.length);
    for (const { sides } of benches) assert.notEqual(sides[0], sides[1]);
  });
});
