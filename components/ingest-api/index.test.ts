import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { faultsOf } from "../mocks/faults";
import { accountId, arn, region, textInput } from "../mocks/identity";
import { named, record, type Recorded } from "../mocks/recorder";
import { IngestApi, type IngestApiArgs } from ".";

const loadBalancerArn = `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/net/kafka-rest/50dc6c495c0c9188`;

const defaults: IngestApiArgs = {
  proxyUrl: "http://kafka-rest-50dc6c495c0c9188.elb.us-east-1.amazonaws.com:8082",
  loadBalancerArn,
  region,
  accountId,
  tags: { project: "pinterest" },
};

async function recordApi(args: Partial<IngestApiArgs> = {}, preview = false) {
  const { resources, outputs } = await record(
    () => {
      const api = new IngestApi("ingest", { ...defaults, ...args });
      return {
        invokeUrl: api.invokeUrl,
        apiKey: api.apiKey,
        apiKeyIsSecret: api.apiKey && pulumi.isSecret(api.apiKey),
        restApiId: api.restApiId,
        stageName: api.stageName,
        executionArn: api.executionArn,
      };
    },
    { preview },
  );
  return { resources: resources.filter(({ type }) => type !== "pulumi:pulumi:Stack"), outputs };
}

function policyOf(resource: Recorded, property = "policy"): unknown {
  return JSON.parse(textInput(resource, property));
}

const children = [
  ["aws:apigateway/vpcLink:VpcLink", "ingest-link"],
  ["aws:apigateway/restApi:RestApi", "ingest-api"],
  ["aws:apigateway/deployment:Deployment", "ingest-deployment"],
  ["aws:kms/key:Key", "ingest-access-log-key"],
  ["aws:cloudwatch/logGroup:LogGroup", "ingest-access-log"],
  ["aws:apigateway/stage:Stage", "ingest-stage"],
  ["aws:apigateway/methodSettings:MethodSettings", "ingest-settings"],
];
const keyChildren = [
  ["aws:apigateway/usagePlan:UsagePlan", "ingest-plan"],
  ["aws:apigateway/apiKey:ApiKey", "ingest-key"],
  ["aws:apigateway/usagePlanKey:UsagePlanKey", "ingest-plan-key"],
];
const accountChildren = [
  ["aws:iam/role:Role", "ingest-account-role"],
  ["aws:iam/rolePolicy:RolePolicy", "ingest-account-policy"],
  ["aws:apigateway/account:Account", "ingest-account"],
];

const streamNames = ["pin", "geo", "user"].map((kind) => `streaming-0ea7b76ff169-${kind}`);
const streamArns = streamNames.map((name) => arn("kinesis", `stream/${name}`));
const keyArn = arn("kms", "key/1d9fb8a2-4c3e-4b55-9a38-0f3c1a0e9c77");
const streams: IngestApiArgs["streams"] = { names: streamNames, arns: streamArns, keyArn };
const streamChildren = [
  ["aws:iam/role:Role", "ingest-streams-role"],
  ["aws:iam/rolePolicy:RolePolicy", "ingest-streams-policy"],
];

function typesAndNames(resources: readonly Recorded[]): string[] {
  return resources.map(({ type, name }) => `${type} ${name}`).sort();
}

function expected(...groups: string[][][]): string[] {
  return [["pinterest:api:IngestApi", "ingest"], ...groups.flat()]
    .map(([type = "", name = ""]) => `${type} ${name}`)
    .sort();
}

