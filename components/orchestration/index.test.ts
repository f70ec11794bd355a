import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import * as databricks from "@pulumi/databricks";
import { ancestors } from "../mocks/ancestors";
import { faultsOf } from "../mocks/faults";
import { accountId, arn, region, textInput } from "../mocks/identity";
import { named, record, type Recorded } from "../mocks/recorder";
import { Orchestration, type ExistingOrchestrationArgs, type NewOrchestrationArgs } from ".";
import { quarterOf } from "./token";

const defaults: NewOrchestrationArgs = {
  userId: "0ea7b76ff169",
  region,
  accountId,
  vpcId: "vpc-0a1b2c3d",
  subnetIds: ["subnet-1", "subnet-2", "subnet-3"],
  databricksHost: "https://dbc-1.cloud.databricks.com",
  databricksToken: "dapi-0123",
  batchJobId: "42",
  tags: { project: "pinterest" },
};

const existing: ExistingOrchestrationArgs = {
  userId: "0ea7b76ff169",
  region,
  databricksHost: "https://dbc-1.cloud.databricks.com",
  databricksToken: "dapi-0123",
  batchJobId: "42",
  existing: {
    bucketName: "airflow-of-others",
    dagsPath: "our/dags",
    prefixes: { connections: "airflow/connections", variables: "airflow/variables" },
  },
  tags: { project: "pinterest" },
};

