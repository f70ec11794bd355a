/**
 * Observability: alarms over the whole path and one dashboard of what they watch, in the order that a post passes through;
 * and, where an amount is given, a budget for the month. Alarms of a stream belong to Streams, which makes them.
 *
 * Defaults:
 * - every alarm tells the topic when it goes off and when it is over, and says in its description what to do first and which
 *   entry of docs/runbook.md says more;
 * - a lack of values counts as bad only where silence is what the alarm is for;
 * - no budget.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { seeRunbook } from "../runbook";
import type { Tags } from "../tags";
import { dashboardBody } from "./dashboard";
import {
  type AirflowArgs,
  airflowWatches,
  apiWatches,
  databaseWatches,
  kafkaWatches,
  proxyWatches,
  sinkWatches,
  type ApiArgs,
  type DatabaseArgs,
  type KafkaArgs,
  type ProxyArgs,
  type SinkArgs,
  type Watch,
} from "./watches";

export { AlarmTopic } from "./alarm-topic";

/** What the stack may cost. */
export interface BudgetArgs {
  /** US dollars a month. */
  readonly dollars: number;
  /** Tags that the stack's resources bear; each must be active as a cost allocation tag, which takes AWS up to a day. */
  readonly byTags: Readonly<Record<string, string>>;
}

export interface ObservabilityArgs {
  /** AWS region that the stack is in. */
  region: pulumi.Input<string>;
  /** SNS topic that is told. */
  alarmTopicArn: pulumi.Input<string>;
  api: ApiArgs;
  proxy: ProxyArgs;
  kafka: KafkaArgs;
  sink: SinkArgs;
  /** Kinesis streams on the dashboard. */
  streamNames: readonly pulumi.Input<string>[];
  /** Default: none is watched. */
  airflow?: AirflowArgs | undefined;
  /** Default: none is watched. */
  database?: DatabaseArgs | undefined;
  /** Default none. */
  budget?: BudgetArgs | undefined;
  /** Tags of everything that takes them. Default none. */
  tags?: Tags;
}

/** See the top of this file. */
export class Observability extends pulumi.ComponentResource {
  readonly dashboardName: pulumi.Output<string>;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:observability:Observability", name, {}, opts);
    const { region, alarmTopicArn, airflow, database, budget, tags } = args;
    const watches = [
      ...(database ? databaseWatches(database) : []),
      ...apiWatches(args.api),
      ...proxyWatches(args.proxy),
      ...kafkaWatches(args.kafka),
      ...sinkWatches(args.kafka.clusterArn, args.sink),
      ...(airflow ? airflowWatches(airflow) : []),
    ];
    for (const watch of watches) this.alarm(name, watch, alarmTopicArn, tags);
    const dashboard = new aws.cloudwatch.Dashboard(
      `${name}-dashboard`,
      {
        dashboardName: [pulumi.getProject(), pulumi.getStack(), name].join("-"),
        dashboardBody: dashboardBody(watches, args.streamNames, region),
      },
      { parent: this },
    );
    if (budget) this.budget(name, budget, alarmTopicArn, tags);
    this.dashboardName = dashboard.dashboardName;
    this.registerOutputs({ dashboardName: this.dashboardName });
  }

  private alarm(
    name: string,
    watch: Watch,
    topicArn: pulumi.Input<string>,
    tags: Tags | undefined,
  ): void {
    const { namespace, dimensions, statistic, periodSeconds: period, comparison } = watch;
    const [metric, ...others] = watch.metrics;
    new aws.cloudwatch.MetricAlarm(
      `${name}-${watch.suffix}`,
      {
        alarmDescription: `${watch.description} ${seeRunbook(watch.entry)}`,
        ...(others.length === 0
          ? {
              namespace,
              metricName: metric,
              dimensions,
              period,
              ...(statistic === "p99" ? { extendedStatistic: statistic } : { statistic }),
            }
          : {
              metricQueries: [
                {
                  id: "total",
                  expression: watch.metrics.map((_, index) => `part${index}`).join(" + "),
                  label: watch.metrics.join(" + "),
                  returnData: true,
                },
                ...watch.metrics.map((metricName, index) => ({
                  id: `part${index}`,
                  metric: { namespace, metricName, dimensions, period, stat: statistic },
                })),
              ],
            }),
        evaluationPeriods: watch.periods,
        comparisonOperator: comparison === "above" ? "GreaterThanThreshold" : "LessThanThreshold",
        threshold: watch.threshold,
        treatMissingData: watch.silence,
        alarmActions: [topicArn],
        okActions: [topicArn],
        tags,
      },
      { parent: this },
    );
  }

  private budget(
    name: string,
    { dollars, byTags }: BudgetArgs,
    topicArn: pulumi.Input<string>,
    tags: Tags | undefined,
  ): void {
    const notifications = [
      ["ACTUAL", 80],
      ["ACTUAL", 100],
      ["FORECASTED", 100],
    ] as const;
    new aws.budgets.Budget(
      `${name}-budget`,
      {
        budgetType: "COST",
        timeUnit: "MONTHLY",
        limitAmount: String(dollars),
        limitUnit: "USD",
        metrics: "UnblendedCost",
        filterExpression: {
          ands: Object.entries(byTags).map(([key, value]) => ({ tags: { key, values: [value] } })),
        },
        notifications: notifications.map(([notificationType, threshold]) => ({
          notificationType,
          threshold,
          thresholdType: "PERCENTAGE",
          comparisonOperator: "GREATER_THAN",
          subscriberSnsTopicArns: [topicArn],
        })),
        tags,
      },
      { parent: this },
    );
  }
}
