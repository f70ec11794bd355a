import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { generate, kinds, originalRows } from "../emulator";
import { rowJson } from "../emulator/payload";

const page = readFileSync(path.join(__dirname, "..", "docs", "scale.md"), "utf8");

describe("docs/scale.md", () => {
  it("reckons with the sizes that generated records have", () => {
    const sizes = kinds.map(() => [] as number[]);
    for (const { rows } of generate({ rows: originalRows }))
      for (const [index, kind] of kinds.entries())
        sizes[index]?.push(Buffer.byteLength(rowJson(kind, rows[kind] ?? [])));
    const said = [...page.matchAll(/^\| (\w+) +\| (\d+) B +\| (\d+) B +\|/gm)];
    assert.deepEqual(
      said.map(([, kind, mean, largest]) => [kind, Number(mean), Number(largest)]),
      kinds.map((kind, index) => {
        const all = sizes[index] ?? [];
        const mean = all.reduce((sum, size) => sum + size, 0) / all.length;
        return [kind, Math.round(mean), Math.max(...all)];
      }),
    );
  });

  it("names no link that it does not have", () => {
    const used = [...page.matchAll(/\]\[(\w+)\]/g)].map(([, name]) => name);
    const given = [...page.matchAll(/^\[(\w+)\]: https:\/\//gm)].map(([, name]) => name);
    assert.deepEqual([...new Set(used)].sort(), given.sort());
  });
});
