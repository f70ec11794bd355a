import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { apiKeyAuthorization, iamAuthorization, regionOf } from "./authorization";

const request = {
  method: "POST",
  url: new URL("https://a1b2c3.execute-api.eu-west-1.amazonaws.com/dev/topics/0ea7.pin"),
  headers: { "Content-Type": "application/vnd.kafka.json.v2+json" },
  body: Buffer.from('{"records":[]}'),
};

describe("apiKeyAuthorization", () => {
  it("sends the key in the header of API Gateway", async () => {
    assert.deepEqual(await apiKeyAuthorization("abc")(request), { "x-api-key": "abc" });
  });
});

describe("iamAuthorization", () => {
  it("signs the request as Signature Version 4 says", async () => {
    const credentials = {
      accessKeyId: "AKIAEXAMPLE",
      secretAccessKey: "secret",
      sessionToken: "token",
    };
    const headers = await iamAuthorization("eu-west-1", () => Promise.resolve(credentials))(
      request,
    );
    const authorization = headers["Authorization"] ?? "";
    const parts =
      /^AWS4-HMAC-SHA256 Credential=AKIAEXAMPLE\/(\d{8})\/eu-west-1\/execute-api\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
        authorization,
      );
    assert.ok(parts, authorization);
    const [, day = "", signed = "", signature] = parts;
    const lower = new Map(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
    );
    for (const name of ["content-type", "host", "x-amz-date", "x-amz-security-token"])
      assert.ok(signed.split(";").includes(name), `${name} is not signed`);

    const canonical = [
      "POST",
      "/dev/topics/0ea7.pin",
      "",
      ...signed.split(";").map((name) => `${name}:${lower.get(name) ?? ""}`),
      "",
      signed,
      createHash("sha256").update(request.body).digest("hex"),
    ].join("\n");
    const toSign = [
      "AWS4-HMAC-SHA256",
      lower.get("x-amz-date"),
      `${day}/eu-west-1/execute-api/aws4_request`,
      createHash("sha256").update(canonical).digest("hex"),
    ].join("\n");
    let key: Buffer | string = "AWS4secret";
    for (const part of [day, "eu-west-1", "execute-api", "aws4_request"])
      key = createHmac("sha256", key).update(part).digest();
    assert.equal(signature, createHmac("sha256", key).update(toSign).digest("hex"));
  });
});

describe("regionOf", () => {
  it("reads the region from API Gateway's address, and from no other", () => {
    assert.equal(regionOf(request.url.href), "eu-west-1");
    assert.equal(regionOf("http://127.0.0.1:8082"), undefined);
    assert.equal(regionOf("not an address"), undefined);
  });
});
