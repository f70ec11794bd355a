import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { openApiDocument } from "../../../components/ingest-api/openapi";
import { streamModels } from "../../../components/ingest-api/stream-models";
import { streamPaths } from "../../../components/ingest-api/stream-paths";
import { Gateway } from "./gateway";

const key = "the-key";

/** A Kinesis that answers as it is told to. */
class FakeKinesis {
  status = 200;
  body = "{}";
  answers = true;
  asked: { headers: IncomingHttpHeaders; body: string }[] = [];
  readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      this.asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString("utf8") });
      if (this.answers)
        response
          .writeHead(this.status, { "content-type": "application/x-amz-json-1.1" })
          .end(this.body);
    });
  });

  async listen(): Promise<string> {
    this.server.listen(0, "127.0.0.1");
    await once(this.server, "listening");
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

describe("a method that calls Kinesis", () => {
  let kinesis: FakeKinesis;
  let endpoint: string;

  beforeEach(async () => {
    kinesis = new FakeKinesis();
    endpoint = await kinesis.listen();
  });

  afterEach(() => {
    kinesis.close();
  });

  function gatewayOf(timeoutMillis = 5_000): Gateway {
    return Gateway.deploy({
      stages: [
        {
          restApiId: "api1",
          name: "v1",
          document: openApiDocument(
            {
              title: "test",
              description: "",
              authorization: "apiKey",
              allowedOrigin: "*",
              securityPolicy: "any",
              endpointAccessMode: "STRICT",
              models: streamModels,
            },
            [
              streamPaths({
                region: "us-east-1",
                roleArn: "arn:aws:iam::000000000000:role/streams",
                streamNames: ["one"],
                allowedOrigin: "*",
                timeoutMillis,
              }),
            ],
          ),
        },
      ],
      plans: [
        {
          stages: [{ apiId: "api1", stage: "v1" }],
          keys: [{ id: "k1", value: key, enabled: true }],
        },
      ],
      routes: {},
      aws: { endpoint, region: "us-east-1", accessKeyId: "AKID", secretAccessKey: "secret" },
    });
  }

  async function put(gateway: Gateway, url = "/v1/streams/one/record", data = '{"ind":1}') {
    const { status, headers, body } = await gateway.answer({
      method: "PUT",
      url,
      headers: { "x-api-key": key },
      body: Buffer.from(`{"Data":${data},"PartitionKey":"1"}`),
      sourceIp: "127.0.0.1",
      tooLong: false,
    });
    return { status, headers, body: body.toString() };
  }

  it("sends it the template's text, signed, under the action and type of the document", async () => {
    assert.equal((await put(gatewayOf())).status, 200);
    const [{ headers, body } = { headers: {}, body: "" }, ...others] = kinesis.asked;
    assert.equal(others.length, 0);
    assert.deepEqual(JSON.parse(body), {
      StreamName: "one",
      Data: Buffer.from('{"ind":1}').toString("base64"),
      PartitionKey: "1",
    });
    assert.equal(headers["x-amz-target"], "Kinesis_20131202.PutRecord");
    assert.equal(headers["content-type"], "application/x-amz-json-1.1");
    assert.match(
      headers.authorization ?? "",
      /^AWS4-HMAC-SHA256 Credential=AKID\/\d{8}\/us-east-1\/kinesis\/aws4_request, /,
    );
    assert.equal(headers["x-api-key"], undefined, "the caller's headers stay here");
  });

  it("gives the path's name to it decoded, and as it was sent where that makes no text", async () => {
    for (const [sent, name] of [
      ["a%20b", "a b"],
      ["%C3%A9", "é"],
      ["%E9", "%E9"],
    ] as const) {
      await put(gatewayOf(), `/v1/streams/${sent}/record`);
      const { StreamName } = JSON.parse(kinesis.asked.at(-1)?.body ?? "") as Record<string, string>;
      assert.equal(StreamName, name);
    }
  });

  for (const [what, data] of [
    ["one long text", `{"title":"${"x".repeat(10_000_000)}"}`],
    ["lists in lists", `{"a":${"[".repeat(900_000)}${"]".repeat(900_000)}}`],
  ] as const)
    it(`hands a payload of ${what} on whole, for Kinesis to refuse`, async () => {
      assert.equal((await put(gatewayOf(), undefined, data)).status, 200);
      const { Data } = JSON.parse(kinesis.asked[0]?.body ?? "") as { Data: string };
      assert.ok(Buffer.from(Data, "base64").equals(Buffer.from(data)), "the payload is another");
    });

  it("refuses a payload of more values than there is room for, and does not ask Kinesis", async () => {
    const data = `{"a":[${"1,".repeat(4_900_000)}1]}`;
    const { status, body } = await put(gatewayOf(), undefined, data);
    const detail = "[the body has more than 1000000 values]";
    assert.deepEqual(
      [status, JSON.parse(body)],
      [400, { message: "Invalid request body", detail }],
    );
    assert.equal(kinesis.asked.length, 0);
  });

  for (const [status, passed] of [
    [400, 400],
    [403, 403],
    [413, 413],
    [429, 400],
    [500, 500],
    [503, 503],
    [504, 500],
  ] as const)
    it(`answers ${passed} with Kinesis's words where Kinesis answers ${status}`, async () => {
      kinesis.status = status;
      kinesis.body =
        '{"__type":"ProvisionedThroughputExceededException","message":"Rate exceeded for shard"}';
      const answer = await put(gatewayOf());
      assert.deepEqual([answer.status, answer.body], [passed, kinesis.body]);
      assert.equal(answer.headers["content-type"], "application/json");
      assert.equal(answer.headers["Access-Control-Allow-Origin"], "*");
    });

  it("answers 504 where Kinesis is too slow, and where it is gone", async () => {
    kinesis.answers = false;
    const slow = await put(gatewayOf(100));
    assert.deepEqual([slow.status, slow.body], [504, '{"message":"Endpoint request timed out"}']);
    kinesis.close();
    const gone = await put(gatewayOf());
    assert.deepEqual(
      [gone.status, gone.body],
      [504, '{"message":"Network error communicating with endpoint"}'],
    );
  });
});
