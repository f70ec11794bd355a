/** A replay that is killed in the middle and resumed, over the whole of both pipelines. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { generate, kinds, load, type Kind } from "../../emulator";
import { spawnEmulatorFor, type EmulatorProcess } from "../../emulator/testing/command";
import { recordsInTopic, untilStored } from "../counts";
import { deploy } from "../deploy";
import { orchestration } from "../handlers/orchestration";
import { cleanedBy, streamedBy } from "../job-outputs";
import type { Machine } from "../machine";
import { Processes } from "../processes";
import { startDatabricks } from "../services/databricks";
import { runJob } from "../services/jobs";
import { installToolchain } from "../toolchain";

const rows = 1_500;

/** Posts that have arrived when the emulator is killed. */
const kills = [300, 800];

describe("a replay that is killed and resumed", function () {
  this.timeout(600_000);
  let directory: string;
  let machine: Machine;
  let emulator: EmulatorProcess | undefined;

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "resume-"));
    const run = path.join(directory, "run");
    const processes = await Processes.open(run);
    machine = {
      directory: run,
      toolchain: await installToolchain(),
      processes,
      services: {},
      routes: new Map(),
    };
  });

  after(async () => {
    emulator?.child.kill("SIGKILL");
    await emulator?.ended();
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("brings every post, and each stands in the tables of both pipelines once", async () => {
    await startDatabricks(machine);
    const { outputs } = await machine.processes.guard(
      deploy(machine, { without: Object.keys(orchestration) }),
    );
    const { mysql, kafka, aws } = machine.services;
    const { userId, apiKey, streamJobId = "" } = outputs;
    assert.ok(mysql && kafka && aws && apiKey);
    await load(generate({ rows, seed: 3 }), mysql, { replace: true });

    const begin = (...more: readonly string[]) =>
      spawnEmulatorFor(
        { userId, apiKey },
        mysql,
        ...["--api", outputs.invokeUrl, "--target", "both", "--rate", "250"],
        ...["--batch-records", "50", "--journal", path.join(directory, "journal"), ...more],
      );
    const inTopic = (kind: Kind) => recordsInTopic(kafka, `${userId}.${kind}`);
    emulator = begin();
    for (const posts of kills) {
      while ((await inTopic("pin")) < posts && emulator.child.exitCode === null) await sleep(20);
      emulator.child.kill("SIGKILL");
      assert.equal((await emulator.ended()).code, null, "it ended before it was to be killed");
      emulator = begin("--resume");
    }
    assert.equal((await emulator.ended()).code, 0);

    for (const kind of kinds) {
      const objects = { bucket: outputs.bucketName, prefix: `topics/${userId}.${kind}/` };
      await untilStored(aws, objects, await inTopic(kind), 120);
    }
    const streamRun = await runJob(machine, streamJobId, {
      parameters: { trigger: "availableNow" },
    });
    const batchRun = await runJob(machine, outputs.batchJobId);
    const cleaned = cleanedBy(batchRun);
    const streamed = streamedBy(streamRun);
    for (const kind of kinds) {
      const { digest, total } = cleaned[kind];
      const read = await inTopic(kind);
      assert.deepEqual(
        total,
        { read, cleaned: rows, duplicates: read - rows, quarantined: 0 },
        kind,
      );
      assert.equal(streamed[kind].total.cleaned, rows, kind);
      assert.equal(streamed[kind].total.quarantined, 0, kind);
      assert.equal(streamed[kind].digest, digest, kind);
    }
  });
});
