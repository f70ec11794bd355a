/** The dashboard's body (CloudWatch: "Dashboard body structure and syntax"). */
import * as pulumi from "@pulumi/pulumi";
import type { Watch } from "./watches";

type Line = Pick<Watch, "namespace" | "metrics" | "dimensions" | "statistic" | "periodSeconds">;

const columns = 3;
const width = 24 / columns;
const height = 6;

/** A graph for each entry of the runbook, and for what the streams carry, in the order that a post passes through. */
export function dashboardBody(
  watches: readonly Watch[],
  streamNames: readonly pulumi.Input<string>[],
  region: pulumi.Input<string>,
): pulumi.Output<string> {
  const graphs = new Map<string, Line[]>();
  const add = (title: string, line: Line) =>
    graphs.set(title, [...(graphs.get(title) ?? []), line]);
  for (const watch of watches) add(watch.entry, watch);
  for (const [title, metric, statistic] of [
    ["stream-behind", "GetRecords.IteratorAgeMilliseconds", "Maximum"],
    ["stream-refuses-records", "WriteProvisionedThroughputExceeded", "Sum"],
    ["stream-refuses-reads", "ReadProvisionedThroughputExceeded", "Sum"],
  ] as const)
    for (const name of streamNames)
      add(title, {
        namespace: "AWS/Kinesis",
        metrics: [metric],
        dimensions: { StreamName: name },
        statistic,
        periodSeconds: 300,
      });
  return pulumi.jsonStringify({
    widgets: [...graphs].map(([title, lines], index) => ({
      type: "metric",
      x: (index % columns) * width,
      y: Math.floor(index / columns) * height,
      width,
      height,
      properties: {
        title: title.replaceAll("-", " "),
        region,
        view: "timeSeries",
        metrics: lines.flatMap(({ namespace, metrics, dimensions, statistic, periodSeconds }) =>
          metrics.map((metric) => [
            namespace,
            metric,
            ...Object.entries(dimensions).flat(),
            { stat: statistic, period: periodSeconds },
          ]),
        ),
      },
    })),
  });
}