describe("IngestApi", () => {
  for (const preview of [false, true]) {
    describe(preview ? "in preview" : "in an update", () => {
      it("is made of a link, the API, its deployment, stage, settings and log, and a key", async () => {
        const { resources } = await recordApi({}, preview);
        assert.deepEqual(typesAndNames(resources), expected(children, keyChildren));
        const component = named(resources, "ingest");
        for (const resource of resources.filter(({ custom }) => custom))
          assert.equal(resource.parent, component.urn, resource.name);
      });

      it("has no key and no usage plan where callers sign", async () => {
        const { resources } = await recordApi({ authorization: "iam" }, preview);
        assert.deepEqual(typesAndNames(resources), expected(children));
      });

      it("owns the region's logging role only when asked to, and the stage waits for it", async () => {
        const { resources } = await recordApi({ manageAccountLogging: true }, preview);
        assert.deepEqual(
          typesAndNames(resources),
          expected(children, keyChildren, accountChildren),
        );
        const account = named(resources, "ingest-account");
        assert.ok(named(resources, "ingest-stage").dependencies.includes(account.urn));
        assert.ok(
          account.dependencies.includes(named(resources, "ingest-account-policy").urn),
          "the role can write before API Gateway checks it",
        );
      });

      it("has a role for the streams only where there are streams, and the stage waits for it", async () => {
        const { resources } = await recordApi({ streams }, preview);
        assert.deepEqual(typesAndNames(resources), expected(children, keyChildren, streamChildren));
        const policy = named(resources, "ingest-streams-policy");
        assert.ok(named(resources, "ingest-stage").dependencies.includes(policy.urn));
      });

      it("throttles the stage and keeps bodies out of logs", async () => {
        const { resources } = await recordApi({ throttleRate: 7, throttleBurst: 9 }, preview);
        const { inputs } = named(resources, "ingest-settings");
        assert.equal(inputs.methodPath, "*/*");
        assert.deepEqual(inputs.settings, {
          metricsEnabled: true,
          dataTraceEnabled: false,
          loggingLevel: "OFF",
          throttlingRateLimit: 7,
          throttlingBurstLimit: 9,
        });
        assert.deepEqual(named(resources, "ingest-plan").inputs.throttleSettings, {
          rateLimit: 7,
          burstLimit: 9,
        });
      });

      it("tags all that takes tags", async () => {
        const { resources } = await recordApi({ manageAccountLogging: true, streams }, preview);
        assert.deepEqual(
          resources
            .filter(({ inputs }) => inputs.tags !== undefined)
            .map(({ name, inputs }) => [name, inputs.tags])
            .sort(),
          [
            "ingest-access-log",
            "ingest-access-log-key",
            "ingest-account-role",
            "ingest-api",
            "ingest-key",
            "ingest-link",
            "ingest-plan",
            "ingest-stage",
            "ingest-streams-role",
          ].map((name) => [name, { project: "pinterest" }]),
        );
      });
    });
  }

  it("imports the document that leads to the REST proxy through the link", async () => {
    const { resources } = await recordApi();
    const link = named(resources, "ingest-link");
    assert.equal(link.inputs.targetArn, loadBalancerArn);
    const api = named(resources, "ingest-api");
    const { inputs } = api;
    assert.deepEqual(inputs.endpointConfiguration, { types: "REGIONAL" });
    assert.equal(inputs.disableExecuteApiEndpoint, false);
    assert.equal(inputs.securityPolicy, "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09");
    assert.equal(inputs.endpointAccessMode, "STRICT");
    assert.equal(inputs.binaryMediaTypes, undefined);
    assert.equal(inputs.policy, undefined);
    const document = JSON.parse(textInput(api, "body")) as {
      paths: Record<string, Record<string, Record<string, unknown>>>;
    };
    assert.deepEqual(Object.keys(document.paths), ["/{proxy+}"]);
    const integration = document.paths["/{proxy+}"]?.["x-amazon-apigateway-any-method"]?.[
      "x-amazon-apigateway-integration"
    ] as Record<string, unknown>;
    assert.equal(
      integration.uri,
      "http://kafka-rest-50dc6c495c0c9188.elb.us-east-1.amazonaws.com:8082/{proxy}",
    );
    assert.match(String(integration.connectionId), /^[a-z0-9]{6}$/);
    assert.equal(integration.timeoutInMillis, 29_000);
  });

  it("imports the paths of the streams beside the REST proxy's, with their models", async () => {
    const { resources } = await recordApi({ streams, allowedOrigin: "https://board.test" });
    const document = JSON.parse(textInput(named(resources, "ingest-api"), "body")) as {
      paths: Record<string, Record<string, Record<string, unknown>>>;
      components: { schemas: object };
    };
    assert.deepEqual(Object.keys(document.paths), [
      "/{proxy+}",
      "/streams",
      "/streams/{stream-name}",
      "/streams/{stream-name}/record",
      "/streams/{stream-name}/records",
    ]);
    assert.deepEqual(Object.keys(document.components.schemas), [
      "CreateStream",
      "PutRecord",
      "PutRecords",
    ]);
    const integration = document.paths["/streams/{stream-name}/records"]?.put?.[
      "x-amazon-apigateway-integration"
    ] as Record<string, unknown>;
    assert.equal(integration.uri, "arn:aws:apigateway:us-east-1:kinesis:action/PutRecords");
    assert.match(
      String(integration.credentials),
      /^arn:aws:iam::000000000000:role\/ingest-streams-role-/,
    );
    assert.match(JSON.stringify(integration.responses), /'https:\/\/board\.test'/);
  });

  it("leaves streams out of the document where there are none", async () => {
    const { resources } = await recordApi();
    const body = textInput(named(resources, "ingest-api"), "body");
    assert.doesNotMatch(body, /streams|kinesis|schemas|validator/);
  });

  for (const allowDeletion of [undefined, false, true])
    it(`lets API Gateway use these streams only, ${allowDeletion ? "" : "and not "}delete them (${allowDeletion})`, async () => {
      const { resources } = await recordApi({
        streams: { ...streams, ...(allowDeletion !== undefined && { allowDeletion }) },
      });
      assert.deepEqual(policyOf(named(resources, "ingest-streams-policy")), {
        Version: "2012-10-17",
        Statement: [
          { Sid: "ListStreams", Effect: "Allow", Action: "kinesis:ListStreams", Resource: "*" },
          {
            Sid: "UseStreams",
            Effect: "Allow",
            Action: [
              "kinesis:CreateStream",
              ...(allowDeletion ? ["kinesis:DeleteStream"] : []),
              "kinesis:DescribeStream",
              "kinesis:PutRecord",
              "kinesis:PutRecords",
            ],
            Resource: streamArns,
          },
          {
            Sid: "EncryptThroughKinesis",
            Effect: "Allow",
            Action: "kms:GenerateDataKey",
            Resource: keyArn,
            Condition: { StringEquals: { "kms:ViaService": "kinesis.us-east-1.amazonaws.com" } },
          },
        ],
      });
      const role = named(resources, "ingest-streams-role");
      assert.deepEqual(policyOf(role, "assumeRolePolicy"), {
        Version: "2012-10-17",
        Statement: [
          {
            Effect: "Allow",
            Principal: { Service: "apigateway.amazonaws.com" },
            Action: "sts:AssumeRole",
          },
        ],
      });
    });

  it("deploys anew exactly when the document changes", async () => {
    const triggersOf = async (args: Partial<IngestApiArgs>) => {
      const { resources } = await recordApi(args);
      const body = textInput(named(resources, "ingest-api"), "body");
      const { triggers } = named(resources, "ingest-deployment").inputs;
      assert.deepEqual(triggers, { document: createHash("sha256").update(body).digest("hex") });
      assert.equal(named(resources, "ingest-deployment").deleteBeforeReplace, undefined);
      return triggers;
    };
    const first = await triggersOf({});
    assert.deepEqual(
      await triggersOf({ throttleRate: 3, stageName: "other", logRetentionDays: 7, tracing: true }),
      first,
    );
    assert.notDeepEqual(await triggersOf({ authorization: "iam" }), first);
    assert.notDeepEqual(await triggersOf({ timeoutMillis: 5_000 }), first);
    assert.notDeepEqual(await triggersOf({ proxyUrl: "http://elsewhere.test:8082" }), first);
    assert.notDeepEqual(await triggersOf({ allowedOrigin: "https://board.test" }), first);
    assert.notDeepEqual(await triggersOf({ streams }), first);
  });

  it("answers where the stage is, and the key as a secret", async () => {
    const { resources, outputs } = await recordApi({ stageName: "live" });
    assert.match(outputs.restApiId, /^[a-z0-9]{10}$/);
    assert.equal(outputs.stageName, "live");
    assert.equal(
      outputs.invokeUrl,
      `https://${outputs.restApiId}.execute-api.us-east-1.amazonaws.com/live`,
    );
    assert.equal(
      outputs.executionArn,
      `arn:aws:execute-api:us-east-1:${accountId}:${outputs.restApiId}`,
    );
    assert.match(String(outputs.apiKey), /^[a-z0-9]{40}$/);
    assert.equal(outputs.apiKeyIsSecret, true);
    for (const name of ["ingest-key", "ingest-plan-key"])
      assert.deepEqual(named(resources, name).additionalSecretOutputs, ["value"]);
    assert.equal(named(resources, "ingest-key").inputs.value, undefined, "AWS makes the key up");
    assert.deepEqual(named(resources, "ingest-plan").inputs.apiStages, [
      { apiId: outputs.restApiId, stage: "live" },
    ]);
    assert.equal(named(resources, "ingest-plan-key").inputs.keyType, "API_KEY");
  });

  it("answers no key where callers sign", async () => {
    const { outputs } = await recordApi({ authorization: "iam" });
    assert.equal(outputs.apiKey, undefined);
  });

  it("logs each access as JSON to an encrypted log that is kept 90 days", async () => {
    const { resources } = await recordApi();
    const log = named(resources, "ingest-access-log");
    assert.equal(log.inputs.retentionInDays, 90);
    assert.match(textInput(log, "kmsKeyId"), /^arn:aws:kms:us-east-1:000000000000:key\//);
    const { accessLogSettings, xrayTracingEnabled } = named(resources, "ingest-stage").inputs;
    assert.equal(xrayTracingEnabled, false);
    const { destinationArn, format } = accessLogSettings as Record<string, string>;
    assert.match(String(destinationArn), /^arn:aws:logs:.*:log-group:ingest-access-log-/);
    const line = JSON.parse(String(format)) as Record<string, string>;
    assert.equal(line.status, "$context.status");
    assert.equal(line.integrationStatus, "$context.integration.status");
    assert.ok(Object.values(line).every((value) => value.startsWith("$context.")));
    assert.ok(!Object.values(line).includes("$context.identity.apiKey"), "no key in the log");
  });

  it("lets CloudWatch Logs use the log's key for that log alone", async () => {
    const { resources } = await recordApi();
    const key = named(resources, "ingest-access-log-key");
    assert.equal(key.inputs.enableKeyRotation, true);
    const { Statement: statements } = policyOf(key) as { Statement: Record<string, unknown>[] };
    assert.deepEqual(
      statements.find(({ Principal }) => "Service" in (Principal as object)),
      {
        Sid: "EncryptLogs",
        Effect: "Allow",
        Principal: { Service: "logs.us-east-1.amazonaws.com" },
        Action: [
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:Encrypt",
          "kms:GenerateDataKey",
          "kms:GenerateDataKeyWithoutPlaintext",
          "kms:ReEncryptFrom",
          "kms:ReEncryptTo",
        ],
        Resource: "*",
        Condition: {
          ArnLike: {
            "kms:EncryptionContext:aws:logs:arn": `arn:aws:logs:us-east-1:${accountId}:log-group:ingest-access-log-*`,
          },
        },
      },
    );
  });

  it("gives the logging role the logs of this account and region only", async () => {
    const { resources } = await recordApi({ manageAccountLogging: true });
    assert.deepEqual(policyOf(named(resources, "ingest-account-role"), "assumeRolePolicy"), {
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "apigateway.amazonaws.com" },
          Action: "sts:AssumeRole",
        },
      ],
    });
    const logGroups = `arn:aws:logs:us-east-1:${accountId}:log-group:*`;
    assert.deepEqual(policyOf(named(resources, "ingest-account-policy")), {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "KeepLogGroups",
          Effect: "Allow",
          Action: [
            "logs:CreateLogGroup",
            "logs:CreateLogStream",
            "logs:DescribeLogGroups",
            "logs:DescribeLogStreams",
            "logs:FilterLogEvents",
          ],
          Resource: logGroups,
        },
        {
          Sid: "WriteLogs",
          Effect: "Allow",
          Action: ["logs:GetLogEvents", "logs:PutLogEvents"],
          Resource: `${logGroups}:log-stream:*`,
        },
      ],
    });
  });

  it("names every faulty argument in one error", async () => {
    const faulty: Partial<IngestApiArgs> = {
      authorization: "none" as "iam",
      stageName: "a/b",
      timeoutMillis: 30_000,
      throttleRate: 0,
      throttleBurst: -1,
    };
    assert.deepEqual(await faultsOf(() => new IngestApi("ingest", { ...defaults, ...faulty })), [
      ["authorization", "must be apiKey or iam"],
      ["stageName", "must be 1 to 128 letters, digits, hyphens or underscores"],
      ["timeoutMillis", "must be 50 to 29,000 ms"],
      ["throttleRate", "must be more than 0, or nothing gets through"],
      ["throttleBurst", "must be more than 0, or nothing gets through"],
    ]);
  });
});
