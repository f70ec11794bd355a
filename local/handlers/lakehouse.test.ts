import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import * as aws from "@pulumi/aws";
import * as databricks from "@pulumi/databricks";
import { Lakehouse } from "../../components/lakehouse";
import { cloudOutputs } from "../../components/mocks/outputs";
import { record } from "../../components/mocks/recorder";
import type { Machine } from "../machine";
import { Processes } from "../processes";
import { family, processTable } from "../processes/table";
import { awsOf } from "../services/aws";
import { callDatabricks, executedNotebooks, startDatabricks } from "../services/databricks";
import { JobFailed, runJob } from "../services/jobs";
import { installToolchain } from "../toolchain";
import { lakehouse } from "./lakehouse";
import { storage } from "./storage";

const source = {
  "schemas/posts.json": '{"greeting": "from the schema"}',
  "notebooks/pinterest/__init__.py": "",
  "notebooks/pinterest/values.py": "def twice(number: int) -> int:\n    return 2 * number\n",
  "notebooks/clean.py": `# Databricks notebook source
# MAGIC %md
# MAGIC # Clean one kind

# COMMAND ----------

import json
from pathlib import Path

from delta.tables import DeltaTable
from pinterest.values import twice
from pyspark.sql import functions as F

dbutils.widgets.text("kind", "")
dbutils.widgets.text("topics_directory", "topics")
kind = dbutils.widgets.get("kind")
mount = dbutils.widgets.get("mount_point")
if dbutils.widgets.get("topics_directory") == "broken" and kind == "geo":
    raise ValueError("no <topics> here")

# COMMAND ----------

posts = spark.read.schema("ind int, text string").json(f"{mount}/topics/a.{kind}")
double = F.udf(twice, "int")


def write(batch, number):
    batch.withColumn("double", double("ind")).write.format("delta").mode("append").save(table)


table = f"{mount}/tables/{kind}"
stream = (
    spark.readStream.schema(posts.schema)
    .option("recursiveFileLookup", True)
    .json(f"{mount}/topics/a.{kind}")
    .writeStream.option("checkpointLocation", f"{mount}/checkpoints/{kind}")
    .trigger(availableNow=True)
    .foreachBatch(write)
    .start()
)
stream.awaitTermination()

# COMMAND ----------

display(spark.read.format("delta").load(table).orderBy("ind"))
print("zone", spark.conf.get("spark.sql.session.timeZone"), "version", DeltaTable.forPath(spark, table).history().count())
dbutils.notebook.exit(
    json.dumps(
        {
            "kind": kind,
            "sum": spark.read.format("delta").load(table).agg(F.sum("double")).first()[0],
            "greeting": json.loads(Path("../schemas/posts.json").read_text())["greeting"],
            "mounts": [entry.name for entry in dbutils.fs.ls(mount)],
        }
    )
)
`,
  "notebooks/query.py": `# Databricks notebook source
mount = dbutils.widgets.get("mount_point")
dbutils.fs.put(f"{mount}/results/all.json", "[1]", True)
print(dbutils.fs.head(f"{mount}/results/all.json"))
`,
};

/** Name of the program that a process runs; empty if it ended. */
async function commandOf(pid: number): Promise<string> {
  const { stdout } = await promisify(execFile)("ps", ["-o", "comm=", "-p", String(pid)]).catch(
    () => ({ stdout: "" }),
  );
  return path.basename(stdout.trim());
}

