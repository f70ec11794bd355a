/**
 * Streams: one Kinesis data stream for each kind of post, `streaming-<id>-pin`, `-geo` and `-user`, with the alarms that
 * tell when one of them is about to lose or to hold up posts.
 *
 * Defaults:
 * - on demand: Kinesis keeps as many shards as the traffic needs, 4 MB/s to begin with; the dearer of the two modes for
 *   traffic that is known (docs/scale.md);
 * - encrypted with a KMS key of its own that can be used through Kinesis only, and so by no one who merely may read
 *   streams. It costs a dollar a month beside the AWS managed key `aws/kinesis`, which costs nothing but lets in every
 *   principal of the account that may read streams, and can be neither narrowed nor taken away;
 * - records are kept for 7 days: a reader that fails on a Friday evening has lost nothing on Monday;
 * - records of 1 MiB at most, as Kinesis sets it;
 * - three alarms a stream: a reader that is behind or gone, throttled writes, throttled reads; they notify nobody unless
 *   `alarmTopicArn` says whom;
 * - protected against deletion, and not deleted while readers with enhanced fan-out are registered unless `forceDestroy`
 *   says so. Kinesis itself asks nothing: a deleted stream's records are gone.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import posts from "../../schemas/posts.json";
import { type Fault, refuseFaults } from "../faults";
import { keyPolicy } from "../key-policy";
import type { Tags } from "../tags";
import { streamAlarms } from "./alarms";

/** A kind of post. */
export type Kind = keyof typeof posts.kinds;

/** One of each kind of post. */
export type ByKind<T> = Readonly<Record<Kind, T>>;

/** Who decides on the number of shards: Kinesis, by the traffic, or `shardCount`. */
export type StreamMode = "onDemand" | "provisioned";

export interface StreamsArgs {
  /** The `<id>` in the names of the streams. */
  userId: pulumi.Input<string>;
  /** AWS region that the stack is in. */
  region: pulumi.Input<string>;
  /** AWS account that the stack is in, 12 digits. */
  accountId: pulumi.Input<string>;
  /** May be changed in place, twice in 24 hours. Default `onDemand`. */
  mode?: StreamMode;
  /** Shards of each stream, where `mode` is `provisioned`; of no meaning elsewhere. Default 1. */
  shardCount?: pulumi.Input<number>;
  /** Hours that records are kept, 24 to 8,760. Default 168. */
  retentionHours?: pulumi.Input<number>;
  /** How far, in minutes, a reader may be behind before the alarm. Default 60. */
  maxIteratorAgeMinutes?: pulumi.Input<number>;
  /** SNS topic that is told when an alarm goes off, and when it is over. Default: none. */
  alarmTopicArn?: pulumi.Input<string>;
  /** Whether Pulumi refuses to delete the streams and their key. Default true. */
  protect?: boolean;
  /** Whether streams may be deleted while consumers are registered with them. Default false. */
  forceDestroy?: boolean;
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

const defaultRetentionHours = 168;

const kinds = Object.keys(posts.kinds) as Kind[];

/** Name of the stream of one kind of post: what the emulator posts to and the notebook reads. */
function streamName(userId: string, kind: Kind): string {
  return `streaming-${userId}-${kind}`;
}

export class Streams extends pulumi.ComponentResource {
  /** Known once the streams are there. */
  readonly streamNames: ByKind<pulumi.Output<string>>;
  readonly streamArns: ByKind<pulumi.Output<string>>;
  /** The key that encrypts all of them: who writes needs `kms:GenerateDataKey` on it, who reads `kms:Decrypt`. */
  readonly keyArn: pulumi.Output<string>;

  /** @throws pulumi.InputPropertiesError if arguments are faulty. */
  constructor(name: string, args: StreamsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:streams:Streams", name, {}, opts);
    refuseFaults(`Streams "${name}"`, faultsOf(args));
    const { userId, region, accountId, mode = "onDemand", tags } = args;
    const kept = { parent: this, protect: args.protect ?? true };

    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Encrypts the streams of ${name}`,
        enableKeyRotation: true,
        policy: keyPolicy({ accountId, region, viaService: "kinesis" }),
        tags,
      },
      kept,
    );
    const streams = byKind(
      (kind) =>
        new aws.kinesis.Stream(
          `${name}-${kind}`,
          {
            name: pulumi.output(userId).apply((id) => streamName(id, kind)),
            ...(mode === "provisioned"
              ? {
                  streamModeDetails: { streamMode: "PROVISIONED" },
                  shardCount: args.shardCount ?? 1,
                }
              : { streamModeDetails: { streamMode: "ON_DEMAND" } }),
            retentionPeriod: args.retentionHours ?? defaultRetentionHours,
            encryptionType: "KMS",
            kmsKeyId: key.arn,
            enforceConsumerDeletion: args.forceDestroy ?? false,
            tags,
          },
          kept,
        ),
    );
    for (const kind of kinds)
      streamAlarms(
        `${name}-${kind}`,
        {
          streamName: streams[kind].name,
          maxIteratorAgeMinutes: args.maxIteratorAgeMinutes ?? 60,
          alarmTopicArn: args.alarmTopicArn,
          tags,
        },
        { parent: this },
      );

    this.streamNames = byKind((kind) => streams[kind].name);
    this.streamArns = byKind((kind) => streams[kind].arn);
    this.keyArn = key.arn;
    this.registerOutputs({
      streamNames: this.streamNames,
      streamArns: this.streamArns,
      keyArn: this.keyArn,
    });
  }
}

function byKind<T>(make: (kind: Kind) => T): ByKind<T> {
  return Object.fromEntries(kinds.map((kind) => [kind, make(kind)])) as Record<Kind, T>;
}

function faultsOf(args: StreamsArgs): Fault[] {
  const faults: Fault[] = [];
  const expect = (propertyPath: keyof StreamsArgs, holds: boolean, reason: string) => {
    if (!holds) faults.push({ propertyPath, reason });
  };
  const { userId, mode = "onDemand", shardCount, maxIteratorAgeMinutes } = args;
  const retentionHours = args.retentionHours ?? defaultRetentionHours;
  expect(
    "userId",
    typeof userId !== "string" || /^[A-Za-z0-9_.-]{1,100}$/.test(userId),
    "must be 1 to 100 letters, digits, dots, hyphens or underscores, to be part of a stream's name",
  );
  expect(
    "mode",
    ["onDemand", "provisioned"].includes(mode),
    `must be onDemand or provisioned, and is ${mode}`,
  );
  expect(
    "shardCount",
    typeof shardCount !== "number" || (Number.isInteger(shardCount) && shardCount >= 1),
    "must be a whole number, at least 1",
  );
  expect(
    "retentionHours",
    typeof retentionHours !== "number" ||
      (Number.isInteger(retentionHours) && retentionHours >= 24 && retentionHours <= 8760),
    "must be a whole number of hours from 24 to 8,760",
  );
  expect(
    "maxIteratorAgeMinutes",
    typeof maxIteratorAgeMinutes !== "number" ||
      typeof retentionHours !== "number" ||
      (maxIteratorAgeMinutes > 0 && maxIteratorAgeMinutes < retentionHours * 60),
    "must be more than 0 and less than the records are kept, or the alarm comes when they are gone",
  );
  return faults;
}
