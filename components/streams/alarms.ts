import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { seeRunbook } from "../runbook";
import type { Tags } from "../tags";

export interface StreamAlarmsArgs {
  readonly streamName: pulumi.Output<string>;
  readonly maxIteratorAgeMinutes: pulumi.Input<number>;
  readonly alarmTopicArn: pulumi.Input<string> | undefined;
  readonly tags: Tags | undefined;
}

/** The alarms of one stream, on metrics that Kinesis gives for each stream without charge. */
export function streamAlarms(
  name: string,
  { streamName, maxIteratorAgeMinutes, alarmTopicArn, tags }: StreamAlarmsArgs,
  opts: pulumi.CustomResourceOptions,
): void {
  const actions = alarmTopicArn === undefined ? [] : [alarmTopicArn];
  const common = {
    namespace: "AWS/Kinesis",
    dimensions: { StreamName: streamName },
    alarmActions: actions,
    okActions: actions,
    tags,
  };
  new aws.cloudwatch.MetricAlarm(
    `${name}-iterator-age`,
    {
      ...common,
      alarmDescription: pulumi.interpolate`The reader of ${streamName} is more than ${maxIteratorAgeMinutes} minutes behind, or nothing reads it; records older than the stream's retention are lost. Look whether the stream job runs. If it does, give its cluster more workers; if it cannot catch up in time, raise the stream's retention first. ${seeRunbook("stream-behind")}`,
      metricName: "GetRecords.IteratorAgeMilliseconds",
      statistic: "Maximum",
      period: 300,
      evaluationPeriods: 3,
      comparisonOperator: "GreaterThanThreshold",
      threshold: pulumi.output(maxIteratorAgeMinutes).apply((minutes) => minutes * 60_000),
      // Without a reader there is no metric: silence is the worst case of being behind.
      treatMissingData: "breaching",
    },
    opts,
  );
  // A record that is refused now and then is sent again by its sender; what lasts is too few shards.
  const throttled = {
    ...common,
    statistic: "Sum",
    period: 60,
    evaluationPeriods: 10,
    datapointsToAlarm: 5,
    comparisonOperator: "GreaterThanThreshold",
    threshold: 0,
    treatMissingData: "notBreaching",
  };
  new aws.cloudwatch.MetricAlarm(
    `${name}-throttled-writes`,
    {
      ...throttled,
      alarmDescription: pulumi.interpolate`Kinesis refuses records for ${streamName}: a shard takes 1 MB and 1,000 records a second. Senders that do not try again lose them. Look for a partition key that most records share; otherwise give the stream more shards, or put it on demand. ${seeRunbook("stream-refuses-records")}`,
      metricName: "WriteProvisionedThroughputExceeded",
    },
    opts,
  );
  new aws.cloudwatch.MetricAlarm(
    `${name}-throttled-reads`,
    {
      ...throttled,
      alarmDescription: pulumi.interpolate`Kinesis refuses reads from ${streamName}: a shard gives 2 MB and answers 5 GetRecords a second, to all its readers together. Look for a second reader, and let it use enhanced fan-out; otherwise have the reader fetch less often, or give the stream more shards. ${seeRunbook("stream-refuses-reads")}`,
      metricName: "ReadProvisionedThroughputExceeded",
    },
    opts,
  );
}
