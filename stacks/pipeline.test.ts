import assert from "node:assert/strict";
import { repository } from "../components/lakehouse/workspace-sources";
import { ancestors } from "../components/mocks/ancestors";
import { named, type Recorded } from "../components/mocks/recorder";
import { recordStack } from "./record-stack";

function only(resources: readonly Recorded[], type: string): Recorded {
  const [found, ...others] = resources.filter((resource) => resource.type === type);
  assert.ok(found && others.length === 0, `${others.length + 1} resources are of type ${type}`);
  return found;
}

describe("the whole program", () => {
  it("declares the same resources in preview as in an update", async () => {
    const update = await recordStack("dev");
    const preview = await recordStack("dev", { preview: true });
    const urns = ({ resources }: typeof update) => resources.map(({ urn }) => urn).sort();
    assert.deepEqual(urns(preview), urns(update));
    assert.ok(update.resources.length > 130, `${update.resources.length} resources`);
  });

  it("is made of one component for each part of the pipeline, and everything on AWS belongs to one", async () => {
    const { resources } = await recordStack("dev");
    const stack = only(resources, "pulumi:pulumi:Stack");
    const top = resources.filter(({ parent }) => parent === stack.urn).map(({ type }) => type);
    assert.deepEqual(top.sort(), [
      "pinterest:api:IngestApi",
      "pinterest:database:SourceDatabase",
      "pinterest:kafka:KafkaClient",
      "pinterest:kafka:KafkaCluster",
      "pinterest:lakehouse:Lakehouse",
      "pinterest:network:Network",
      "pinterest:observability:AlarmTopic",
      "pinterest:observability:Observability",
      "pinterest:orchestration:Orchestration",
      "pinterest:sink:S3Sink",
      "pinterest:streams:Streams",
      "pulumi:providers:databricks",
    ]);
  });

  it("gives no two stacks a thing of the same name, so that they can stand in one account and region", async () => {
    const namesIn = async (stack: string) => {
      const { resources } = await recordStack(stack);
      return resources
        .filter(({ type, inputs }) => type.startsWith("aws:") && typeof inputs.name === "string")
        .map(({ type, inputs }) => `${type} ${inputs.name as string}`);
    };
    const [dev, prod] = [await namesIn("dev"), new Set(await namesIn("prod"))];
    assert.ok(dev.length > 0);
    assert.deepEqual(
      dev.filter((name) => prod.has(name)),
      [],
    );
  });

  it("stands in the region's first zones but the one in which MSK makes no brokers", async () => {
    const { resources } = await recordStack("prod");
    const zones = resources
      .filter(({ type }) => type === "aws:ec2/subnet:Subnet")
      .map(({ inputs }) => inputs.availabilityZone as string);
    assert.deepEqual([...new Set(zones)].sort(), ["us-east-1a", "us-east-1c", "us-east-1d"]);
  });

  it("tells the emulator where to post and what from", async () => {
    const { outputs } = await recordStack("dev");
    assert.match(
      outputs.invokeUrl,
      /^https:\/\/[a-z0-9]{10}\.execute-api\.us-east-1\.amazonaws\.com\/v1$/,
    );
    assert.ok(outputs.apiKey);
    assert.equal(outputs.userId, "0ea7b76ff169");
    assert.equal(outputs.databaseName, "pinterest_data");
    assert.deepEqual(outputs.topics, [
      "0ea7b76ff169.pin",
      "0ea7b76ff169.geo",
      "0ea7b76ff169.user",
      "0ea7b76ff169-dead-letters",
    ]);
  });

  it("makes the topics before the connector that reads them, on a cluster that is there", async () => {
    const { resources } = await recordStack("dev");
    const waitsFor = ancestors(resources, only(resources, "aws:mskconnect/connector:Connector"));
    const topics = named(resources, "kafka-client-topics");
    assert.ok(waitsFor.has(topics.urn));
    assert.ok(ancestors(resources, topics).has(only(resources, "aws:msk/cluster:Cluster").urn));
  });

  it("lets Kafka go ahead without Databricks and Airflow, and these without Kafka", async () => {
    const { resources } = await recordStack("dev");
    const orchestration = only(resources, "pinterest:orchestration:Orchestration");
    const isKafka = ({ type }: Recorded) => /^aws:msk(connect)?\//.test(type);
    const isDaily = ({ type, parent }: Recorded) =>
      type.startsWith("databricks:") || parent === orchestration.urn;
    const kafka = resources.filter(({ urn }) => /pinterest:(kafka|sink):/.test(urn));
    const daily = resources.filter(isDaily);
    assert.deepEqual(
      [
        "aws:msk/cluster:Cluster",
        "aws:mwaa/environment:Environment",
        "databricks:index/job:Job",
      ].map((type) => [...kafka, ...daily].some((one) => one.type === type)),
      [true, true, true],
    );
    const awaited = (waiting: Recorded, found: (other: Recorded) => boolean) => {
      const urns = ancestors(resources, waiting);
      return resources.filter((other) => urns.has(other.urn) && found(other)).map(({ urn }) => urn);
    };
    for (const one of daily) assert.deepEqual(awaited(one, isKafka), [], one.urn);
    for (const one of kafka) assert.deepEqual(awaited(one, isDaily), [], one.urn);
  });

  it("makes a token for Airflow only where the configuration has none", async () => {
    const type = "databricks:index/token:Token";
    const without = await recordStack("dev");
    only(without.resources, type);
    const { resources } = await recordStack("dev", { changes: { databricksToken: "dapi-0123" } });
    assert.ok(resources.every((resource) => resource.type !== type));
  });

  it("uses the explicit Databricks provider for all of Databricks", async () => {
    const { resources } = await recordStack("dev");
    const provider = only(resources, "pulumi:providers:databricks");
    const others = resources.filter(({ type }) => type.startsWith("databricks:"));
    assert.ok(others.length > 10);
    for (const resource of others) assert.equal(resource.provider, provider.urn, resource.urn);
  });

  it("tries to reach the workspace for half a minute only", async () => {
    const { resources } = await recordStack("dev");
    const { inputs } = only(resources, "pulumi:providers:databricks");
    assert.equal(inputs.retryTimeoutSeconds, "30");
  });

  it("keeps the workspace's token secret", async () => {
    const { resources } = await recordStack("dev", { changes: { databricksToken: "dapi-0123" } });
    const provider = only(resources, "pulumi:providers:databricks");
    assert.ok(provider.secrets.some(([key]) => key === "token"));
    const connection = named(resources, "airflow-connection-value");
    assert.deepEqual(connection.secrets, [["secretString"]]);
    for (const resource of resources.filter((one) => one !== provider && one !== connection))
      assert.ok(!JSON.stringify(resource.inputs).includes("dapi-0123"), resource.urn);
  });

  it("lets those whom the configuration names see and run the jobs, and no one else", async () => {
    const permissions = ({ resources }: { resources: readonly Recorded[] }) =>
      resources
        .filter(({ type }) => type === "databricks:index/permissions:Permissions")
        .map(({ inputs }) => inputs.accessControls);
    assert.deepEqual(permissions(await recordStack("dev")), []);
    const named = { databricksReaders: '["analysts"]', databricksOperators: '["on-call"]' };
    const both = [
      { groupName: "on-call", permissionLevel: "CAN_MANAGE_RUN" },
      { groupName: "analysts", permissionLevel: "CAN_VIEW" },
    ];
    assert.deepEqual(permissions(await recordStack("dev", { changes: named })), [both, both]);
  });

  it("hands over no path of this machine, which would stand in the state", async () => {
    const { resources } = await recordStack("dev");
    const telling = resources.filter(({ inputs }) => JSON.stringify(inputs).includes(repository));
    assert.deepEqual(
      telling.map(({ name }) => name),
      [],
    );
  });

  it("opens no port to everywhere", async () => {
    const { resources } = await recordStack("dev");
    const rules = resources.filter(
      ({ type }) => type === "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    );
    assert.ok(rules.length >= 4);
    for (const { urn, inputs } of rules) {
      assert.notEqual(inputs.cidrIpv4, "0.0.0.0/0", urn);
      assert.equal(inputs.cidrIpv6, undefined, urn);
    }
  });

  it("lets the Kafka clients, a tunnel's way in, reach the database", async () => {
    const { resources } = await recordStack("dev");
    const host = only(resources, "aws:ec2/instance:Instance");
    const databaseClients = named(resources, "database-client-security-group");
    assert.ok(host.dependencies.includes(databaseClients.urn), host.dependencies.join("\n"));
  });

  const existingVpc = {
    existingVpcId: "vpc-0a1b2c3d4e5f60718",
    existingPublicSubnetIds: '["subnet-0a1b2c3d4e5f60711","subnet-0a1b2c3d4e5f60712"]',
    existingPrivateSubnetIds: '["subnet-0a1b2c3d4e5f60713","subnet-0a1b2c3d4e5f60714"]',
  };
  const existingDatabase = {
    existingDatabaseAddress: "posts.example.com",
    existingDatabaseCredentialsArn: "arn:aws:secretsmanager:us-east-1:000000000000:secret:posts",
    existingDatabaseSecurityGroupId: "sg-0a1b2c3d4e5f60718",
  };
  const existingCluster = {
    kafkaMode: "existing",
    existingKafkaClusterArn:
      "arn:aws:kafka:us-east-1:000000000000:cluster/posts/0a1b2c3d-0000-0000-0000-000000000000-1",
    existingKafkaSecurityGroupId: "sg-0a1b2c3d4e5f60719",
  };
  for (const [what, changes, absent] of [
    ["an existing VPC", existingVpc, "aws:ec2/vpc:Vpc"],
    ["an existing database", existingDatabase, "aws:rds/instance:Instance"],
    ["an existing cluster", existingCluster, "aws:msk/cluster:Cluster"],
    ["no Airflow", { airflowMode: "none" }, "aws:mwaa/environment:Environment"],
    [
      "an existing Airflow",
      {
        airflowMode: "existing",
        existingAirflowBucket: "airflow-of-others",
        existingAirflowDagsPath: "dags",
        existingAirflowConnectionsPrefix: "airflow/connections",
        existingAirflowVariablesPrefix: "airflow/variables",
      },
      "aws:mwaa/environment:Environment",
    ],
    ["MSK Serverless", { kafkaMode: "serverless" }, "aws:msk/cluster:Cluster"],
    ["Unity Catalog", { databricksCatalog: "main" }, "databricks:index/mount:Mount"],
    ["callers who sign with IAM", { apiAuthorization: "iam" }, "aws:apigateway/apiKey:ApiKey"],
  ] as const) {
    for (const preview of [false, true]) {
      it(`runs with ${what} (preview ${preview})`, async () => {
        const { resources } = await recordStack("dev", { preview, changes: { ...changes } });
        assert.ok(resources.length > 90, `${resources.length} resources`);
        assert.deepEqual(
          resources.filter(({ type }) => type === absent),
          [],
        );
      });
    }
  }
});
