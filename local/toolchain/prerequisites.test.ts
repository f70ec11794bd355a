import assert from "node:assert/strict";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { mariadbSystem } from "./maven";
import { confluentPlugins } from "./plugins";
import { findJava, findMaven, findPython, MissingPrerequisite } from "./prerequisites";

describe("what the toolchain needs of the machine", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "prerequisites-"));
  });

  afterEach(async () => {
    await rm(directory, { recursive: true, force: true });
  });

  /** A program that prints these lines. @returns its absolute path */
  async function program(name: string, ...lines: string[]): Promise<string> {
    const file = path.join(directory, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `#!/bin/sh\ncat <<'END'\n${lines.join("\n")}\nEND\n`);
    await chmod(file, 0o755);
    return file;
  }

  it("takes the Java of JAVA_HOME where it is new enough", async () => {
    await program("bin/java", "java.home = /opt/jdk", "java.specification.version = 21");
    assert.equal(await findJava({ JAVA_HOME: directory }), "/opt/jdk/bin/java");
  });

  it("refuses an old Java, and none, saying what is needed", async () => {
    await assert.rejects(
      findJava({ JAVA_HOME: path.join(directory, "absent") }),
      /^MissingPrerequisite: Java 17 or newer is needed \(a JDK\); .*absent.* cannot be run/,
    );
    await program("bin/java", "java.home = /opt/jdk", "java.specification.version = 1.8");
    await assert.rejects(
      findJava({ JAVA_HOME: directory }),
      /^MissingPrerequisite: Java 17 or newer is needed; .*java is Java 1\.8\. /,
    );
  });

  it("refuses a Java without its compiler", async () => {
    await assert.rejects(
      findMaven(path.join(directory, "bin", "java")),
      /^MissingPrerequisite: a JDK is needed, not only a runtime/,
    );
  });

  it("takes the first Python of a version that it can use", async () => {
    const old = await program("old", "/usr/bin/python3.9", "3.9");
    const fit = await program("fit", "/usr/bin/python3.12", "3.12");
    assert.equal(
      await findPython([path.join(directory, "absent"), old, fit]),
      "/usr/bin/python3.12",
    );
    await assert.rejects(findPython([old]), {
      name: "MissingPrerequisite",
      message: `Python 3.11, 3.12 or 3.13 is needed; ${old} is 3.9. Install one of them.`,
    });
    await assert.rejects(findPython([]), /none was found/);
  });

  it("names the systems that MariaDB comes for", () => {
    assert.equal(mariadbSystem("linux", "x64"), "linux64");
    assert.equal(mariadbSystem("darwin", "arm64"), "macos-arm64");
    assert.throws(() => mariadbSystem("win32", "x64"), MissingPrerequisite);
  });

  it("uses Confluent's own plugin where it is unpacked, and says so where it is not", async () => {
    const plugins = path.join(directory, "plugins");
    await program("plugins/README.md");
    assert.equal(await confluentPlugins(plugins), undefined);
    await program("plugins/confluentinc-kafka-connect-s3-10.5.13.zip");
    await assert.rejects(confluentPlugins(plugins), /\.zip is not unpacked: see README\.md/);
    await program("plugins/confluentinc-kafka-connect-s3-10.5.13/lib/kafka-connect-s3.jar");
    assert.equal(await confluentPlugins(plugins), plugins);
  });
});
