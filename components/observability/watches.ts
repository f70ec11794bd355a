/**
 * What is watched, as data: each watch is one alarm, and a line on the dashboard. Metrics, dimensions and statistics are
 * those of AWS's pages "Amazon API Gateway dimensions and metrics", "CloudWatch metrics for your Network Load Balancer",
 * "Metrics for monitoring Standard brokers with CloudWatch" (all at level DEFAULT or PER_BROKER), "Monitoring Amazon MSK
 * Connect", "Container, queue, and database metrics for Amazon MWAA", "Amazon CloudWatch metrics for Amazon RDS".
 */
import * as pulumi from "@pulumi/pulumi";

type Dimensions = Readonly<Record<string, pulumi.Input<string>>>;

/** A metric, or the sum of several of the same dimensions, and when it needs someone. */
export interface Watch {
  /** End of the alarm's logical name. */
  readonly suffix: string;
  /** Entry of docs/runbook.md. */
  readonly entry: string;
  /** What is wrong, and what to do first. */
  readonly description: string;
  readonly namespace: string;
  /** Names of the metrics that are added up. */
  readonly metrics: readonly [string, ...string[]];
  readonly dimensions: Dimensions;
  readonly statistic: "Average" | "Maximum" | "Minimum" | "Sum" | "p99";
  readonly periodSeconds: number;
  /** Periods, all of them beyond the threshold, before the alarm goes off. */
  readonly periods: number;
  readonly comparison: "above" | "below";
  readonly threshold: pulumi.Input<number>;
  /** What no value means: nothing bad, or what the alarm is for. */
  readonly silence: "notBreaching" | "breaching";
}

export interface ApiArgs {
  /** Name of the REST API. */
  readonly name: pulumi.Input<string>;
  /** Name of its stage. */
  readonly stage: pulumi.Input<string>;
}

export function apiWatches({ name, stage }: ApiArgs): Watch[] {
  const common = {
    namespace: "AWS/ApiGateway",
    dimensions: { ApiName: name, Stage: stage },
    periodSeconds: 300,
    comparison: "above",
    // No requests, no values: that senders are silent is no fault of the API.
    silence: "notBreaching",
  } as const;
  return [
    {
      ...common,
      suffix: "api-refusals",
      entry: "api-refuses-requests",
      description:
        "More than 5 % of requests to the API are refused (4xx). Look at the status codes in the access log first: 403 is a key, 429 the throttle, 400 the body.",
      // The average of a count of errors is their share of all requests.
      metrics: ["4XXError"],
      statistic: "Average",
      periods: 3,
      threshold: 0.05,
    },
    {
      ...common,
      suffix: "api-failures",
      entry: "api-fails",
      description:
        "More than 1 % of requests to the API fail (5xx): posts are not taken. Look whether the REST proxies are healthy, then at the access log's integration errors.",
      metrics: ["5XXError"],
      statistic: "Average",
      periods: 2,
      threshold: 0.01,
    },
    {
      ...common,
      suffix: "api-latency",
      entry: "api-slow",
      description:
        "One in a hundred requests to the API takes more than 5 seconds. Look at the brokers' CPU, then at the REST proxies'.",
      metrics: ["Latency"],
      statistic: "p99",
      periods: 3,
      threshold: 5000,
    },
  ];
}

export interface ProxyArgs {
  readonly loadBalancerArn: pulumi.Input<string>;
  readonly targetGroupArn: pulumi.Input<string>;
}

export function proxyWatches({ loadBalancerArn, targetGroupArn }: ProxyArgs): Watch[] {
  const common = {
    namespace: "AWS/NetworkELB",
    dimensions: {
      LoadBalancer: afterSlash(loadBalancerArn, ":loadbalancer/"),
      TargetGroup: pulumi.interpolate`targetgroup/${afterSlash(targetGroupArn, ":targetgroup/")}`,
    },
    periodSeconds: 60,
  } as const;
  return [
    {
      ...common,
      suffix: "proxy-unhealthy",
      entry: "rest-proxy-unhealthy",
      description:
        "A REST proxy has not answered its health check for 5 minutes. See the service's state on its host: systemctl status.",
      metrics: ["UnHealthyHostCount"],
      statistic: "Minimum",
      periods: 5,
      comparison: "above",
      threshold: 0,
      silence: "notBreaching",
    },
    {
      ...common,
      suffix: "proxy-none",
      entry: "rest-proxy-gone",
      description:
        "No REST proxy answers: the API takes no posts for Kafka. See whether the hosts run, then the service on them.",
      metrics: ["HealthyHostCount"],
      statistic: "Maximum",
      periods: 3,
      comparison: "below",
      threshold: 1,
      // A load balancer without targets tells of none.
      silence: "breaching",
    },
  ];
}

