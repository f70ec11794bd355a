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
