import assert from "node:assert/strict";
import fs from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { appendDeadLetter } from "./dead-letters";

describe("appendDeadLetter", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "dead-letters-"));
  });

  afterEach(async () => {
    mock.restoreAll();
    await rm(directory, { recursive: true });
  });

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
    const lines = rows.map(
      (row, index) =>
        `{"path":"stream","table":"user_data","key":${index + 1},"reason":"refused","row":${row}}\n`,
    );
    assert.deepEqual(kept, [lines[0], lines.join("")]);
    assert.equal(await readFile(file, "utf8"), lines.join(""));
  });

  const letter = (key: number) => ({ kind: "user", key, reason: "refused", json: "{}" }) as const;
  const line = (key: number) =>
    `{"path":"batch","table":"user_data","key":${key},"reason":"refused","row":{}}\n`;

  it("leaves no half of a letter where the disk is full", async () => {
    const file = join(directory, "letters.jsonl");
    appendDeadLetter(file, "batch", letter(1));
    const { writeSync } = fs;
    let isFull = false;
    mock.method(fs, "writeSync", (descriptor: number, bytes: Buffer, offset: number) => {
      if (isFull) throw new Error("ENOSPC");
      isFull = true;
      return writeSync(descriptor, bytes, offset, 10);
    });
    assert.throws(() => {
      appendDeadLetter(file, "batch", letter(2));
    }, /ENOSPC/);
    mock.restoreAll();
    assert.equal(await readFile(file, "utf8"), line(1));
  });

  it("begins a line of its own after one that has no end", async () => {
    const file = join(directory, "letters.jsonl");
    await writeFile(file, '{"path":"ba');
    appendDeadLetter(file, "batch", letter(1));
    appendDeadLetter(file, "batch", letter(2));
    assert.equal(await readFile(file, "utf8"), `{"path":"ba\n${line(1)}${line(2)}`);
  });
});
