/** Counterparts of Kinesis: streams of MiniStack. */
import { setTimeout as sleep } from "node:timers/promises";
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Handlers } from "../handler";
import type { Services } from "../machine";
import { awsOf } from "../services/aws";
import { callKinesis } from "../services/kinesis";

/** Shards that Kinesis gives a new stream on demand (AWS: "Choose the right mode in Kinesis Data Streams"); MiniStack gives one. */
const shardsOnDemand = 4;

/** What Kinesis keeps records for unless it is told another number of hours. */
const shortestRetention = 24;

interface Summary {
  readonly StreamDescriptionSummary: { readonly StreamARN: string; readonly StreamStatus: string };
}

/** The stream's ARN, once it takes records. @throws if it does not within 30 seconds. */
async function activeStream(aws: Services["aws"], StreamName: string): Promise<string> {
  const bound = Date.now() + 30_000;
  while (Date.now() < bound) {
    const { StreamDescriptionSummary: stream } = await callKinesis<Summary>(
      aws,
      "DescribeStreamSummary",
      { StreamName },
    );
    if (stream.StreamStatus === "ACTIVE") return stream.StreamARN;
    await sleep(100);
  }
  throw new Error(`the stream ${StreamName} was not active within 30 seconds`);
}

export const streams: Handlers = {
  "aws:kinesis/stream:Stream": async (resource, machine) => {
    const aws = await awsOf(machine);
    const { outputs } = cloudOutputs(resource);
    const StreamName = String(outputs.name);
    const { streamModeDetails, shardCount, retentionPeriod, encryptionType } = resource.inputs;
    const { streamMode = "PROVISIONED" } = (streamModeDetails ?? {}) as { streamMode?: string };
    await callKinesis(aws, "CreateStream", {
      StreamName,
      StreamModeDetails: { StreamMode: streamMode },
      ShardCount: streamMode === "ON_DEMAND" ? shardsOnDemand : shardCount,
    });
    const arn = await activeStream(aws, StreamName);
    if (typeof retentionPeriod === "number" && retentionPeriod > shortestRetention)
      await callKinesis(aws, "IncreaseStreamRetentionPeriod", {
        StreamName,
        RetentionPeriodHours: retentionPeriod,
      });
    if (encryptionType === "KMS")
      await callKinesis(aws, "StartStreamEncryption", {
        StreamName,
        EncryptionType: encryptionType,
        KeyId: textInput(resource, "kmsKeyId"),
      });
    return { id: arn, outputs: { ...outputs, arn } };
  },
};