export interface KafkaArgs {
  readonly clusterArn: pulumi.Input<string>;
  /** Brokers that CloudWatch tells of; 0 where AWS manages them or the cluster is someone else's. */
  readonly brokerCount: number;
}

export function kafkaWatches({ clusterArn, brokerCount }: KafkaArgs): Watch[] {
  if (brokerCount === 0) return [];
  const cluster = { "Cluster Name": clusterName(clusterArn) };
  const common = { namespace: "AWS/Kafka", comparison: "above" } as const;
  const brokers = Array.from({ length: brokerCount }, (_, index) => index + 1).flatMap(
    (broker): Watch[] => {
      const each = {
        ...common,
        dimensions: { ...cluster, "Broker ID": String(broker) },
        periodSeconds: 300,
        // A broker that is replaced is silent for a while; that the others feel it is what under-replication tells.
        silence: "notBreaching",
      } as const;
      return [
        {
          ...each,
          suffix: `broker-${broker}-disk`,
          entry: "kafka-disk-full",
          description: `Broker ${broker} has used more than 80 % of its storage, although it grows by itself. See whether it has reached kafkaMaxVolumeGiB.`,
          metrics: ["KafkaDataLogsDiskUsed"],
          statistic: "Maximum",
          periods: 2,
          threshold: 80,
        },
        {
          ...each,
          suffix: `broker-${broker}-cpu`,
          entry: "kafka-cpu-high",
          description: `Broker ${broker} has spent more than 60 % of its CPU for 15 minutes; AWS wants the rest free for when another broker is away. Look for what is new: a reader, more posts, a broker being replaced.`,
          metrics: ["CpuUser", "CpuSystem"],
          statistic: "Average",
          periods: 3,
          threshold: 60,
        },
        {
          ...each,
          suffix: `broker-${broker}-under-replicated`,
          entry: "kafka-under-replicated",
          description: `Partitions of broker ${broker} lack copies for 15 minutes. See whether a broker is being healed or updated: aws kafka describe-cluster-v2.`,
          metrics: ["UnderReplicatedPartitions"],
          statistic: "Minimum",
          periods: 3,
          threshold: 0,
        },
      ];
    },
  );
  return [
    ...brokers,
    {
      ...common,
      suffix: "kafka-offline",
      entry: "kafka-offline-partitions",
      description:
        "Partitions have no leader: posts to them fail. See whether brokers are away: aws kafka list-nodes.",
      metrics: ["OfflinePartitionsCount"],
      dimensions: cluster,
      statistic: "Maximum",
      periodSeconds: 60,
      periods: 3,
      threshold: 0,
      silence: "notBreaching",
    },
    {
      ...common,
      suffix: "kafka-controller",
      entry: "kafka-no-controller",
      description:
        "The Kafka cluster has no active controller: no topic, leader or setting can change. See the cluster's state, and open a case with AWS.",
      metrics: ["ActiveControllerCount"],
      dimensions: cluster,
      // Every node tells 1 or 0, and one of them must tell 1.
      statistic: "Maximum",
      periodSeconds: 60,
      periods: 5,
      comparison: "below",
      threshold: 1,
      silence: "breaching",
    },
  ];
}

export interface SinkArgs {
  readonly connectorName: pulumi.Input<string>;
  /** Kafka consumer group of the connector. */
  readonly consumerGroup: pulumi.Input<string>;
  /** Topics that it reads. */
  readonly topics: readonly string[];
  /** Seconds that a record may wait in Kafka. A sink commits what it has written only, so no less than it takes to fill a file. */
  readonly maxLagSeconds: pulumi.Input<number>;
}

