import assert from "node:assert/strict";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { isMade, makePart, type Part } from "./part";

describe("a part of the toolchain", () => {
  let directory: string;
  let part: Part;

  beforeEach(async () => {
    directory = path.join(await mkdtemp(path.join(tmpdir(), "part-")), "target", "checkout");
    await mkdir(path.join(directory, "poms", "kafka"), { recursive: true });
    await writeFile(path.join(directory, "poms", "kafka", "pom.xml"), "one");
    await writeFile(path.join(directory, "lock.txt"), "a==1");
    part = {
      name: "jars",
      title: "jars",
      sources: [path.join(directory, "poms"), path.join(directory, "lock.txt")],
      variant: "linux",
      products: [path.join(directory, "kafka")],
      needs: [path.join(directory, "kafka", "java")],
    };
  });

  afterEach(async () => {
    await rm(path.join(directory, "..", ".."), { recursive: true, force: true });
  });

  const product = () => path.join(directory, "kafka", "kafka.jar");

  async function make() {
    await mkdir(path.dirname(product()));
    await writeFile(product(), "jar");
    await symlink(path.join(directory, "lock.txt"), path.join(directory, "kafka", "java"));
  }

  it("is made once", async () => {
    assert.equal(await isMade(directory, part), false);
    await makePart(directory, part, make);
    assert.equal(await isMade(directory, part), true);
  });

  async function dangle() {
    await rm(path.join(directory, "kafka", "java"));
    await symlink(path.join(directory, "absent"), path.join(directory, "kafka", "java"));
  }

  const changes: [string, () => Promise<unknown>][] = [
    ["a file changes", () => writeFile(path.join(directory, "lock.txt"), "a==2")],
    ["a file below changes", () => writeFile(path.join(directory, "poms/kafka/pom.xml"), "two")],
    ["a file is added", () => writeFile(path.join(directory, "poms", "pom.xml"), "")],
    ["its product is removed", () => rm(path.join(directory, "kafka"), { recursive: true })],
    ["what it links to is gone", dangle],
    ["its variant changes", () => Promise.resolve((part = { ...part, variant: "macos" }))],
  ];
  for (const [what, change] of changes)
    it(`is made again when ${what}`, async () => {
      await makePart(directory, part, make);
      await change();
      assert.equal(await isMade(directory, part), false);
      await makePart(directory, part, make);
      assert.equal(await isMade(directory, part), true);
    });

  it("is not made again for what a build leaves in target/", async () => {
    await makePart(directory, part, make);
    await mkdir(path.join(directory, "poms", "target"));
    await writeFile(path.join(directory, "poms", "target", "some.class"), "");
    assert.equal(await isMade(directory, part), true);
  });

  it("does not count as made when making it fails in the middle, and leaves nothing to the next time", async () => {
    await makePart(directory, part, make);
    const half = async () => {
      await mkdir(path.dirname(product()));
      await writeFile(product(), "half a j");
      throw new Error("the connection was cut");
    };
    await assert.rejects(makePart(directory, part, half), /the connection was cut/);
    assert.equal(await isMade(directory, part), false);
    await makePart(directory, part, make);
    assert.equal(await readFile(product(), "utf8"), "jar");
  });
});
