import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import { mkdtemp, readdir, readFile, readlink, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mock } from "node:test";
import { lock } from "./lock";

describe("lock", () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "lock-"));
    file = join(directory, "journal");
  });

  afterEach(() => rm(directory, { recursive: true }));

  it("lets nobody in until it is unlocked, and names the process that is", async () => {
    const unlock = lock(file, "the journal");
    assert.throws(() => lock(file, "the journal"), {
      name: "UsageError",
      message: `the journal ${file} is in use by process ${process.pid}: wait until it has ended, or end it (kill ${process.pid})`,
    });
    unlock();
    assert.deepEqual(await readdir(directory), []);
    lock(file, "the journal")();
  });

  it("takes over what a killed process has left", async () => {
    const { pid } = spawnSync("true");
    await symlink(`${pid}.1`, `${file}.lock`);
    const unlock = lock(file, "the journal");
    assert.match(await readlink(`${file}.lock`), new RegExp(`^${process.pid}\\b`));
    assert.deepEqual(await readdir(directory), ["journal.lock"]);
    unlock();
  });

  it("takes over what a killed process has left whose number another process has now", async function () {
    if (process.platform !== "linux") this.skip();
    await symlink(`${process.pid}.1`, `${file}.lock`);
    lock(file, "the journal")();
  });

  it("takes over what a process has left that was killed and that nobody has waited for", async function () {
    if (process.platform !== "linux") this.skip();
    // It outlives the shell, which would wait for it.
    const parent = spawn("sh", ["-c", "sleep 0.5 & echo $!; exec sleep 60"], {
      stdio: ["ignore", "pipe", "ignore"],
    });
    try {
      const [pid] = await once(parent.stdout, "data").then(([text]) => String(text).split("\n"));
      let fields: string[];
      do fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(" ");
      while (fields[2] !== "Z");
      await symlink(`${pid}.${fields[21]}`, `${file}.lock`);
      lock(file, "the journal")();
    } finally {
      parent.kill("SIGKILL");
    }
  });

  it("leaves the lock alone that another process has made while this one was about to take over", async () => {
    const unlock = lock(file, "the journal");
    const holder = await readlink(`${file}.lock`);
    const { pid } = spawnSync("true");
    mock.method(fs, "readlinkSync", () => `${pid}.1`, { times: 1 });
    assert.throws(() => lock(file, "the journal"), /is in use/);
    mock.restoreAll();
    assert.equal(await readlink(`${file}.lock`), holder);
    assert.deepEqual(await readdir(directory), ["journal.lock"]);
    unlock();
  });

  it("is unlocked where the process ends without a word", async () => {
    const script = `require(${JSON.stringify(join(__dirname, "lock"))}).lock(${JSON.stringify(file)}, "it");
      process.stdout.write(require("node:fs").readlinkSync(${JSON.stringify(`${file}.lock`)}));
      process.exit(130)`;
    const { status, stdout, pid } = spawnSync(process.execPath, ["--import", "tsx", "-e", script]);
    assert.equal(status, 130);
    assert.match(stdout.toString(), new RegExp(`^${pid}\\b`));
    assert.deepEqual(await readdir(directory), []);
  });
});
