import { arn, physicalName } from "../identity";
import type { OutputsByType } from "./outputs-by-type";

export const streams: OutputsByType = {
  "aws:kinesis/stream:Stream": (resource) => {
    const name = physicalName(resource);
    const streamArn = arn("kinesis", `stream/${name}`);
    return { id: streamArn, arn: streamArn, name, maxRecordSizeInKib: 1024 };
  },
  "aws:cloudwatch/metricAlarm:MetricAlarm": (resource) => {
    const name = physicalName(resource);
    return { id: name, name, arn: arn("cloudwatch", `alarm:${name}`) };
  },
};