async function recordOrchestration(
  args: NewOrchestrationArgs | ExistingOrchestrationArgs = defaults,
  preview = false,
) {
  const { resources, outputs } = await record(
    () => {
      const { dagId, bucketName, environmentName, webserverUrl } = new Orchestration(
        "airflow",
        args,
      );
      return { dagId, bucketName, environmentName, webserverUrl };
    },
    { preview, stack: "dev" },
  );
  return { resources: resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"), outputs };
}

interface Statement {
  readonly Sid: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

function statements(resource: Recorded, property: string): Statement[] {
  return (JSON.parse(textInput(resource, property)) as { Statement: Statement[] }).Statement;
}

const typesAndNames = (resources: readonly Recorded[]) =>
  resources.map(({ type, name }) => `${type} ${name}`).sort();

const dagFiles = [
  "aws:s3/bucketObjectv2:BucketObjectv2 airflow-pinterest-dag-py",
  "aws:s3/bucketObjectv2:BucketObjectv2 airflow-pinterest-dag-settings-json",
  "aws:s3/bucketObjectv2:BucketObjectv2 airflow-pinterest-job-py",
  "aws:s3/bucketObjectv2:BucketObjectv2 airflow-pinterest-quality-py",
  "aws:s3/bucketObjectv2:BucketObjectv2 airflow-pinterest-settings-py",
];
const secrets = ["connection", "variable"].flatMap((suffix) => [
  `aws:secretsmanager/secret:Secret airflow-${suffix}`,
  `aws:secretsmanager/secretVersion:SecretVersion airflow-${suffix}-value`,
]);
const environmentArn = arn("airflow", "environment/pinterest-0ea7b76ff169-dev");

describe("Orchestration", () => {
  for (const preview of [false, true]) {
    it(`is made of an environment and all that it needs (preview ${preview})`, async () => {
      const { resources } = await recordOrchestration(defaults, preview);
      assert.deepEqual(
        typesAndNames(resources),
        [
          "pinterest:orchestration:Orchestration airflow",
          "aws:mwaa/environment:Environment airflow-environment",
          "aws:kms/key:Key airflow-key",
          "aws:iam/role:Role airflow-role",
          "aws:iam/rolePolicy:RolePolicy airflow-role-policy",
          ...["dagprocessing", "scheduler", "task", "webserver", "worker"].map(
            (log) => `aws:cloudwatch/logGroup:LogGroup airflow-${log}-log`,
          ),
          "aws:s3/bucket:Bucket airflow-bucket",
          "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration airflow-lifecycle",
          "aws:s3/bucketOwnershipControls:BucketOwnershipControls airflow-ownership",
          "aws:s3/bucketPolicy:BucketPolicy airflow-policy",
          "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock airflow-public-access",
          "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration airflow-encryption",
          "aws:s3/bucketVersioning:BucketVersioning airflow-versioning",
          ...dagFiles,
          "aws:s3/bucketObjectv2:BucketObjectv2 airflow-constraints",
          "aws:s3/bucketObjectv2:BucketObjectv2 airflow-requirements",
          ...secrets,
          "aws:ec2/securityGroup:SecurityGroup airflow-security-group",
          "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule airflow-ingress",
          "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule airflow-egress",
          "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule airflow-https-egress",
        ].sort(),
      );
      const component = named(resources, "airflow");
      for (const { custom, parent, name } of resources)
        if (custom) assert.equal(parent, component.urn, name);
    });

    it(`puts only the DAG and its secrets into an environment that exists (preview ${preview})`, async () => {
      const { resources, outputs } = await recordOrchestration(existing, preview);
      assert.deepEqual(
        typesAndNames(resources),
        ["pinterest:orchestration:Orchestration airflow", ...dagFiles, ...secrets].sort(),
      );
      assert.equal(outputs.environmentName, undefined);
      assert.equal(outputs.bucketName, "airflow-of-others");
      const dag = named(resources, "airflow-pinterest-dag-py").inputs;
      assert.deepEqual([dag.bucket, dag.key], ["airflow-of-others", "our/dags/pinterest_dag.py"]);
      const names = ["airflow-connection", "airflow-variable"].map(
        (name) => named(resources, name).inputs.name,
      );
      assert.deepEqual(names, [
        "airflow/connections/databricks_default",
        "airflow/variables/databricks_batch_job_id",
      ]);
    });
  }

  it("makes the environment private, encrypted, logged and bounded in time", async () => {
    const { resources, outputs } = await recordOrchestration();
    const { inputs, customTimeouts, deleteBeforeReplace } = named(resources, "airflow-environment");
    const log = { enabled: true, logLevel: "INFO" };
    assert.deepEqual(
      { ...inputs, kmsKey: undefined, executionRoleArn: undefined, sourceBucketArn: undefined },
      {
        name: "pinterest-0ea7b76ff169-dev",
        airflowVersion: "3.0.6",
        environmentClass: "mw1.small",
        minWorkers: 1,
        maxWorkers: 2,
        schedulers: 2,
        dagS3Path: "dags",
        requirementsS3Path: named(resources, "airflow-requirements").inputs.key,
        requirementsS3ObjectVersion: inputs.requirementsS3ObjectVersion,
        networkConfiguration: {
          subnetIds: ["subnet-1", "subnet-2"],
          securityGroupIds: (inputs.networkConfiguration as Record<string, unknown>)
            .securityGroupIds,
        },
        webserverAccessMode: "PRIVATE_ONLY",
        endpointManagement: "SERVICE",
        weeklyMaintenanceWindowStart: "SUN:03:00",
        loggingConfiguration: {
          dagProcessingLogs: log,
          schedulerLogs: log,
          taskLogs: log,
          webserverLogs: log,
          workerLogs: log,
        },
        airflowConfigurationOptions: inputs.airflowConfigurationOptions,
        tags: { project: "pinterest" },
        kmsKey: undefined,
        executionRoleArn: undefined,
        sourceBucketArn: undefined,
      },
    );
    for (const [property, form] of [
      ["kmsKey", /^arn:aws:kms:/],
      ["executionRoleArn", /^arn:aws:iam::\d{12}:role\/airflow-role-/],
      ["sourceBucketArn", /^arn:aws:s3:::airflow-bucket-/],
      ["requirementsS3ObjectVersion", /^[0-9a-f]{32}$/],
    ] as const)
      assert.match(textInput(named(resources, "airflow-environment"), property), form);
    assert.deepEqual(customTimeouts, { create: "75m", update: "75m", delete: "75m" });
    assert.equal(deleteBeforeReplace, true);
    assert.equal(outputs.dagId, "0ea7b76ff169_dag");
    assert.match(String(outputs.webserverUrl), /^https:\/\/.*\.airflow\.amazonaws\.com$/);
  });

  it("has one of each where the class is the smallest", async () => {
    const { resources } = await recordOrchestration({ ...defaults, environmentClass: "mw1.micro" });
    const { inputs } = named(resources, "airflow-environment");
    assert.deepEqual(
      [inputs.maxWorkers, inputs.schedulers, inputs.minWebservers, inputs.maxWebservers],
      [1, 1, 1, 1],
    );
  });

  it("tells Airflow to look for exactly what the DAG reads, where the secrets are", async () => {
    const { resources } = await recordOrchestration();
    const options = named(resources, "airflow-environment").inputs
      .airflowConfigurationOptions as Record<string, string>;
    assert.deepEqual(JSON.parse(options["secrets.backend_kwargs"] ?? ""), {
      connections_prefix: "pinterest-0ea7b76ff169-dev/airflow/connections",
      connections_lookup_pattern: "^databricks_default$",
      variables_prefix: "pinterest-0ea7b76ff169-dev/airflow/variables",
      variables_lookup_pattern: "^databricks_batch_job_id$",
      config_prefix: null,
    });
    assert.equal(options["core.dags_are_paused_at_creation"], "False");
    const secret = (name: string) => [
      named(resources, name).inputs.name,
      named(resources, `${name}-value`).inputs.secretString,
    ];
    assert.deepEqual(secret("airflow-connection"), [
      "pinterest-0ea7b76ff169-dev/airflow/connections/databricks_default",
      JSON.stringify({
        conn_type: "databricks",
        host: "dbc-1.cloud.databricks.com",
        schema: "https",
        password: "dapi-0123",
      }),
    ]);
    assert.deepEqual(secret("airflow-variable"), [
      "pinterest-0ea7b76ff169-dev/airflow/variables/databricks_batch_job_id",
      "42",
    ]);
    for (const name of ["airflow-connection-value", "airflow-variable-value"])
      assert.deepEqual(named(resources, name).secrets, [["secretString"]]);
  });

  it("tells Airflow the port and the scheme of a workspace that has others", async () => {
    const { resources } = await recordOrchestration({
      ...defaults,
      databricksHost: "http://127.0.0.1:8080",
    });
    assert.deepEqual(
      JSON.parse(textInput(named(resources, "airflow-connection-value"), "secretString")),
      {
        conn_type: "databricks",
        host: "127.0.0.1",
        schema: "http",
        port: 8080,
        password: "dapi-0123",
      },
    );
  });

  it("makes a token of its own where it is given none", async () => {
    const { resources } = await record(
      () => {
        const provider = new databricks.Provider("databricks", {
          host: "https://dbc-1.cloud.databricks.com",
        });
        const args = { ...defaults, databricksToken: undefined };
        return {
          dagId: new Orchestration("airflow", args, { providers: { databricks: provider } }).dagId,
        };
      },
      { stack: "dev" },
    );
    const token = named(resources, "airflow-token");
    assert.equal(token.type, "databricks:index/token:Token");
    assert.match(textInput(token, "comment"), /^Airflow of \S+ dev, \d{4} Q[1-4]$/);
    assert.ok(token.additionalSecretOutputs.includes("tokenValue"));
    const value = named(resources, "airflow-connection-value");
    assert.match(textInput(value, "secretString"), /"password":"dapi[0-9a-f]{32}"/);
    assert.deepEqual(value.secrets, [["secretString"]]);
  });

  it("makes another token in each quarter", () => {
    const quarters = ["2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z", "2027-04-01T00:00:00Z"].map(
      (moment) => quarterOf(new Date(moment)),
    );
    assert.deepEqual(quarters, ["2026 Q4", "2027 Q1", "2027 Q2"]);
  });

  it("puts the repository's DAG in place, with its settings beside it", async () => {
    const { resources } = await recordOrchestration({
      ...defaults,
      failureTopicArn: arn("sns", "alarms"),
      quarantineLimitPercent: 2,
    });
    for (const file of [
      "pinterest_dag.py",
      "pinterest_job.py",
      "pinterest_quality.py",
      "pinterest_settings.py",
    ]) {
      const { inputs } = named(resources, `airflow-${file.replaceAll(/[_.]/g, "-")}`);
      assert.equal(inputs.key, `dags/${file}`);
      assert.equal(inputs.content, readFileSync(path.join(__dirname, "../../dags", file), "utf8"));
    }
    const settings = named(resources, "airflow-pinterest-dag-settings-json");
    assert.equal(settings.inputs.key, "dags/pinterest_dag_settings.json");
    assert.deepEqual(JSON.parse(textInput(settings, "content")), {
      userId: "0ea7b76ff169",
      region,
      failureTopicArn: arn("sns", "alarms"),
      quarantineLimitPercent: 2,
      retryDelaySeconds: 300,
      pollSeconds: 30,
    });
  });

  it("gives other requirements another object, and holds pip to the environment's Airflow", async () => {
    const keys = [];
    for (const airflowVersion of ["2.11.0", "3.0.6"]) {
      const { resources } = await recordOrchestration({ ...defaults, airflowVersion });
      const requirements = named(resources, "airflow-requirements");
      const constraints = named(resources, "airflow-constraints");
      assert.equal(constraints.inputs.content, `apache-airflow==${airflowVersion}\n`);
      const path = `/usr/local/airflow/${textInput(constraints, "key")}`;
      assert.ok(textInput(requirements, "content").includes(`--constraint "${path}"`));
      keys.push(textInput(requirements, "key"));
    }
    assert.equal(new Set(keys).size, 2);
  });

  it("trusts MWAA for this environment alone", async () => {
    const { resources } = await recordOrchestration();
    assert.deepEqual(JSON.parse(textInput(named(resources, "airflow-role"), "assumeRolePolicy")), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: ["airflow.amazonaws.com", "airflow-env.amazonaws.com"] },
          Action: "sts:AssumeRole",
          Condition: {
            StringEquals: { "aws:SourceAccount": accountId },
            ArnEquals: { "aws:SourceArn": environmentArn },
          },
        },
      ],
    });
  });

  it("lets the role do what this environment needs, and no more", async () => {
    const topic = arn("sns", "alarms");
    const { resources } = await recordOrchestration({ ...defaults, failureTopicArn: topic });
    const granted = statements(named(resources, "airflow-role-policy"), "policy");
    const resourceOf = Object.fromEntries(granted.map(({ Sid, Resource }) => [Sid, Resource]));
    const bucketArn = textInput(named(resources, "airflow-environment"), "sourceBucketArn");
    assert.deepEqual(resourceOf, {
      TellOfItsHealth: environmentArn,
      ReadTheDags: bucketArn,
      ReadTheDagsObjects: `${bucketArn}/*`,
      WriteLogs: arn("logs", "log-group:airflow-pinterest-0ea7b76ff169-dev-*"),
      LookAround: "*",
      PutMetrics: "*",
      PassTasksOn: `arn:aws:sqs:${region}:*:airflow-celery-*`,
      UseTheKey: named(resources, "airflow-environment").inputs.kmsKey,
      ReadTheSecrets: resourceOf.ReadTheSecrets,
      TellOfFailures: topic,
    });
    assert.deepEqual(
      (resourceOf.ReadTheSecrets as string[]).map((secret) => secret.replace(/-[0-9a-f]{6}$/, "")),
      [
        arn(
          "secretsmanager",
          "secret:pinterest-0ea7b76ff169-dev/airflow/connections/databricks_default",
        ),
        arn(
          "secretsmanager",
          "secret:pinterest-0ea7b76ff169-dev/airflow/variables/databricks_batch_job_id",
        ),
      ],
    );
    for (const { Action } of granted)
      for (const action of [Action].flat()) assert.match(action, /^[a-z0-9]+:[A-Za-z]+$/);
    const without = await recordOrchestration();
    assert.ok(
      statements(named(without.resources, "airflow-role-policy"), "policy").every(
        ({ Sid }) => Sid !== "TellOfFailures",
      ),
    );
  });

  it("keeps each log as long as is asked for, encrypted, and has the groups before MWAA makes its own", async () => {
    const { resources } = await recordOrchestration({ ...defaults, logRetentionDays: 7 });
    const environment = named(resources, "airflow-environment");
    const groups = resources.filter(({ type }) => type === "aws:cloudwatch/logGroup:LogGroup");
    assert.deepEqual(
      groups.map(({ inputs }) => inputs.name).sort(),
      ["DAGProcessing", "Scheduler", "Task", "WebServer", "Worker"].map(
        (log) => `airflow-pinterest-0ea7b76ff169-dev-${log}`,
      ),
    );
    for (const { inputs, urn } of groups) {
      assert.equal(inputs.retentionInDays, 7);
      assert.equal(inputs.kmsKeyId, environment.inputs.kmsKey);
      assert.ok(environment.dependencies.includes(urn));
    }
  });

  it("puts its files into a bucket that is versioned and closed, before it makes the environment", async () => {
    const { resources } = await recordOrchestration();
    const [versioning, closed] = ["airflow-versioning", "airflow-public-access"].map(
      (name) => named(resources, name).urn,
    );
    const files = resources.filter(({ type }) => type === "aws:s3/bucketObjectv2:BucketObjectv2");
    assert.ok(files.length > dagFiles.length);
    for (const file of [...files, named(resources, "airflow-environment")]) {
      const waitsFor = ancestors(resources, file);
      assert.ok(waitsFor.has(versioning ?? "") && waitsFor.has(closed ?? ""), file.name);
    }
  });

  it("lets nothing in but its own parts, and out only there and to HTTPS", async () => {
    const { resources } = await recordOrchestration();
    const rules = ["airflow-ingress", "airflow-egress", "airflow-https-egress"].map((name) => {
      const { ipProtocol, fromPort, toPort, cidrIpv4, referencedSecurityGroupId } = named(
        resources,
        name,
      ).inputs;
      return [ipProtocol, fromPort, toPort, cidrIpv4 ?? referencedSecurityGroupId];
    });
    const group = textInput(named(resources, "airflow-ingress"), "securityGroupId");
    assert.match(group, /^sg-/);
    assert.deepEqual(rules, [
      ["-1", undefined, undefined, group],
      ["-1", undefined, undefined, group],
      ["tcp", 443, 443, "0.0.0.0/0"],
    ]);
  });

  it("deletes secrets at once, and a bucket with what it holds, only where told so", async () => {
    for (const [forceDestroy, window] of [
      [false, 30],
      [true, 0],
    ] as const) {
      const { resources } = await recordOrchestration({ ...defaults, forceDestroy });
      assert.equal(named(resources, "airflow-bucket").inputs.forceDestroy, forceDestroy);
      assert.equal(named(resources, "airflow-connection").inputs.recoveryWindowInDays, window);
    }
  });

  it("names all faults of its arguments at once", async () => {
    const faults = await faultsOf(
      () =>
        new Orchestration("airflow", {
          ...defaults,
          databricksToken: undefined,
          subnetIds: ["subnet-1"],
          environmentName: "1st",
          airflowVersion: "1.10.12",
          environmentClass: "mw1.micro",
          maxWorkers: 2,
          quarantineLimitPercent: 101,
          pollSeconds: 0,
        }),
    );
    assert.deepEqual(
      faults.map(([property]) => property),
      [
        "providers",
        "quarantineLimitPercent",
        "pollSeconds",
        "subnetIds",
        "environmentName",
        "airflowVersion",
        "maxWorkers",
      ],
    );
    assert.deepEqual(faults[5], ["airflowVersion", "must be one of 2.11.0, 3.0.6"]);
  });

  it("refuses a folder of an existing environment that is none", async () => {
    const faults = await faultsOf(
      () =>
        new Orchestration("airflow", {
          ...existing,
          existing: { ...existing.existing, dagsPath: "/dags/" },
        }),
    );
    assert.deepEqual(
      faults.map(([property]) => property),
      ["existing.dagsPath"],
    );
  });
});