describe("the lakehouse on this machine", function () {
  this.timeout(600_000);
  let directory: string;
  let machine: Machine;
  let jobId: string;
  /** Processes that run where no job does. */
  let atRest: readonly number[];

  const ours = async () =>
    family(await processTable(), process.pid, new Set()).map(({ pid }) => pid);

  /** Waits until nothing of a run is left. */
  async function rest(): Promise<void> {
    const left = async () => (await ours()).filter((pid) => !atRest.includes(pid));
    const bound = Date.now() + 20_000;
    while ((await left()).length > 0) {
      assert.ok(Date.now() < bound, `${(await left()).join()} still run`);
      await sleep(100);
    }
  }

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "lakehouse-"));
    const sourceDirectory = path.join(directory, "source");
    for (const [file, content] of Object.entries(source)) {
      await mkdir(path.dirname(path.join(sourceDirectory, file)), { recursive: true });
      await writeFile(path.join(sourceDirectory, file), content);
    }
    machine = {
      directory: path.join(directory, "run"),
      toolchain: await installToolchain(),
      processes: await Processes.open(path.join(directory, "run")),
      services: {},
      routes: new Map(),
    };
    const { host } = await startDatabricks(machine);
    const handlers = { ...lakehouse, ...storage };
    const { outputs } = await record(
      () => {
        const bucket = new aws.s3.Bucket("lake");
        const { jobId: id } = new Lakehouse(
          "lake",
          {
            userId: "a",
            bucketName: bucket.id,
            bucketArn: bucket.arn,
            topicsDirectory: "topics",
            mountName: "posts",
            workspacePath: "/Shared/posts",
            sourceDirectory,
          },
          { providers: { databricks: new databricks.Provider("databricks", { host }) } },
        );
        return { jobId: id, bucket: bucket.id };
      },
      {
        make: (resource) => handlers[resource.type]?.(resource, machine) ?? cloudOutputs(resource),
      },
    );
    jobId = outputs.jobId;
    const { endpoint, region, ...credentials } = await awsOf(machine);
    const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
    for (const kind of ["pin", "geo", "user"])
      await s3.send(
        new PutObjectCommand({
          Bucket: outputs.bucket,
          Key: `topics/a.${kind}/partition=0/a.${kind}+0+0000000000.json`,
          Body: '{"ind": 1, "text": "one"}\n{"ind": 2, "text": "<b>two</b>"}\n',
        }),
      );
    s3.destroy();
    atRest = await ours();
  });

  after(async () => {
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  it("holds the job in the API's own form, with the declared cluster and parameters", async () => {
    const { settings } = await callDatabricks<{
      settings: {
        tasks: {
          task_key: string;
          job_cluster_key: string;
          notebook_task: { notebook_path: string; base_parameters: Record<string, string> };
          depends_on: { task_key: string }[];
        }[];
        job_clusters: { new_cluster: { spark_conf: Record<string, string> } }[];
      };
    }>(machine, "GET", `/api/2.2/jobs/get?job_id=${jobId}`);
    const query = settings.tasks.find(({ task_key: key }) => key === "query");
    assert.equal(query?.notebook_task.notebook_path, "/Shared/posts/notebooks/query");
    assert.equal(query.notebook_task.base_parameters.mount_point, "/mnt/posts");
    assert.deepEqual(query.depends_on.map(({ task_key: key }) => key).sort(), [
      "clean_geo",
      "clean_pin",
      "clean_user",
    ]);
    assert.equal(
      settings.job_clusters[0]?.new_cluster.spark_conf["spark.sql.session.timeZone"],
      "UTC",
    );
  });

  it("runs the job's notebooks as they are, on Spark, over the mount", async () => {
    const told: string[] = [];
    const run = await runJob(machine, jobId, {
      onTask: ({ key, state }) => told.push(`${key} ${state}`),
    });
    assert.deepEqual(run.tasks.map(({ key, result }) => `${key} ${result}`).sort(), [
      "clean_geo SUCCESS",
      "clean_pin SUCCESS",
      "clean_user SUCCESS",
      "query SUCCESS",
    ]);
    const pin = run.tasks.find(({ key }) => key === "clean_pin");
    assert.deepEqual(JSON.parse(pin?.output ?? ""), {
      kind: "pin",
      sum: 6,
      greeting: "from the schema",
      mounts: ["checkpoints/", "tables/", "topics/"],
    });
    assert.equal(run.tasks.at(-1)?.key, "query");
    assert.equal(run.tasks.at(-1)?.output, undefined);
    assert.ok(told.includes("clean_pin RUNNING") && told.includes("query SUCCESS"), told.join());

    const pages = await readdir(executedNotebooks(machine));
    assert.deepEqual(
      pages.sort(),
      ["clean_geo", "clean_pin", "clean_user", "query"].map((key) => `${run.runId}-${key}.html`),
    );
    const page = await readFile(
      path.join(executedNotebooks(machine), `${run.runId}-clean_pin.html`),
      "utf8",
    );
    for (const shown of [/<h1[^>]*>Clean one kind/, /<td>&lt;b&gt;two/, /zone UTC/, /exited: \{/])
      assert.match(page, shown);
    assert.doesNotMatch(page, /<script[^>]*\ssrc=|<link[^>]*\shref="http/, "needs no network");
  });

  it("fails the run with the notebook's traceback, and skips what depends on it", async () => {
    await assert.rejects(
      runJob(machine, jobId, { parameters: { topics_directory: "broken" } }),
      (error) => {
        assert.ok(error instanceof JobFailed);
        assert.match(error.message, /task clean_geo: FAILED: ValueError: no <topics> here/);
        assert.match(error.message, /Traceback[\s\S]*raise ValueError\("no <topics> here"\)/);
        assert.match(error.message, /task query: SKIPPED/);
        const results = Object.fromEntries(error.run.tasks.map(({ key, ...task }) => [key, task]));
        assert.equal(results.clean_pin?.result, "SUCCESS");
        assert.match(results.clean_pin.output ?? "", /"sum": 6/, "nothing is read twice");
        return true;
      },
    );
  });

  it("fails the run that loses its Spark driver, and says where the driver's log is", async () => {
    await rest();
    const failed = assert.rejects(
      runJob(machine, jobId, { withinSeconds: 300 }),
      /task clean_pin: FAILED: the Spark driver (ended|did not start).*spark\.log/,
    );
    const bound = Date.now() + 60_000;
    let driver: number | undefined;
    while (driver === undefined) {
      assert.ok(Date.now() < bound, "no driver was started");
      await sleep(100);
      // Not the short-lived Java that works out the driver's command line: that is the start script's child.
      const children = (await processTable()).filter(({ parent }) => atRest.includes(parent));
      for (const { pid } of children) if ((await commandOf(pid)) === "java") driver = pid;
    }
    process.kill(driver, "SIGKILL");
    await failed;
  });

  it("leaves no driver and no notebook's process running once a run has ended", async () => {
    await rest();
  });
});
