import assert from "node:assert/strict";
import { openApiDocument, type AwsIntegration, type Authorization, type Method } from "./openapi";
import { streamModels } from "./stream-models";
import { streamPaths } from "./stream-paths";
import { streamTemplates } from "./stream-templates";

const roleArn = "arn:aws:iam::000000000000:role/ingest-streams-role";
const streamNames = ["streaming-0ea7b76ff169-pin", "streaming-0ea7b76ff169-geo"];

function documentOf(authorization: Authorization = "apiKey") {
  return openApiDocument(
    {
      title: "ingest",
      description: "Takes posts in",
      authorization,
      allowedOrigin: "https://board.test",
      securityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
      endpointAccessMode: "STRICT",
      models: streamModels,
    },
    [
      streamPaths({
        region: "eu-west-1",
        roleArn,
        streamNames,
        allowedOrigin: "https://board.test",
        timeoutMillis: 5_000,
      }),
    ],
  );
}

const offered = [
  ["/streams", "get", "ListStreams"],
  ["/streams/{stream-name}", "get", "DescribeStream"],
  ["/streams/{stream-name}", "post", "CreateStream"],
  ["/streams/{stream-name}", "delete", "DeleteStream"],
  ["/streams/{stream-name}/record", "put", "PutRecord"],
  ["/streams/{stream-name}/records", "put", "PutRecords"],
] as const;

function methodOf(path: string, name: "get" | "put" | "post" | "delete"): Method {
  const method = documentOf().paths[path]?.[name];
  assert.ok(method, `${name} ${path}`);
  return method;
}

function integrationOf(method: Method): AwsIntegration {
  const integration = method["x-amazon-apigateway-integration"];
  assert.ok(integration.type === "aws");
  return integration;
}

describe("streamPaths", () => {
  it("offers six actions of Kinesis and nothing else but preflights", () => {
    assert.deepEqual(
      Object.entries(documentOf().paths).flatMap(([path, item]) =>
        Object.keys(item).map((method) => `${method} ${path}`),
      ),
      [
        "get /streams",
        "options /streams",
        "get /streams/{stream-name}",
        "post /streams/{stream-name}",
        "delete /streams/{stream-name}",
        "options /streams/{stream-name}",
        "put /streams/{stream-name}/record",
        "options /streams/{stream-name}/record",
        "put /streams/{stream-name}/records",
        "options /streams/{stream-name}/records",
      ],
    );
  });

  for (const [path, name, action] of offered) {
    it(`calls ${action} with the role for ${name} ${path}`, () => {
      const method = methodOf(path, name);
      const { responses, ...integration } = integrationOf(method);
      assert.deepEqual(integration, {
        type: "aws",
        httpMethod: "POST",
        uri: `arn:aws:apigateway:eu-west-1:kinesis:action/${action}`,
        credentials: roleArn,
        requestParameters: {
          "integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
        },
        requestTemplates: { "application/json": streamTemplates[action] },
        passthroughBehavior: "never",
        timeoutInMillis: 5_000,
      });
      for (const { statusCode, responseParameters } of Object.values(responses)) {
        assert.deepEqual(responseParameters, {
          "method.response.header.Access-Control-Allow-Origin": "'https://board.test'",
        });
        assert.ok(method.responses[statusCode]?.headers?.["Access-Control-Allow-Origin"]);
      }
    });

    it(`asks for a key or a signature for ${name} ${path}`, () => {
      for (const authorization of ["apiKey", "iam"] as const)
        assert.deepEqual(documentOf(authorization).paths[path]?.[name]?.security, [
          { [authorization]: [] },
        ]);
    });
  }

  it("passes each status of Kinesis on, by exactly one pattern", () => {
    const { responses } = integrationOf(methodOf("/streams/{stream-name}/record", "put"));
    const answerTo = (status: number) => {
      const matching = Object.entries(responses).filter(
        ([pattern]) => pattern !== "default" && new RegExp(`^(?:${pattern})$`).test(String(status)),
      );
      assert.ok(matching.length <= 1, `${status}: ${matching.map(([pattern]) => pattern).join()}`);
      return Number((matching[0]?.[1] ?? responses.default)?.statusCode);
    };
    for (const status of [200, 400, 403, 413, 500, 503]) assert.equal(answerTo(status), status);
    for (const status of [401, 404, 429, 499]) assert.equal(answerTo(status), 400, `${status}`);
    for (const status of [501, 502, 504, 599]) assert.equal(answerTo(status), 500, `${status}`);
  });

  it("has one pattern for each status that it answers, since API Gateway keeps no more", () => {
    for (const [path, name] of offered) {
      const { responses } = integrationOf(methodOf(path, name));
      const statuses = Object.values(responses).map(({ statusCode }) => statusCode);
      assert.deepEqual(statuses.sort(), ["200", "400", "403", "413", "500", "503"]);
    }
  });

  it("names the streams that there are", () => {
    const [parameter] = methodOf("/streams/{stream-name}", "get").parameters ?? [];
    assert.equal(parameter?.name, "stream-name");
    assert.equal(parameter.required, true);
    assert.deepEqual(parameter.schema, { type: "string", enum: streamNames });
  });

  it("validates the bodies of what has one, by models of the document", () => {
    const document = documentOf();
    for (const [path, name, action] of offered) {
      const method = methodOf(path, name);
      const validator = method["x-amazon-apigateway-request-validator"];
      if (!["CreateStream", "PutRecord", "PutRecords"].includes(action)) {
        assert.deepEqual([method.requestBody, validator], [undefined, undefined]);
        continue;
      }
      assert.deepEqual(method.requestBody, {
        required: action !== "CreateStream",
        content: { "application/json": { schema: { $ref: `#/components/schemas/${action}` } } },
      });
      assert.deepEqual(document["x-amazon-apigateway-request-validators"]?.[validator ?? ""], {
        validateRequestBody: true,
        validateRequestParameters: false,
      });
    }
    assert.deepEqual(document.components.schemas, streamModels);
    assert.equal(
      document["x-amazon-apigateway-gateway-responses"].BAD_REQUEST_BODY?.responseTemplates[
        "application/json"
      ],
      '{"message":$context.error.messageString,"detail":"$context.error.validationErrorString"}',
    );
  });

  it("keeps models to the keywords that API Gateway takes", () => {
    const keywords = new Set(JSON.stringify(streamModels).match(/"[a-zA-Z]+"(?=:)/g));
    for (const refused of ["additionalProperties", "anyOf", "oneOf", "exclusiveMinimum", "format"])
      assert.ok(!keywords.has(`"${refused}"`), refused);
  });
});