export function sinkWatches(clusterArn: pulumi.Input<string>, args: SinkArgs): Watch[] {
  const { connectorName, consumerGroup, topics, maxLagSeconds } = args;
  const tasks = {
    namespace: "AWS/KafkaConnect",
    dimensions: { ConnectorName: connectorName },
    periodSeconds: 300,
  } as const;
  return [
    {
      ...tasks,
      suffix: "sink-failed-tasks",
      entry: "sink-task-failed",
      description:
        "A task of the S3 sink has failed, and does not start again by itself: its partitions are not stored. Read the error in the sink's log.",
      metrics: ["ErroredTaskCount"],
      statistic: "Maximum",
      periods: 1,
      comparison: "above",
      threshold: 0,
      silence: "notBreaching",
    },
    {
      ...tasks,
      suffix: "sink-stopped",
      entry: "sink-stopped",
      description:
        "No task of the S3 sink runs: nothing is stored. See the connector's state: aws kafkaconnect describe-connector.",
      metrics: ["RunningTaskCount"],
      statistic: "Maximum",
      periods: 3,
      comparison: "below",
      threshold: 1,
      // A connector that is gone or failed tells nothing.
      silence: "breaching",
    },
    ...topics.map((topic): Watch => ({
      suffix: `sink-lag-${topic.split(".").at(-1) ?? topic}`,
      entry: "sink-behind",
      description: `The S3 sink is behind on ${topic}, by more than it takes to fill files. Look for failed tasks; without any, give it more tasks (sinkTasks).`,
      namespace: "AWS/Kafka",
      metrics: ["EstimatedMaxTimeLag"],
      dimensions: {
        "Cluster Name": clusterName(clusterArn),
        "Consumer Group": consumerGroup,
        Topic: topic,
      },
      statistic: "Maximum",
      periodSeconds: 300,
      periods: 3,
      comparison: "above",
      threshold: maxLagSeconds,
      // MSK tells of no lag where there is no such group; where it has no members, sink-stopped tells.
      silence: "notBreaching",
    })),
  ];
}

export interface AirflowArgs {
  readonly environmentName: pulumi.Input<string>;
  /** Id of the daily run's DAG. */
  readonly dagId: pulumi.Input<string>;
}

export function airflowWatches({ environmentName, dagId }: AirflowArgs): Watch[] {
  const common = { namespace: "AmazonMWAA", statistic: "Sum", periodSeconds: 300 } as const;
  return [
    {
      ...common,
      suffix: "airflow-scheduler",
      entry: "airflow-scheduler-silent",
      description:
        "Airflow's scheduler has not beaten for 15 minutes: no run starts. See the environment's state, then the scheduler's log.",
      metrics: ["SchedulerHeartbeat"],
      dimensions: { Function: "Scheduler", Environment: environmentName },
      periods: 3,
      comparison: "below",
      threshold: 1,
      // A heart that does not beat is silent.
      silence: "breaching",
    },
    {
      ...common,
      suffix: "airflow-failed-run",
      entry: "daily-run-failed",
      description:
        "The daily run has failed: Databricks' job did, or what it did was not good enough. Read the failed task's log in Airflow, which links the job's run.",
      // Of whole runs: tasks' failures are counted by Airflow 2 for each try, and by Airflow 3 not at all where a task raises.
      metrics: ["DAGDurationFailed"],
      dimensions: { DAG: dagId, Environment: environmentName },
      statistic: "Maximum",
      periods: 1,
      comparison: "above",
      threshold: 0,
      silence: "notBreaching",
    },
  ];
}

export interface DatabaseArgs {
  /** RDS's name of the instance. */
  readonly identifier: pulumi.Input<string>;
  /** Free storage, in GiB, below which someone should look. */
  readonly leastFreeGiB: pulumi.Input<number>;
}

const bytesPerGiB = 1024 ** 3;

export function databaseWatches({ identifier, leastFreeGiB }: DatabaseArgs): Watch[] {
  const common = {
    namespace: "AWS/RDS",
    dimensions: { DBInstanceIdentifier: identifier },
    periodSeconds: 300,
    periods: 3,
    silence: "notBreaching",
  } as const;
  return [
    {
      ...common,
      suffix: "database-storage",
      entry: "database-disk-full",
      description:
        "The database is short of storage, although it grows by itself. See whether it has reached databaseMaxStorageGiB.",
      metrics: ["FreeStorageSpace"],
      statistic: "Minimum",
      comparison: "below",
      threshold: pulumi.output(leastFreeGiB).apply((free) => free * bytesPerGiB),
    },
    {
      ...common,
      suffix: "database-cpu",
      entry: "database-cpu-high",
      description:
        "The database has spent more than 90 % of its CPU for 15 minutes. Look at its slow query log.",
      metrics: ["CPUUtilization"],
      statistic: "Average",
      comparison: "above",
      threshold: 90,
    },
  ];
}

function afterSlash(arn: pulumi.Input<string>, mark: string): pulumi.Output<string> {
  return pulumi.output(arn).apply((whole) => whole.split(mark)[1] ?? whole);
}

/** The name in `arn:…:cluster/<name>/<uuid>`. */
function clusterName(clusterArn: pulumi.Input<string>): pulumi.Output<string> {
  return pulumi.output(clusterArn).apply((arn) => arn.split("/")[1] ?? arn);
}
