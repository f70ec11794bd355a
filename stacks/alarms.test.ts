import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { textInput } from "../components/mocks/identity";
import { named, type Recorded } from "../components/mocks/recorder";
import { recordStack, type RecordStackOptions } from "./record-stack";

const declared = async (stack: string, options: RecordStackOptions = {}) =>
  (await recordStack(stack, options)).resources;

const ofType = (resources: readonly Recorded[], type: string) =>
  resources.filter((resource) => resource.type === type);
const alarmsOf = (resources: readonly Recorded[]) =>
  ofType(resources, "aws:cloudwatch/metricAlarm:MetricAlarm");
const entryOf = (alarm: Recorded) =>
  / Runbook: docs\/runbook\.md#([a-z-]+)$/.exec(textInput(alarm, "alarmDescription"))?.[1];

const runbook = readFileSync(join(__dirname, "..", "docs", "runbook.md"), "utf8");
const entries = runbook.split(/^## /m).slice(1);

describe("the alarms of the whole program", () => {
  it("have an entry each in the runbook, which has no other, and each entry says all it must", async () => {
    const alarms = alarmsOf(await declared("prod"));
    const expected = [...new Set(alarms.map(entryOf))].sort();
    assert.deepEqual(entries.map((entry) => entry.split("\n")[0]).sort(), expected);
    for (const entry of entries)
      for (const part of ["Means:", "Check:", "Mend:", "Over when"])
        assert.ok(entry.includes(`**${part}**`), `${entry}: ${part}`);
  });

  for (const [stack, brokers] of [
    ["dev", 2],
    ["prod", 3],
  ] as const)
    it(`watch every broker of ${stack}, in preview as in an update`, async () => {
      for (const preview of [false, true]) {
        const alarms = alarmsOf(await declared(stack, { preview }));
        // 3 API, 2 proxy, 2 cluster, 5 sink, 2 Airflow, 2 database, 9 streams.
        assert.equal(alarms.length, 25 + 3 * brokers);
      }
    });

  it("tell the stack's own topic of their start and end, or the one that is given", async () => {
    const resources = await declared("dev");
    const topic = named(resources, "alarms-topic");
    assert.ok(topic.inputs.kmsMasterKeyId);
    const [first] = alarmsOf(resources);
    const told = first?.inputs.alarmActions;
    assert.match(JSON.stringify(told), /arn:aws:sns:.*alarms-topic/);
    for (const { name, inputs } of alarmsOf(resources))
      assert.deepEqual([inputs.alarmActions, inputs.okActions], [told, told], name);

    const alarmTopicArn = "arn:aws:sns:us-east-1:000000000000:operators";
    const given = await declared("dev", { changes: { alarmTopicArn } });
    assert.deepEqual(ofType(given, "aws:sns/topic:Topic"), []);
    for (const { inputs } of alarmsOf(given))
      assert.deepEqual(inputs.alarmActions, [alarmTopicArn]);
  });

  it("are on the metrics of this stack's own parts", async () => {
    const resources = await declared("dev");
    const metric = (name: string) => {
      const { namespace, metricName, dimensions, treatMissingData } = named(resources, name).inputs;
      return [namespace, metricName, dimensions, treatMissingData];
    };
    const cluster = textInput(named(resources, "watch-kafka-controller"), "alarmDescription");
    assert.match(cluster, /no active controller/);
    assert.deepEqual(metric("watch-sink-failed-tasks").slice(0, 2), [
      "AWS/KafkaConnect",
      "ErroredTaskCount",
    ]);
    assert.deepEqual(metric("watch-airflow-scheduler"), [
      "AmazonMWAA",
      "SchedulerHeartbeat",
      { Function: "Scheduler", Environment: "pinterest-0ea7b76ff169-dev" },
      "breaching",
    ]);
    assert.deepEqual(metric("watch-airflow-failed-run"), [
      "AmazonMWAA",
      "DAGDurationFailed",
      { DAG: "0ea7b76ff169_dag", Environment: "pinterest-0ea7b76ff169-dev" },
      "notBreaching",
    ]);
    const lag = named(resources, "watch-sink-lag-pin");
    assert.deepEqual(
      [lag.inputs.metricName, lag.inputs.threshold, lag.inputs.treatMissingData],
      ["EstimatedMaxTimeLag", 2 * 300 + 900, "notBreaching"],
    );
    const { Topic: topic, "Consumer Group": group } = lag.inputs.dimensions as Record<
      string,
      string
    >;
    assert.deepEqual(
      [topic, group],
      ["0ea7b76ff169.pin", "connect-pinterest-data-pipeline-dev-sink"],
    );
    const proxy = JSON.stringify(named(resources, "watch-proxy-none").inputs.dimensions);
    assert.match(proxy, /"LoadBalancer":"net\/.*"TargetGroup":"targetgroup\/kafka-client-rest/);
  });

  it("leave out what the stack has not", async () => {
    const names = alarmsOf(
      await declared("dev", { changes: { kafkaMode: "serverless", airflowMode: "none" } }),
    ).map(({ name }) => name);
    assert.equal(names.length, 21);
    assert.ok(!names.some((name) => /broker|kafka|airflow/.test(name)), names.join(" "));
  });

  it("write to the addresses that are named, and watch the budget that is set", async () => {
    const none = await declared("dev");
    assert.deepEqual(ofType(none, "aws:budgets/budget:Budget"), []);
    assert.deepEqual(ofType(none, "aws:sns/topicSubscription:TopicSubscription"), []);
    const resources = await declared("dev", {
      changes: { alarmEmails: '["on-call@example.com"]', monthlyBudgetDollars: "900" },
    });
    const [subscription] = ofType(resources, "aws:sns/topicSubscription:TopicSubscription");
    assert.equal(subscription?.inputs.endpoint, "on-call@example.com");
    const [budget] = ofType(resources, "aws:budgets/budget:Budget");
    assert.equal(budget?.inputs.limitAmount, "900");
    assert.deepEqual(budget.inputs.filterExpression, {
      ands: [
        { tags: { key: "Project", values: ["pinterest-data-pipeline"] } },
        { tags: { key: "Stack", values: ["dev"] } },
      ],
    });
  });

  it("stand on the dashboard, one graph for each entry", async () => {
    const [dashboard] = ofType(await declared("prod"), "aws:cloudwatch/dashboard:Dashboard");
    assert.ok(dashboard);
    const { widgets } = JSON.parse(textInput(dashboard, "dashboardBody")) as {
      widgets: { properties: { title: string; metrics: unknown[] } }[];
    };
    assert.deepEqual(
      widgets.map(({ properties }) => properties.title.replaceAll(" ", "-")).sort(),
      entries.map((entry) => entry.split("\n")[0]).sort(),
    );
  });
});
