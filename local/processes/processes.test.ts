import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../ports";
import { stopLeftovers } from "./leftovers";
import { processTable } from "./table";
import { Processes } from ".";

/** A process that listens on a port, and starts a child of its own that ignores SIGTERM. */
const server = `
  require("node:child_process").spawn("/bin/sh", ["-c", "trap '' TERM; while :; do sleep 1; done"]);
  require("node:http").createServer((_, reply) => reply.end("yes")).listen(+process.argv[1], "127.0.0.1");
`;

async function answers(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/`)).ok;
}

async function groupMembers(group: number): Promise<number> {
  return (await processTable()).filter((entry) => entry.group === group).length;
}

/** Waits until `condition` holds. */
async function until(condition: () => Promise<boolean>, withinMilliseconds = 8_000): Promise<void> {
  const bound = Date.now() + withinMilliseconds;
  while (!(await condition())) {
    assert.ok(Date.now() < bound, "the condition did not come to hold in time");
    await sleep(50);
  }
}

describe("processes", function () {
  this.timeout(30_000);
  let directory: string;
  let processes: Processes;

  beforeEach(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "processes-"));
    processes = await Processes.open(directory);
  });

  afterEach(async () => {
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function startServer(name: string) {
    const port = await freePort();
    const service = await processes.start({
      name,
      command: process.execPath,
      args: ["-e", server, String(port)],
      healthy: () => answers(port),
      stopWithinSeconds: 1,
    });
    return { port, service };
  }

  it("starts a service, and stops it with its children that ignore SIGTERM", async () => {
    const { port, service } = await startServer("server");
    assert.equal(await answers(port), true);
    await until(async () => (await groupMembers(service.pid)) >= 2);
    await service.stop();
    assert.equal(await groupMembers(service.pid), 0);
    await assert.rejects(answers(port));
    assert.equal(await processes.guard(Promise.resolve("goes on")), "goes on");
  });

  it("fails the guarded work when a service dies, naming it and its log", async () => {
    const { service } = await startServer("broker");
    const work = processes.guard(sleep(20_000, undefined, { ref: false }));
    process.kill(service.pid, "SIGKILL");
    await assert.rejects(work, {
      message: `broker was ended by SIGKILL; its log: ${path.join(directory, "logs", "broker.log")}`,
    });
  });

  it("tells the end of the log of a service that ends before it is healthy", async () => {
    await assert.rejects(
      processes.start({
        name: "broken",
        command: "/bin/sh",
        args: ["-c", "echo no such setting >&2; exit 3"],
        healthy: () => Promise.resolve(false),
      }),
      /^Error: broken ended before it was healthy; the end of .*broken\.log:\nno such setting$/,
    );
  });

  it("stops a service that is not healthy in time", async () => {
    await assert.rejects(
      processes.start({
        name: "slow",
        command: "/bin/sh",
        args: ["-c", "echo $$; sleep 60"],
        healthy: () => Promise.reject(new Error("refused")),
        healthyWithinSeconds: 0.5,
      }),
      /slow is not healthy after 0.5 s/,
    );
    const pid = Number(await readFile(processes.log("slow"), "utf8"));
    assert.equal(await groupMembers(pid), 0);
  });

  it("names the command that does not exist", async () => {
    await assert.rejects(
      processes.run({ name: "absent", command: "/no/such/command", args: [] }),
      /absent cannot be started: .*ENOENT/,
    );
  });

  it("runs a process to its end, with its environment, output and log", async () => {
    const output = await processes.run({
      name: "once",
      command: "/bin/sh",
      args: ["-c", 'echo "$GREETING"; echo aside >&2; pwd -P >&2'],
      environment: { GREETING: "good day" },
    });
    assert.equal(output, "good day\n");
    const log = await readFile(processes.log("once"), "utf8");
    assert.match(log, /good day/);
    assert.match(log, /aside/);
    assert.ok(log.includes(path.basename(directory)));
  });

  for (const [what, given, seen] of [
    ["no proxy is set", {}, ["127.0.0.1,localhost", "127.0.0.1,localhost"]],
    [
      "hosts are set",
      { NO_PROXY: "one", no_proxy: "two" },
      ["one,127.0.0.1,localhost", "two,127.0.0.1,localhost"],
    ],
    [
      "hosts are set in one spelling",
      { no_proxy: "two" },
      ["two,127.0.0.1,localhost", "two,127.0.0.1,localhost"],
    ],
    ["every host is set", { NO_PROXY: "*" }, ["*", "*"]],
  ] as const)
    it(`keeps the user's proxy out between the processes where ${what}`, async () => {
      const names = ["NO_PROXY", "no_proxy"] as const;
      const own = names.map((name) => [name, process.env[name]] as const);
      for (const name of names) Reflect.deleteProperty(process.env, name);
      Object.assign(process.env, given);
      try {
        const args = ["-c", 'echo "$NO_PROXY"; echo "$no_proxy"'];
        const output = await processes.run({ name: "once", command: "/bin/sh", args });
        assert.deepEqual(output.trim().split("\n"), seen);
      } finally {
        for (const [name, value] of own)
          if (value === undefined) Reflect.deleteProperty(process.env, name);
          else process.env[name] = value;
      }
    });

  it("tells how a process that was run failed", async () => {
    const run = (script: string, withinSeconds?: number) =>
      processes.run({ name: "once", command: "/bin/sh", args: ["-c", script], withinSeconds });
    await assert.rejects(run("echo bad luck; exit 4"), /once ended with code 4; .*\nbad luck$/s);
    await assert.rejects(run("sleep 60", 0.3), /once took longer than 0.3 s/);
  });

  it("stops in the reverse order of the start, and starts others after it", async () => {
    const order = path.join(directory, "order");
    const start = (name: string) =>
      processes.start({
        name,
        command: "/bin/sh",
        args: [
          "-c",
          `trap 'echo ${name} >> ${order}; exit' TERM; touch ${directory}/${name}; while :; do sleep 0.1; done`,
        ],
        healthy: async () => (await readFile(path.join(directory, name), "utf8")) === "",
      });
    for (const name of ["first", "second", "third"]) await start(name);
    await processes.stopServices();
    for (const name of ["fourth", "fifth"]) await start(name);
    await processes.stop();
    assert.deepEqual((await readFile(order, "utf8")).trim().split("\n"), [
      "third",
      "second",
      "first",
      "fifth",
      "fourth",
    ]);
  });

  it("ends what is run to its end too when all is stopped, and starts nothing from then on", async () => {
    const script = "trap 'sleep 1; exit' TERM; echo $$; touch ready; while :; do sleep 0.1; done";
    const shell = { command: "/bin/sh", args: ["-c", script] };
    const installing = assert.rejects(
      processes.run({ name: "uv", ...shell }).catch(() => processes.run({ name: "pip", ...shell })),
      { message: "pip cannot be started: everything is being stopped" },
    );
    await until(() => Promise.resolve(existsSync(path.join(directory, "ready"))));
    const group = Number(await readFile(processes.log("uv"), "utf8"));
    assert.ok((await groupMembers(group)) > 0, "it is to be running when all is stopped");
    const stopped = processes.stop();
    await assert.rejects(
      processes.start({ name: "late", ...shell, healthy: () => Promise.resolve(true) }),
      { message: "late cannot be started: everything is being stopped" },
    );
    await stopped;
    assert.equal(await groupMembers(group), 0);
    await installing;
  });

  it("fails the guarded work when its signal aborts, before it began or later", async () => {
    const ends = new AbortController();
    const work = processes.guard(sleep(20_000, undefined, { ref: false }), ends.signal);
    ends.abort(new Error("enough"));
    await assert.rejects(work, { message: "enough" });
    const own = await Processes.open(path.join(directory, "own"));
    const late = own.guard(sleep(20_000, undefined, { ref: false }), ends.signal);
    await assert.rejects(late, { message: "enough" });
    await own.stop();
  });

  it("counts the memory of what it started", async () => {
    const before = await processes.peakMemoryMiB();
    const ready = path.join(directory, "ready");
    await processes.start({
      name: "hungry",
      command: process.execPath,
      args: [
        "-e",
        `globalThis.kept = Buffer.alloc(200 << 20, 1); require("fs").writeFileSync(${JSON.stringify(ready)}, ""); setInterval(() => {}, 1000)`,
      ],
      healthy: async () => (await readFile(ready, "utf8")) === "",
    });
    const after = await processes.peakMemoryMiB();
    assert.ok(after - before > 180 && after - before < 400, `${before} MiB grew to ${after} MiB`);
  });

  describe("when the parent is killed", () => {
    /** Runs a parent in another process that starts two services in `own`, prints their pids and waits. */
    async function startParent(own: string) {
      const file = path.join(directory, "parent.ts");
      await writeFile(
        file,
        `import { Processes } from ${JSON.stringify(__dirname)};
         void (async () => {
           const processes = await Processes.open(process.argv[2]!);
           for (const name of ["one", "two"]) {
             const service = await processes.start({ name, command: "/bin/sh",
               args: ["-c", "trap '' TERM; while :; do sleep 0.1; done"], healthy: async () => true });
             console.log(service.pid);
           }
           setInterval(() => {}, 1000);
         })();`,
      );
      const parent = spawn(process.execPath, ["--import", "tsx", file, own], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let printed = "";
      parent.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      await until(() => Promise.resolve(printed.split("\n").length === 3), 15_000);
      return { parent, groups: printed.trim().split("\n").map(Number) };
    }

    it("kills all that it started, and the next run starts clean", async () => {
      const own = path.join(directory, "own");
      const { parent, groups } = await startParent(own);
      await assert.rejects(Processes.open(own), /another run \(process \d+\) is going on in/);
      parent.kill("SIGKILL");
      await until(async () => {
        const members = await Promise.all(groups.map(groupMembers));
        return members.every((count) => count === 0);
      });
      const next = await Processes.open(own);
      await next.stop();
    });

    it("stops all when only npm, which started it, is killed", async () => {
      const own = path.join(directory, "own");
      const file = path.join(directory, "started.ts");
      await writeFile(
        file,
        `import { Processes } from ${JSON.stringify(__dirname)};
         void (async () => {
           const processes = await Processes.open(process.argv[2]!);
           const service = await processes.start({ name: "one", command: "/bin/sh",
             args: ["-c", "while :; do sleep 0.1; done"], healthy: async () => true });
           console.log("group " + service.pid);
           await processes.guard(new Promise(() => {})).catch(() => processes.stop());
         })();`,
      );
      const root = path.join(__dirname, "..", "..");
      const start = `cd '${root}' && '${process.execPath}' --import tsx '${file}' '${own}'`;
      await writeFile(path.join(directory, "package.json"), JSON.stringify({ scripts: { start } }));
      const npm = spawn("npm", ["start"], { cwd: directory, stdio: ["ignore", "pipe", "inherit"] });
      let printed = "";
      npm.stdout.on("data", (chunk: Buffer) => (printed += chunk.toString()));
      await until(() => Promise.resolve(/^group \d+$/m.test(printed)), 20_000);
      const group = Number(/^group (\d+)$/m.exec(printed)?.[1]);
      assert.ok((await groupMembers(group)) > 0);
      npm.kill("SIGKILL");
      await until(async () => (await groupMembers(group)) === 0);
      // A moment later the run itself has ended too, and left nothing.
      await until(() =>
        stopLeftovers(own).then(
          (left) => left === 0,
          () => false,
        ),
      );
    });

    it("leaves what the watcher could not kill to the next run", async () => {
      const own = path.join(directory, "own");
      const { parent, groups } = await startParent(own);
      const watchers = (await processTable()).filter(
        (entry) => entry.parent === parent.pid && !groups.includes(entry.group),
      );
      for (const { pid } of watchers) process.kill(pid, "SIGKILL");
      parent.kill("SIGKILL");
      await until(async () => !(await processTable()).some(({ pid }) => pid === parent.pid));
      assert.equal(await stopLeftovers(own), 2);
      assert.deepEqual(await Promise.all(groups.map(groupMembers)), [0, 0]);
    });
  });
});
