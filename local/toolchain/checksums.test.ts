import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { checkJars, readChecksums } from "./checksums";

// Of the texts "one" and "two", by sha256sum.
const one = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed";
const two = "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3";

describe("the checksums of jars", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "checksums-"));
    await mkdir(path.join(directory, "kafka"));
    await writeFile(path.join(directory, "kafka", "a.jar"), "one");
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  async function check(lines: string[], built: string[] = []) {
    const checksums = path.join(directory, "checksums.txt");
    await writeFile(checksums, lines.join("\n"));
    await checkJars({ directory, folders: ["kafka"], checksums, built });
  }

  it("lets pass what is known", async () => {
    await check(["# jars", `${one}  kafka/a.jar`, `${two}  kafka/of-another-system.jar`, ""]);
  });

  it("refuses a jar that is another, with the line that it has", async () => {
    await assert.rejects(check([`${two}  kafka/a.jar`]), ({ message }: Error) => {
      assert.match(message, new RegExp(`^these jars are not those of .*:\n${one}  kafka/a.jar\n`));
      return true;
    });
  });

  it("refuses a jar that nobody knows, but for one that is built here", async () => {
    await writeFile(path.join(directory, "kafka", "b.jar"), "two");
    const lines = [`${one}  kafka/a.jar`];
    await assert.rejects(check(lines), new RegExp(`\n${two}  kafka/b.jar\n`));
    await check(lines, ["b.jar"]);
  });

  it("names a line that is none", () => {
    assert.throws(() => readChecksums(`${one} a.jar`), /^Error: this is no checksum and path: /);
  });
});
