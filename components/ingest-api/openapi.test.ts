import assert from "node:assert/strict";
import { batchPaths } from "./batch-paths";
import { anyMethod, openApiDocument, type Authorization, type PathGroup } from "./openapi";

const batch = batchPaths({
  proxyUrl: "http://kafka-rest.test:8082",
  vpcLinkId: "l1nk42",
  timeoutMillis: 29_000,
});

function documentOf(authorization: Authorization, groups: readonly PathGroup[] = [batch]) {
  return openApiDocument(
    {
      title: "ingest",
      description: "Takes posts in",
      authorization,
      allowedOrigin: "https://board.test",
      securityPolicy: "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
      endpointAccessMode: "STRICT",
    },
    groups,
  );
}

const status: PathGroup = {
  "/status/{part}": {
    get: {
      summary: "Tell the state of a part",
      responses: { "200": { description: "State" } },
      "x-amazon-apigateway-integration": {
        type: "mock",
        requestTemplates: {},
        passthroughBehavior: "when_no_match",
        responses: {},
      },
    },
  },
};

describe("openApiDocument", () => {
  it("passes every method and path on to the REST proxy through the VPC link", () => {
    assert.deepEqual(documentOf("apiKey").paths["/{proxy+}"]?.[anyMethod], {
      parameters: [{ name: "proxy", in: "path", required: true, schema: { type: "string" } }],
      summary: "Pass the request on to the Kafka REST proxy",
      responses: { "200": { description: "What the Kafka REST proxy answers" } },
      "x-amazon-apigateway-integration": {
        type: "http_proxy",
        httpMethod: "ANY",
        connectionType: "VPC_LINK",
        connectionId: "l1nk42",
        uri: "http://kafka-rest.test:8082/{proxy}",
        requestParameters: { "integration.request.path.proxy": "method.request.path.proxy" },
        passthroughBehavior: "when_no_match",
        timeoutInMillis: 29_000,
      },
      security: [{ apiKey: [] }],
    });
  });

  it("asks for a key in x-api-key, or for a SigV4 signature", () => {
    assert.deepEqual(documentOf("apiKey").components.securitySchemes, {
      apiKey: { type: "apiKey", name: "x-api-key", in: "header" },
    });
    assert.equal(documentOf("apiKey")["x-amazon-apigateway-api-key-source"], "HEADER");
    assert.deepEqual(documentOf("iam").components.securitySchemes, {
      iam: {
        type: "apiKey",
        name: "Authorization",
        in: "header",
        "x-amazon-apigateway-authtype": "awsSigv4",
      },
    });
    assert.deepEqual(documentOf("iam").paths["/{proxy+}"]?.[anyMethod]?.security, [{ iam: [] }]);
  });

  it("answers the CORS preflight by itself, without authorization", () => {
    const preflight = documentOf("apiKey").paths["/{proxy+}"]?.options;
    assert.equal(preflight?.security, undefined);
    assert.deepEqual(preflight?.["x-amazon-apigateway-integration"], {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode": 204}' },
      passthroughBehavior: "when_no_match",
      responses: {
        default: {
          statusCode: "204",
          responseParameters: {
            "method.response.header.Access-Control-Allow-Headers":
              "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'",
            "method.response.header.Access-Control-Allow-Methods":
              "'DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT'",
            "method.response.header.Access-Control-Allow-Origin": "'https://board.test'",
            "method.response.header.Access-Control-Max-Age": "'600'",
          },
        },
      },
    });
    assert.deepEqual(Object.keys(preflight.responses["204"]?.headers ?? {}), [
      "Access-Control-Allow-Headers",
      "Access-Control-Allow-Methods",
      "Access-Control-Allow-Origin",
      "Access-Control-Max-Age",
    ]);
  });

  it("gives the gateway's own errors CORS headers and a JSON body", () => {
    const responses = documentOf("apiKey")["x-amazon-apigateway-gateway-responses"];
    assert.deepEqual(Object.keys(responses), ["DEFAULT_4XX", "DEFAULT_5XX"]);
    for (const response of Object.values(responses))
      assert.deepEqual(response, {
        responseParameters: {
          "gatewayresponse.header.Access-Control-Allow-Headers":
            "'Authorization,Content-Type,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'",
          "gatewayresponse.header.Access-Control-Allow-Origin": "'https://board.test'",
        },
        responseTemplates: { "application/json": '{"message":$context.error.messageString}' },
      });
  });

  it("composes groups, each path with the methods that it has", () => {
    const { paths } = documentOf("iam", [batch, status]);
    assert.deepEqual(Object.keys(paths), ["/{proxy+}", "/status/{part}"]);
    const path = paths["/status/{part}"];
    assert.deepEqual(Object.keys(path ?? {}), ["get", "options"]);
    assert.deepEqual(path?.get?.security, [{ iam: [] }]);
    assert.deepEqual(
      path.get.parameters?.map(({ name }) => name),
      ["part"],
    );
    assert.match(JSON.stringify(path.options), /Allow-Methods":"'GET,OPTIONS'"/);
  });

  it("refuses two groups with the same path", () => {
    assert.throws(
      () => documentOf("iam", [batch, status, status]),
      /two groups declare the path \/status\/\{part\}/,
    );
  });

  it("holds no binary media types and the TLS policy that the API has", () => {
    const document = documentOf("apiKey");
    assert.equal("x-amazon-apigateway-binary-media-types" in document, false);
    assert.equal(
      document["x-amazon-apigateway-security-policy"],
      "SecurityPolicy_TLS13_1_2_PFS_PQ_2025_09",
    );
    assert.equal(document["x-amazon-apigateway-endpoint-access-mode"], "STRICT");
  });
});
