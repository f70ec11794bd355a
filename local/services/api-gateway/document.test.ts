import assert from "node:assert/strict";
import { openApiDocument } from "../../../components/ingest-api/openapi";
import { Api } from "./document";

const reply = {
  responses: {},
  "x-amazon-apigateway-integration": { type: "mock", requestTemplates: {}, responses: {} },
};

function apiOf(paths: Record<string, unknown>, rest: Record<string, unknown> = {}): Api {
  return Api.read({ openapi: "3.0.1", info: { title: "test" }, paths, ...rest });
}

describe("an OpenAPI document of API Gateway", () => {
  it("finds the most exact path that has the method", () => {
    const any = { "x-amazon-apigateway-any-method": reply };
    const api = apiOf({
      "/{proxy+}": any,
      "/streams/{stream}": { get: reply },
      "/streams/mine": { get: reply },
      "/streams/{stream}/{rest+}": any,
      "/": { get: reply },
    });
    const found = (verb: string, path: string) => {
      const match = api.find(verb, path);
      return match && [match.method.resourcePath, match.path];
    };
    assert.deepEqual(found("GET", "/streams/mine"), ["/streams/mine", {}]);
    assert.deepEqual(found("GET", "/streams/a%20b"), ["/streams/{stream}", { stream: "a%20b" }]);
    assert.deepEqual(found("PUT", "/streams/mine"), ["/{proxy+}", { proxy: "streams/mine" }]);
    assert.deepEqual(found("PUT", "/streams/a/b/c"), [
      "/streams/{stream}/{rest+}",
      { stream: "a", rest: "b/c" },
    ]);
    assert.deepEqual(found("GET", "/"), ["/", {}]);
    assert.equal(found("POST", "/"), undefined);
  });

  it("is read as the ingest API declares it", () => {
    const document = openApiDocument(
      {
        title: "test",
        description: "",
        authorization: "iam",
        allowedOrigin: "*",
        securityPolicy: "any",
        endpointAccessMode: "STRICT",
      },
      [{ "/a": { get: { ...reply, summary: "" } } as never }],
    );
    const api = Api.read(JSON.parse(JSON.stringify(document)));
    assert.equal(api.find("GET", "/a")?.method.authorization, "iam");
    assert.equal(api.find("OPTIONS", "/a")?.method.authorization, "none");
  });

  const kinesis = {
    type: "aws",
    httpMethod: "POST",
    uri: "arn:aws:apigateway:us-east-1:kinesis:action/PutRecord",
    credentials: "arn:aws:iam::000000000000:role/streams",
    requestParameters: {
      "integration.request.header.Content-Type": "'application/x-amz-json-1.1'",
    },
    requestTemplates: { "application/json": "$input.json('$')" },
    passthroughBehavior: "never",
    responses: { default: { statusCode: "200" } },
  };
  const calling = (changes: object) => ({
    "/a": {
      get: { responses: {}, "x-amazon-apigateway-integration": { ...kinesis, ...changes } },
    },
  });
  const templated = (template: string) =>
    calling({ requestTemplates: { "application/json": template } });

  it("is read with an action of Kinesis, and leads to no host", () => {
    assert.deepEqual(apiOf(calling({})).hosts(), new Set());
  });

  for (const [what, changes, fault] of [
    ["another service", calling({ uri: kinesis.uri.replace("kinesis", "sqs") }), /only an action/],
    ["no role", calling({ credentials: "arn:aws:iam::*:user/*" }), /must be the role/],
    ["requests passed through", calling({ passthroughBehavior: "when_no_match" }), /passthrough/],
    ["a changed body of the answer", calling({ contentHandling: "CONVERT_TO_TEXT" }), /Handling/],
    [
      "a template of the answer",
      calling({ responses: { default: { statusCode: "200", responseTemplates: {} } } }),
      /responseTemplates/,
    ],
    ["a pattern that is none", calling({ responses: { "4(": { statusCode: "400" } } }), /4\(/],
    ["a template that is none", templated("#set($a = )"), /Velocity/],
    ["an unknown function", templated("$util.sha256($input.body)"), /\$util\.sha256/],
    ["an unknown variable", templated('{"a":"$stageVariables.a"}'), /\$stageVariables/],
    ["a function in a text", templated('#set($a = "$input.xml($b)")$a'), /\$input\.xml/],
  ] as const)
    it(`is refused for a call of Kinesis with ${what}`, () => {
      assert.throws(() => apiOf(changes), fault);
    });

  for (const [what, rest, fault] of [
    [
      "a keyword that API Gateway does not take",
      { components: { schemas: { Post: { type: "object", additionalProperties: false } } } },
      /additionalProperties/,
    ],
    [
      "a validator of parameters",
      {
        "x-amazon-apigateway-request-validators": {
          all: { validateRequestBody: true, validateRequestParameters: true },
        },
      },
      /parameters are not validated here/,
    ],
  ] as const)
    it(`is refused for ${what} in what its methods share`, () => {
      assert.throws(() => apiOf({}, rest), fault);
    });

  for (const [what, paths, fault] of [
    [
      "a velocity template",
      {
        "/a": {
          get: {
            responses: {},
            "x-amazon-apigateway-integration": {
              type: "mock",
              requestTemplates: { "application/json": "$input.body" },
              responses: {},
            },
          },
        },
      },
      /only a template without variables is supported here\s+→ at paths\["\/a"\]\.get/,
    ],
    [
      "a type of integration",
      {
        "/a": {
          get: { responses: {}, "x-amazon-apigateway-integration": { type: "aws_proxy" } },
        },
      },
      /paths\["\/a"\]\.get\["x-amazon-apigateway-integration"\]\.type/,
    ],
    [
      "a request validator",
      { "/a": { get: { ...reply, "x-amazon-apigateway-request-validator": "all" } } },
      /x-amazon-apigateway-request-validator/,
    ],
    ["a security scheme", { "/a": { get: { ...reply, security: [{ oauth: [] }] } } }, /oauth/],
  ] as const)
    it(`is refused for ${what} that is not supported here`, () => {
      assert.throws(() => apiOf(paths), fault);
    });
});
