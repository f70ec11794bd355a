/** The toolchain as it is installed, and the sink plugin's own tests. */
import assert from "node:assert/strict";
import { access, mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Processes } from "../processes";
import { processTable } from "../processes/table";
import { installToolchain } from ".";

describe("the toolchain", function () {
  this.timeout(600_000);

  it("is installed once: the second time nothing is done", async () => {
    await installToolchain();
    const progress: string[] = [];
    const begun = Date.now();
    const toolchain = await installToolchain({ onProgress: (line) => progress.push(line) });
    assert.deepEqual(progress, []);
    assert.ok(Date.now() - begun < 5_000);
    for (const file of [
      toolchain.java,
      toolchain.python,
      path.join(toolchain.mariadb, "bin", "mariadbd"),
    ])
      await access(file);
    const jars = await readdir(toolchain.jars.kafka);
    assert.ok(jars.includes("kafka_2.13-4.1.1.jar"), jars.join(" "));
  });

  it("ends its installing when it is told to, and leaves nothing running", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "toolchain-"));
    const ends = new AbortController();
    const groups = async () => {
      const list = await readFile(path.join(directory, "processes.list"), "utf8").catch(() => "");
      return [...list.matchAll(/^group (\d+)/gm)].map(([, group]) => Number(group));
    };
    try {
      const installing = installToolchain({ directory, signal: ends.signal });
      installing.catch(() => undefined);
      while ((await groups()).length < 2) await sleep(20);
      const started = await groups(); // Python's and Maven's
      const begun = Date.now();
      ends.abort(new Error("enough"));
      await assert.rejects(installing, { message: "enough" });
      assert.ok(Date.now() - begun < 5_000, `it took ${Date.now() - begun} ms`);
      const left = (await processTable()).filter(({ group }) => started.includes(group));
      assert.deepEqual(left, []);
      await assert.rejects(installToolchain({ signal: ends.signal }), { message: "enough" });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

  it("has a sink plugin that passes its tests", async () => {
    const directory = await mkdtemp(path.join(tmpdir(), "sink-plugin-"));
    const processes = await Processes.open(directory);
    try {
      await processes.run({
        name: "sink-plugin",
        command: "mvn",
        args: [
          ...["-B", "-ntp", "-q", "test", `-Dtoolchain=${directory}`],
          ...["-f", path.join(__dirname, "..", "sink-plugin", "pom.xml")],
        ],
        withinSeconds: 300,
      });
      const reports = path.join(directory, "build", "sink-plugin", "surefire-reports");
      const texts = await Promise.all(
        (await readdir(reports))
          .filter((name) => name.endsWith(".txt"))
          .map((name) => readFile(path.join(reports, name), "utf8")),
      );
      const run = texts.map((text) => Number(/Tests run: (\d+)/.exec(text)?.[1]));
      assert.equal(texts.length, 3);
      assert.ok(run.reduce((sum, count) => sum + count, 0) >= 17, run.join(" "));
    } finally {
      await processes.stop();
      await rm(directory, { recursive: true, force: true });
    }
  });
});
