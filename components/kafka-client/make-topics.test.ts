/** Runs the script that makes the topics, as the Kafka client does, against tools that keep topics in a file. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { record } from "../mocks/recorder";
import { hostScript } from "./host";
import { scriptText } from "./remote-host";

describe("make-topics.sh", () => {
  let home: string;
  const state = () => readFileSync(path.join(home, "topics"), "utf8");

  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), "kafka-home-"));
    mkdirSync(path.join(home, "bin"));
    writeFileSync(path.join(home, "topics"), "");
    for (const tool of ["kafka-topics.sh", "kafka-configs.sh"])
      symlinkSync(path.join(__dirname, "fixtures", "kafka-tool.sh"), path.join(home, "bin", tool));
  });

  afterEach(() => {
    rmSync(home, { recursive: true });
  });

  async function run(topics: string, { replicationFactor = 3, fault = "" } = {}) {
    const { outputs } = await record(() => ({
      text: scriptText(hostScript("make-topics"), {
        BOOTSTRAP_SERVERS: "127.0.0.1:9092",
        REPLICATION_FACTOR: replicationFactor,
        TOPICS: pulumi.output(topics),
      }),
    }));
    writeFileSync(path.join(home, "calls"), "");
    const { status, stdout, stderr } = spawnSync("bash", ["-c", outputs.text], {
      encoding: "utf8",
      timeout: 30_000,
      env: {
        PATH: process.env.PATH,
        KAFKA_HOME: home,
        CLIENT_PROPERTIES: "/dev/null",
        ATTEMPTS: "2",
        PAUSE_SECONDS: "0",
        FAULT: fault,
      },
    });
    const calls = readFileSync(path.join(home, "calls"), "utf8").trimEnd().split("\n");
    const actions = calls.map((call) =>
      call.match(/^\S+|--(?:alter|create|describe|list)\b/g)?.join(" "),
    );
    return { status, stdout, stderr, actions, calls };
  }

  const wanted = "u.pin\t3\tmin.insync.replicas=2\nu.dead-letter\t1";

  it("makes the topics, verifies them and prints their names", async () => {
    const { status, stdout, calls, actions } = await run(wanted);
    assert.equal(status, 0);
    assert.equal(stdout, "u.pin\nu.dead-letter\n");
    assert.equal(state(), "u.pin\t3\t3\tmin.insync.replicas=2\nu.dead-letter\t1\t3\t\n");
    assert.deepEqual(actions, [
      "kafka-topics --describe",
      "kafka-topics --create",
      "kafka-topics --create",
      "kafka-topics --list",
    ]);
    for (const call of calls)
      assert.match(call, /--bootstrap-server 127\.0\.0\.1:9092 --command-config \/dev\/null/);
  });

  it("changes nothing the second time, and starts two tools only", async () => {
    await run(wanted);
    const before = state();
    const { status, stdout, actions } = await run(wanted);
    assert.equal(status, 0);
    assert.equal(stdout, "u.pin\nu.dead-letter\n");
    assert.equal(state(), before);
    assert.deepEqual(actions, ["kafka-topics --describe", "kafka-topics --list"]);
  });

  it("adds partitions", async () => {
    await run("u.pin\t3");
    const { status, actions, stderr } = await run("u.pin\t12");
    assert.equal(status, 0);
    assert.equal(state(), "u.pin\t12\t3\t\n");
    assert.match(stderr, /u\.pin: grows from 3 to 12 partitions/);
    assert.deepEqual(actions, [
      "kafka-topics --describe",
      "kafka-topics --alter",
      "kafka-topics --list",
    ]);
  });

  it("never removes partitions or copies, and says so", async () => {
    await run("u.pin\t12");
    const { status, stdout, stderr, actions } = await run("u.pin\t3", { replicationFactor: 2 });
    assert.equal(status, 0);
    assert.equal(stdout, "u.pin\n");
    assert.equal(state(), "u.pin\t12\t3\t\n");
    assert.match(stderr, /u\.pin: keeps its 12 partitions, though 3 are wanted/);
    assert.match(stderr, /u\.pin: keeps its 3 copies of each partition, though 2 are wanted/);
    assert.deepEqual(actions, ["kafka-topics --describe", "kafka-topics --list"]);
  });

  it("sets the settings that differ, and only them", async () => {
    await run("u.pin\t1\tretention.ms=1000\tmin.insync.replicas=2");
    const { status, calls } = await run(
      "u.pin\t1\tretention.ms=1000\tmin.insync.replicas=1\tcleanup.policy=compact,delete",
    );
    assert.equal(status, 0);
    assert.match(
      calls[1] ?? "",
      /^kafka-configs .*--entity-name u\.pin --add-config min\.insync\.replicas=\[1\],cleanup\.policy=\[compact,delete\]$/,
    );
  });

  it("does not take a topic for another whose name its own is part of", async () => {
    await run("u.pin.old\t1");
    const { status, stdout } = await run("u.pin\t1");
    assert.equal(status, 0);
    assert.equal(stdout, "u.pin\n");
    assert.equal(state(), "u.pin.old\t1\t3\t\nu.pin\t1\t3\t\n");
  });

  it("fails, naming what is missing, when the cluster does not list a topic", async () => {
    const { status, stdout, stderr } = await run(wanted, { fault: "unlisted" });
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /does not list all topics; missing: u\.pin, u\.dead-letter/);
  });

  it("fails, having changed nothing, when the cluster does not answer", async () => {
    const { status, stderr, actions } = await run(wanted, { fault: "silent" });
    assert.equal(status, 1);
    assert.equal(state(), "");
    assert.match(stderr, /127\.0\.0\.1:9092 did not answer in 2 tries/);
    assert.deepEqual(actions, ["kafka-topics --describe", "kafka-topics --describe"]);
  });
});
