import assert from "node:assert/strict";
import { appendFileSync, cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as databricks from "@pulumi/databricks";
import { faultsOf } from "../mocks/faults";
import { arn, textInput } from "../mocks/identity";
import { named, record } from "../mocks/recorder";
import { Lakehouse, type LakehouseArgs } from ".";
import { repository } from "./workspace-sources";

const bucketName = "user-0ea7b76ff169-bucket";
const bucketArn = `arn:aws:s3:::${bucketName}`;
const keyArn = arn("kms", "key/8f3a1f0e-6a49-4e0f-9f35-1c2d3e4f5a6b");
const names = {
  pin: "streaming-0ea7b76ff169-pin",
  geo: "streaming-0ea7b76ff169-geo",
  user: "streaming-0ea7b76ff169-user",
};
const arns = {
  pin: arn("kinesis", `stream/${names.pin}`),
  geo: arn("kinesis", `stream/${names.geo}`),
  user: arn("kinesis", `stream/${names.user}`),
};
const streams = { names, arns, keyArn };

/** The Lakehouse of this repository's own notebooks. */
function declare(args: Partial<LakehouseArgs> = {}, preview = false) {
  return record(
    () => {
      const provider = new databricks.Provider("workspace", { host: "https://dbc.test" });
      const lakehouse = new Lakehouse(
        "lake",
        { userId: "0ea7b76ff169", bucketName, bucketArn, ...args },
        { providers: { databricks: provider } },
      );
      return {
        ...(lakehouse.streamJobId && { streamJobId: lakehouse.streamJobId }),
        instanceProfileArn: lakehouse.instanceProfileArn,
      };
    },
    { preview },
  );
}

describe("the Lakehouse's stream job", () => {
  for (const preview of [false, true]) {
    describe(preview ? "in preview" : "in an update", () => {
      it("adds a job, its notebook and the right to read the streams, and nothing else", async () => {
        const without = await declare({}, preview);
        const { resources } = await declare({ streams }, preview);
        const before = new Set(without.resources.map(({ urn }) => urn));
        assert.deepEqual(
          resources
            .filter(({ urn }) => !before.has(urn))
            .map(({ type, name, parent }) => [type, name, parent === named(resources, "lake").urn])
            .sort(),
          [
            ["aws:iam/rolePolicy:RolePolicy", "lake-cluster-streams-policy", true],
            ["databricks:index/job:Job", "lake-stream", true],
            ["databricks:index/notebook:Notebook", "lake-notebook-stream", true],
          ],
        );
        assert.equal(named(resources, "lake-stream").provider, named(resources, "workspace").urn);
      });

      it("runs without an end unless it is paused", async () => {
        for (const [streamPaused, pauseStatus] of [
          [undefined, "UNPAUSED"],
          [false, "UNPAUSED"],
          [true, "PAUSED"],
        ] as const) {
          const { resources } = await declare({ streams, streamPaused }, preview);
          const { inputs } = named(resources, "lake-stream");
          assert.deepEqual(inputs.continuous, { pauseStatus, taskRetryMode: "NEVER" });
        }
      });
    });
  }

  it("runs the stream notebook with the streams' names, on a cluster of a fixed size", async () => {
    const { resources, outputs } = await declare({ streams, tags: { team: "posts" } });
    const { jobClusters, tags, ...job } = named(resources, "lake-stream").inputs;
    assert.equal((tags as Record<string, string>).team, "posts");
    assert.deepEqual(job, {
      name: "pinterest-0ea7b76ff169-test-stream",
      description: "Cleans the posts while they arrive in the streams",
      continuous: { pauseStatus: "UNPAUSED", taskRetryMode: "NEVER" },
      controlRunState: true,
      tasks: [
        {
          taskKey: "stream",
          jobClusterKey: "stream",
          dependsOns: [],
          runIf: "ALL_SUCCESS",
          notebookTask: {
            notebookPath: "/pinterest-0ea7b76ff169-test/notebooks/stream",
            source: "WORKSPACE",
            baseParameters: {
              user_id: "0ea7b76ff169",
              mount_point: "/mnt/pinterest-0ea7b76ff169-test",
              pin_stream: names.pin,
              geo_stream: names.geo,
              user_stream: names.user,
              region: "us-east-1",
              trigger: "30",
            },
          },
          retryOnTimeout: false,
          timeoutSeconds: 0,
        },
      ],
      maxConcurrentRuns: 1,
      timeoutSeconds: 0,
    });
    assert.deepEqual(jobClusters, [
      {
        jobClusterKey: "stream",
        newCluster: {
          sparkVersion: "17.3.x-scala2.13",
          nodeTypeId: "m6gd.large",
          driverNodeTypeId: "m6gd.large",
          dataSecurityMode: "NONE",
          runtimeEngine: "STANDARD",
          enableElasticDisk: true,
          enableLocalDiskEncryption: true,
          awsAttributes: {
            firstOnDemand: 1,
            availability: "SPOT_WITH_FALLBACK",
            spotBidPricePercent: 100,
            zoneId: "auto",
            instanceProfileArn: outputs.instanceProfileArn,
          },
          numWorkers: 2,
          sparkConf: {
            "spark.sql.session.timeZone": "UTC",
            "spark.databricks.delta.autoCompact.enabled": "true",
          },
          customTags: { team: "posts" },
        },
      },
    ]);
  });

  it("is changed, and so runs anew, with the code that it runs, and with no other", async () => {
    const sourceDirectory = mkdtempSync(path.join(tmpdir(), "lakehouse-"));
    try {
      for (const folder of ["notebooks", "schemas"])
        cpSync(path.join(repository, folder), path.join(sourceDirectory, folder), {
          recursive: true,
        });
      const job = async (edited?: string) => {
        if (edited !== undefined) appendFileSync(path.join(sourceDirectory, edited), "\n");
        const { resources } = await declare({ streams, sourceDirectory });
        return named(resources, "lake-stream").inputs;
      };
      const first = await job();
      assert.deepEqual(await job("notebooks/query.py"), first);
      let before = first;
      for (const file of [
        "notebooks/stream.py",
        "notebooks/pinterest/cleaning.py",
        "schemas/posts.json",
      ]) {
        const after = await job(file);
        assert.notDeepEqual(after, before, file);
        before = after;
      }
    } finally {
      rmSync(sourceDirectory, { recursive: true });
    }
  });

  it("takes the interval and the workers from its arguments", async () => {
    const { resources } = await declare({ streams, streamIntervalSeconds: 5, streamWorkers: 3 });
    const { tasks, jobClusters } = named(resources, "lake-stream").inputs as unknown as {
      tasks: [{ notebookTask: { baseParameters: { trigger: string } } }];
      jobClusters: [{ newCluster: { numWorkers: number } }];
    };
    assert.equal(tasks[0].notebookTask.baseParameters.trigger, "5");
    assert.equal(jobClusters[0].newCluster.numWorkers, 3);
  });

  it("lets clusters read exactly these streams, and use their key through Kinesis only", async () => {
    const { resources } = await declare({ streams });
    assert.deepEqual(
      JSON.parse(textInput(named(resources, "lake-cluster-streams-policy"), "policy")),
      {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "ReadStreams",
            Effect: "Allow",
            Action: [
              "kinesis:DescribeStreamSummary",
              "kinesis:GetRecords",
              "kinesis:GetShardIterator",
              "kinesis:ListShards",
            ],
            Resource: [arns.pin, arns.geo, arns.user],
          },
          {
            Sid: "DecryptThroughKinesis",
            Effect: "Allow",
            Action: "kms:Decrypt",
            Resource: keyArn,
            Condition: { StringEquals: { "kms:ViaService": "kinesis.us-east-1.amazonaws.com" } },
          },
        ],
      },
    );
  });

  it("starts only once its right, mount, notebook and files are there", async () => {
    const { resources } = await declare({ streams });
    const { dependencies } = named(resources, "lake-stream");
    for (const name of [
      "lake-mount",
      "lake-notebook-stream",
      "lake-instance-profile",
      "lake-file-schemas-posts-json",
      "lake-file-notebooks-pinterest-stream-py",
    ])
      assert.ok(dependencies.includes(named(resources, name).urn), name);
    assert.ok(
      named(resources, "lake-instance-profile").dependencies.includes(
        named(resources, "lake-cluster-streams-policy").urn,
      ),
    );
  });

  it("answers its id where there are streams, and none elsewhere", async () => {
    const { outputs } = await declare({ streams });
    assert.match(outputs.streamJobId ?? "", /^[1-9]\d{14}$/);
    const without = await declare();
    assert.equal(without.outputs.streamJobId, undefined);
  });

  it("names faulty intervals and workers", async () => {
    const faults = await faultsOf(
      () =>
        new Lakehouse("lake", {
          userId: "0ea7b76ff169",
          bucketName,
          bucketArn,
          streams,
          streamIntervalSeconds: 0.5,
          streamWorkers: 0,
        }),
    );
    assert.deepEqual(
      faults.filter(([property]) => property !== "providers"),
      [
        ["streamIntervalSeconds", "must be a whole number of seconds, at least 1"],
        ["streamWorkers", "must be a whole number, at least 1"],
      ],
    );
  });
});
