import assert from "node:assert/strict";
import { watch } from "node:fs";
import { access, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Processes } from "../processes";
import { findPython } from "./prerequisites";
import { makePython } from "./python";

const requirements = path.join(__dirname, "..", "python", "requirements.txt");

describe("a Python environment", function () {
  this.timeout(120_000);
  const settings = ["UV_SYSTEM_PYTHON", "UV_PYTHON", "TMPDIR"];
  const users = settings.map((name) => process.env[name]);
  let directory: string;
  let processes: Processes;

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "python-"));
    processes = await Processes.open(directory);
  });

  after(async () => {
    for (const [index, name] of settings.entries()) {
      Reflect.deleteProperty(process.env, name);
      const value = users[index];
      if (value !== undefined) process.env[name] = value;
    }
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("gets its packages itself, compiled, whatever uv is set to by the user, and puts nothing elsewhere", async () => {
    const lock = path.join(directory, "lock.txt");
    const [pinned] =
      /^iniconfig==.*\n(?: {4}--hash=.*\n?)+/m.exec(await readFile(requirements, "utf8")) ?? [];
    assert.ok(pinned, "the lock file is to have a small package");
    await writeFile(lock, pinned);
    const target = path.join(directory, "environment");
    const other = path.join(directory, "other");
    const python = await findPython();
    const args = ["-m", "venv", "--without-pip", other];
    await processes.run({ name: "other", command: python, args });
    process.env.UV_SYSTEM_PYTHON = "1";
    process.env.UV_PYTHON = path.join(other, "bin", "python");
    const temporary = path.join(directory, "temporary");
    await mkdir(temporary);
    process.env.TMPDIR = temporary;
    const appeared: unknown[] = [];
    const watcher = watch(temporary, (_, name) => appeared.push(name));
    try {
      await makePython(processes, python, lock, target);
    } finally {
      watcher.close();
    }
    assert.deepEqual(appeared, [], "it would stay where the installation is ended");
    const output = await processes.run({
      name: "import",
      command: path.join(target, "bin", "python"),
      args: [
        "-B",
        "-c",
        "import iniconfig; print(iniconfig.__file__); print(iniconfig.__cached__)",
      ],
    });
    const [source = "", compiled = ""] = output.split("\n");
    assert.ok(source.startsWith(`${target}/`), `${source} is not in ${target}`);
    await access(compiled);
    const log = await readFile(processes.log("python"), "utf8");
    assert.doesNotMatch(log, /error:/, "pip was to help out");
  });
});
