import assert from "node:assert/strict";
import fs from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { appendDeadLetter } from "./dead-letters";

describe("appendDeadLetter", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "dead-letters-"));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it("appends each as a line, which the disk has before it returns", async () => {
    const file = join(directory, "state", "letters.jsonl");
    const kept: string[] = [];
    const { fsyncSync } = fs;
    mock.method(fs, "fsyncSync", (descriptor: number) => {
      fsyncSync(descriptor);
      kept.push(fs.readFileSync(file, "utf8"));
    });
    const rows = ['{"ind":1,"age":34}', '{"ind":2,"age":20}'];
    for (const [index, json] of rows.entries()) {
      const letter = { kind: "user", key: index + 1, reason: "refused", json } as const;
      appendDeadLetter(file, "stream", letter);
    }
    mock.restoreAll();
    const lines = rows.map(
      (row, index) =>
        `{"path":"stream","table":"user_data","key":${index + 1},"reason":"refused","row":${row}}\n`,
    );
    assert.deepEqual(kept, [lines[0], lines.join("")]);
    assert.equal(await readFile(file, "utf8"), lines.join(""));
  });
});
