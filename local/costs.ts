/**
 * What a stack costs a month before any data flows, from the resources that it declares and the prices in `prices.json`:
 * the published ones of one region, without free tiers and discounts.
 */
import type { Inputs, Recorded } from "../components/mocks/recorder";
import prices from "./prices.json";

/** One line of the reckoning. */
export interface Cost {
  /** What is paid for. */
  readonly what: string;
  /** US dollars a month. */
  readonly dollars: number;
}

type Declared = Pick<Recorded, "type" | "name" | "inputs">;
type Price = keyof typeof prices.standing;

/** A part of a line: how much of what is priced, a month. */
interface Charge {
  readonly what: string;
  readonly price: string;
  /** Hours, GB-months, units or pieces, as the price is per. */
  readonly quantity: number;
}

const { hoursAMonth, batchHoursADay } = prices;
const daysAMonth = hoursAMonth / 24;

function number(inputs: Inputs, key: string): number {
  const value = inputs[key];
  if (typeof value !== "number") throw new Error(`${key} is no number: ${JSON.stringify(value)}`);
  return value;
}

function text(inputs: Inputs, key: string): string {
  const value = inputs[key];
  if (typeof value !== "string") throw new Error(`${key} is no text: ${JSON.stringify(value)}`);
  return value;
}

function object(inputs: Inputs, key: string): Inputs {
  const value = inputs[key];
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new Error(`${key} is no object: ${JSON.stringify(value)}`);
  return value;
}

/** A machine of a Databricks cluster: AWS is paid for the instance, Databricks for the units that it uses. */
function databricksNode(what: string, nodeType: string, hours: number): Charge[] {
  const units: Readonly<Record<string, number | undefined>> = prices.databricksUnitsAnHour;
  const unitsAnHour = units[nodeType];
  if (unitsAnHour === undefined)
    throw new Error(`prices.json does not tell how many Databricks units ${nodeType} uses`);
  return [
    { what, price: nodeType, quantity: hours },
    { what, price: "Databricks unit, jobs", quantity: hours * unitsAnHour },
  ];
}

/** A job's nodes: a continuous job's all the time, another's for its daily run with as many workers as it may have. */
function databricksJob(inputs: Inputs): Charge[] {
  const continuous = inputs.continuous !== undefined;
  const what = continuous ? "Databricks stream job, all day" : "Databricks batch job, daily";
  const hours = continuous ? hoursAMonth : batchHoursADay * daysAMonth;
  return (inputs.jobClusters as unknown as Inputs[]).flatMap((jobCluster) => {
    const cluster = object(jobCluster, "newCluster");
    const workers =
      cluster.autoscale === undefined
        ? number(cluster, "numWorkers")
        : number(object(cluster, "autoscale"), "maxWorkers");
    return [
      ...databricksNode(what, text(cluster, "driverNodeTypeId"), hours),
      ...databricksNode(what, text(cluster, "nodeTypeId"), hours * workers),
    ];
  });
}

function stream(inputs: Inputs): Charge[] {
  const what = "Kinesis streams";
  if (text(object(inputs, "streamModeDetails"), "streamMode") === "ON_DEMAND")
    return [{ what, price: "Kinesis stream on demand", quantity: hoursAMonth }];
  const shardHours = number(inputs, "shardCount") * hoursAMonth;
  const kept = number(inputs, "retentionPeriod") > 24 ? shardHours : 0;
  return [
    { what, price: "Kinesis shard", quantity: shardHours },
    { what, price: "Kinesis shard, kept beyond a day", quantity: kept },
  ];
}

function brokers(inputs: Inputs): Charge[] {
  const what = "Kafka brokers";
  const count = number(inputs, "numberOfBrokerNodes");
  const group = object(inputs, "brokerNodeGroupInfo");
  const volume = object(object(group, "storageInfo"), "ebsStorageInfo");
  return [
    { what, price: text(group, "instanceType"), quantity: count * hoursAMonth },
    { what, price: "MSK storage", quantity: count * number(volume, "volumeSize") },
  ];
}

