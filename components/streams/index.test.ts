import assert from "node:assert/strict";
import { faultsOf } from "../mocks/faults";
import { accountId, region, textInput } from "../mocks/identity";
import { named, record, type Recorded } from "../mocks/recorder";
import { Streams, type StreamsArgs } from ".";

const defaults: StreamsArgs = {
  userId: "0ea7b76ff169",
  region,
  accountId,
  tags: { project: "pinterest" },
};
const kinds = ["pin", "geo", "user"] as const;
const alarmSuffixes = ["iterator-age", "throttled-writes", "throttled-reads"];

async function recordStreams(args: Partial<StreamsArgs> = {}, preview = false) {
  const { resources, outputs } = await record(
    () => {
      const { streamNames, streamArns, keyArn } = new Streams("streams", { ...defaults, ...args });
      return { streamNames, streamArns, keyArn };
    },
    { preview },
  );
  return { resources: resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"), outputs };
}

function ofType(resources: readonly Recorded[], type: string): Recorded[] {
  return resources.filter((resource) => resource.type === type);
}

const streamsOf = (resources: readonly Recorded[]) =>
  ofType(resources, "aws:kinesis/stream:Stream");
const alarmsOf = (resources: readonly Recorded[]) =>
  ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm");

function refusal(args: Partial<StreamsArgs>) {
  return faultsOf(() => new Streams("streams", { ...defaults, ...args }));
}

describe("Streams", () => {
  for (const preview of [false, true]) {
    describe(preview ? "in preview" : "in an update", () => {
      it("is made of a key, a stream for each kind of post, and three alarms for each stream", async () => {
        const { resources } = await recordStreams({}, preview);
        assert.deepEqual(
          resources.map(({ type, name }) => `${type} ${name}`).sort(),
          [
            "pinterest:streams:Streams streams",
            "aws:kms/key:Key streams-key",
            ...kinds.flatMap((kind) => [
              `aws:kinesis/stream:Stream streams-${kind}`,
              ...alarmSuffixes.map(
                (suffix) => `aws:cloudwatch/metricAlarm:MetricAlarm streams-${kind}-${suffix}`,
              ),
            ]),
          ].sort(),
        );
        const component = named(resources, "streams");
        for (const { custom, parent, name } of resources)
          if (custom) assert.equal(parent, component.urn, name);
      });

      it("names the streams as the emulator and the notebook do", async () => {
        const { resources } = await recordStreams({}, preview);
        for (const kind of kinds)
          assert.equal(
            named(resources, `streams-${kind}`).inputs.name,
            `streaming-0ea7b76ff169-${kind}`,
          );
      });

      it("lets Kinesis choose the shards, or has as many as are asked for", async () => {
        for (const [args, expected] of [
          [{}, [{ streamMode: "ON_DEMAND" }, undefined]],
          [{ shardCount: 3 }, [{ streamMode: "ON_DEMAND" }, undefined]],
          [{ mode: "provisioned" }, [{ streamMode: "PROVISIONED" }, 1]],
          [{ mode: "provisioned", shardCount: 3 }, [{ streamMode: "PROVISIONED" }, 3]],
        ] as const) {
          const { resources } = await recordStreams(args, preview);
          for (const { inputs } of streamsOf(resources))
            assert.deepEqual([inputs.streamModeDetails, inputs.shardCount], expected);
        }
      });

      it("keeps records a week, or as long as is asked for", async () => {
        for (const [args, hours] of [
          [{}, 168],
          [{ retentionHours: 24 }, 24],
        ] as const) {
          const { resources } = await recordStreams(args, preview);
          for (const { inputs } of streamsOf(resources))
            assert.equal(inputs.retentionPeriod, hours);
        }
      });

      it("protects streams and key, and leaves consumers alone, until both are said to go", async () => {
        for (const [args, isProtected, enforced] of [
          [{}, true, false],
          [{ forceDestroy: true }, true, true],
          [{ protect: false }, false, false],
          [{ protect: false, forceDestroy: true }, false, true],
        ] as const) {
          const { resources } = await recordStreams(args, preview);
          for (const { protect, inputs } of streamsOf(resources))
            assert.deepEqual([protect, inputs.enforceConsumerDeletion], [isProtected, enforced]);
          assert.equal(named(resources, "streams-key").protect, isProtected);
        }
      });

      it("tags all that takes tags", async () => {
        const { resources } = await recordStreams({}, preview);
        for (const { custom, name, inputs } of resources)
          if (custom) assert.deepEqual(inputs.tags, { project: "pinterest" }, name);
      });
    });
  }

  it("encrypts the streams with a key that is used through Kinesis only", async () => {
    const { resources, outputs } = await recordStreams();
    for (const { inputs } of streamsOf(resources))
      assert.deepEqual([inputs.encryptionType, inputs.kmsKeyId], ["KMS", outputs.keyArn]);
    const key = named(resources, "streams-key");
    assert.equal(key.inputs.enableKeyRotation, true);
    const { Statement: statements } = JSON.parse(textInput(key, "policy")) as {
      Statement: { Sid: string; Action: string[]; Condition?: unknown; Principal: unknown }[];
    };
    assert.deepEqual(
      statements.map(({ Sid }) => Sid),
      ["DelegateToAccount", "UseThroughService"],
    );
    const [account, use] = statements;
    assert.ok(account && use);
    assert.deepEqual(use.Condition, {
      StringEquals: { "kms:ViaService": "kinesis.us-east-1.amazonaws.com" },
    });
    assert.deepEqual(use.Principal, { AWS: `arn:aws:iam::${accountId}:root` });
    assert.ok(use.Action.includes("kms:GenerateDataKey") && use.Action.includes("kms:Decrypt"));
    assert.ok(account.Action.includes("kms:PutKeyPolicy"), "the key stays governable");
    for (const action of account.Action)
      assert.doesNotMatch(action, /crypt$|DataKey|CreateGrant|\*/, "not without Kinesis");
  });

  it("watches each stream by its own name", async () => {
    const { resources } = await recordStreams({ maxIteratorAgeMinutes: 15 });
    for (const kind of kinds) {
      const dimensions = { StreamName: `streaming-0ea7b76ff169-${kind}` };
      const metrics = alarmSuffixes.map((suffix) => {
        const alarm = named(resources, `streams-${kind}-${suffix}`);
        const { inputs } = alarm;
        assert.deepEqual(inputs.dimensions, dimensions);
        assert.equal(inputs.namespace, "AWS/Kinesis");
        assert.equal(inputs.comparisonOperator, "GreaterThanThreshold");
        assert.match(textInput(alarm, "alarmDescription"), new RegExp(dimensions.StreamName));
        return [inputs.metricName, inputs.statistic, inputs.threshold, inputs.treatMissingData];
      });
      assert.deepEqual(metrics, [
        ["GetRecords.IteratorAgeMilliseconds", "Maximum", 900_000, "breaching"],
        ["WriteProvisionedThroughputExceeded", "Sum", 0, "notBreaching"],
        ["ReadProvisionedThroughputExceeded", "Sum", 0, "notBreaching"],
      ]);
    }
    assert.match(
      textInput(named(resources, "streams-pin-iterator-age"), "alarmDescription"),
      /more than 15 minutes behind.*Look whether the stream job runs/,
    );
  });

  it("tells the topic of each alarm and of its end, and nobody where there is none", async () => {
    const topic = `arn:aws:sns:us-east-1:${accountId}:operators`;
    for (const [args, actions] of [
      [{}, []],
      [{ alarmTopicArn: topic }, [topic]],
    ] as const) {
      const alarms = alarmsOf((await recordStreams(args)).resources);
      assert.equal(alarms.length, 9);
      for (const { inputs } of alarms)
        assert.deepEqual([inputs.alarmActions, inputs.okActions], [actions, actions]);
    }
  });

  it("answers names and ARNs by kind", async () => {
    const { outputs } = await recordStreams();
    assert.deepEqual(Object.keys(outputs.streamNames), kinds);
    for (const kind of kinds) {
      const streamName = `streaming-0ea7b76ff169-${kind}`;
      assert.equal(outputs.streamNames[kind], streamName);
      assert.equal(
        outputs.streamArns[kind],
        `arn:aws:kinesis:us-east-1:${accountId}:stream/${streamName}`,
      );
    }
    assert.match(outputs.keyArn, /^arn:aws:kms:us-east-1:000000000000:key\//);
  });

  it("names every faulty argument in one error", async () => {
    const whole = "must be a whole number of hours from 24 to 8,760";
    assert.deepEqual(
      await refusal({
        userId: "an id",
        mode: "elastic" as "onDemand",
        shardCount: 0,
        retentionHours: 23,
        maxIteratorAgeMinutes: 0,
      }),
      [
        [
          "userId",
          "must be 1 to 100 letters, digits, dots, hyphens or underscores, to be part of a stream's name",
        ],
        ["mode", "must be onDemand or provisioned, and is elastic"],
        ["shardCount", "must be a whole number, at least 1"],
        ["retentionHours", whole],
        [
          "maxIteratorAgeMinutes",
          "must be more than 0 and less than the records are kept, or the alarm comes when they are gone",
        ],
      ],
    );
    assert.deepEqual(await refusal({ retentionHours: 8761 }), [["retentionHours", whole]]);
    assert.deepEqual(
      (await refusal({ retentionHours: 24, maxIteratorAgeMinutes: 1440 })).map(([path]) => path),
      ["maxIteratorAgeMinutes"],
    );
  });
});