function database(inputs: Inputs): Charge[] {
  const what = "source database";
  const copies = inputs.multiAz === true ? 2 : 1;
  return [
    { what, price: text(inputs, "instanceClass"), quantity: copies * hoursAMonth },
    { what, price: "RDS gp3", quantity: copies * number(inputs, "allocatedStorage") },
    { what: "keys and secrets", price: "secret", quantity: 1 },
  ];
}

function connector(inputs: Inputs): Charge[] {
  const capacity = object(object(inputs, "capacity"), "provisionedCapacity");
  const units = number(capacity, "mcuCount") * number(capacity, "workerCount");
  return [{ what: "S3 sink", price: "MSK Connect unit", quantity: units * hoursAMonth }];
}

function kafkaClient(inputs: Inputs): Charge[] {
  const what = "Kafka clients and their load balancer";
  const volume = number(object(inputs, "rootBlockDevice"), "volumeSize");
  return [
    { what, price: text(inputs, "instanceType"), quantity: hoursAMonth },
    { what, price: "EBS gp3", quantity: volume },
  ];
}

const one = (what: string, price: Price, quantity: number) => () => [{ what, price, quantity }];

/** What is paid for each resource of a type, as long as it stands. A type that is not here costs nothing until it is used. */
const charges: Readonly<Record<string, ((inputs: Inputs) => Charge[]) | undefined>> = {
  "aws:msk/cluster:Cluster": brokers,
  "aws:msk/serverlessCluster:ServerlessCluster": one(
    "Kafka brokers",
    "MSK Serverless cluster",
    hoursAMonth,
  ),
  "aws:mskconnect/connector:Connector": connector,
  "aws:ec2/instance:Instance": kafkaClient,
  "aws:lb/loadBalancer:LoadBalancer": one(
    "Kafka clients and their load balancer",
    "network load balancer",
    hoursAMonth,
  ),
  "aws:ec2/natGateway:NatGateway": one(
    "NAT gateways and public addresses",
    "NAT gateway",
    hoursAMonth,
  ),
  "aws:ec2/eip:Eip": one("NAT gateways and public addresses", "public IPv4 address", hoursAMonth),
  "aws:rds/instance:Instance": database,
  "aws:kinesis/stream:Stream": stream,
  "aws:mwaa/environment:Environment": (inputs) => [
    { what: "Airflow", price: text(inputs, "environmentClass"), quantity: hoursAMonth },
  ],
  "databricks:index/job:Job": databricksJob,
  "aws:kms/key:Key": one("keys and secrets", "key", 1),
  "aws:secretsmanager/secret:Secret": one("keys and secrets", "secret", 1),
  "aws:cloudwatch/metricAlarm:MetricAlarm": one("alarms and dashboard", "alarm", 1),
  "aws:cloudwatch/dashboard:Dashboard": one("alarms and dashboard", "dashboard", 1),
};

/**
 * What the resources cost a month, a line for each part of the pipeline, the dearest first.
 *
 * @throws if `prices.json` has no price for an instance type, naming it.
 */
export function monthlyCosts(resources: readonly Declared[]): Cost[] {
  const known: Readonly<Record<string, { dollars: number } | undefined>> = prices.standing;
  const totals = new Map<string, number>();
  for (const { type, name, inputs } of resources)
    for (const { what, price, quantity } of charges[type]?.(inputs) ?? []) {
      const found = known[price];
      if (!found)
        throw new Error(
          `${name}: local/prices.json has no price for "${price}"; add the published one`,
        );
      totals.set(what, (totals.get(what) ?? 0) + found.dollars * quantity);
    }
  return [...totals]
    .map(([what, dollars]) => ({ what, dollars }))
    .sort((a, b) => b.dollars - a.dollars);
}

/** The sum of all lines, in US dollars. */
export function total(costs: readonly Cost[]): number {
  return costs.reduce((sum, { dollars }) => sum + dollars, 0);
}

/** The reckoning as a table for people. */
export function costsTable(costs: readonly Cost[]): string {
  const row = (dollars: number, what: string) => `${dollars.toFixed(0).padStart(9)}  ${what}`;
  return [
    `${"$ a month".padStart(9)}  of ${prices.region}, ${prices.date}, before any data flows`,
    ...costs.map(({ what, dollars }) => row(dollars, what)),
    row(total(costs), "in all"),
    "",
  ].join("\n");
}
