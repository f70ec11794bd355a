import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { sign } from "aws4";
import { Agent, request } from "undici";
import { openApiDocument, type Authorization } from "../../../components/ingest-api/openapi";
import { batchPaths } from "../../../components/ingest-api/batch-paths";
import { freePort } from "../../ports";
import { Processes } from "../../processes";
import { startApiGateway, type ApiGateway, type Definition, type Stage } from ".";

const declaredHost = "kafka-rest.elb.us-east-1.amazonaws.com:8082";
const key = { id: "k1", value: "the-key", enabled: true };
const credentials = { accessKeyId: "AKIDTEST", secretAccessKey: "secret" };

function documentOf(authorization: Authorization, timeoutMillis = 29_000): unknown {
  return openApiDocument(
    {
      title: "test",
      description: "",
      authorization,
      allowedOrigin: "https://board.test",
      securityPolicy: "any",
      endpointAccessMode: "STRICT",
    },
    [batchPaths({ proxyUrl: `http://${declaredHost}`, vpcLinkId: "link", timeoutMillis })],
  );
}

describe("the API gateway", function () {
  this.timeout(60_000);
  let directory: string;
  let processes: Processes;
  let gateway: ApiGateway;
  let behind: Server;
  let behindHost: string;
  let reply: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void;
  const client = new Agent();

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "api-gateway-"));
    processes = await Processes.open(directory);
    gateway = await startApiGateway({ processes });
    behind = createServer((incoming, response) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        reply(incoming, Buffer.concat(chunks), response);
      });
    });
    await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
    behindHost = `127.0.0.1:${(behind.address() as AddressInfo).port}`;
  });

  after(async () => {
    await client.close();
    behind.closeAllConnections();
    behind.close();
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  beforeEach(() => {
    reply = (_, body, response) => {
      response.writeHead(200, { "content-type": "application/octet-stream" });
      response.end(body);
    };
  });

  /** Deploys the ingest API's document, open with `key`, with these changes. */
  async function deploy(stage: Partial<Stage> = {}, definition: Partial<Definition> = {}) {
    await gateway.deploy({
      stages: [{ restApiId: "api1", name: "v1", document: documentOf("apiKey"), ...stage }],
      plans: [{ stages: [{ apiId: "api1", stage: "v1" }], keys: [key] }],
      routes: { [declaredHost]: behindHost },
      credentials,
      ...definition,
    });
  }

  async function ask(
    pathAndQuery: string,
    options: { method?: string; headers?: Record<string, string>; body?: Buffer | string } = {},
  ) {
    const { statusCode, headers, body } = await request(`${gateway.url}${pathAndQuery}`, {
      dispatcher: client,
      method: (options.method ?? "POST") as "POST",
      headers: { "x-api-key": key.value, ...options.headers },
      body: options.body ?? null,
    });
    return { status: statusCode, headers, body: Buffer.from(await body.arrayBuffer()) };
  }

  it("passes method, path, query, headers and each byte of a body on, and the answer back", async () => {
    await deploy();
    let seen: { line: string; headers: IncomingMessage["headers"] } | undefined;
    reply = (incoming, body, response) => {
      seen = { line: `${incoming.method} ${incoming.url}`, headers: incoming.headers };
      response.writeHead(207, { "content-type": "x/y", "set-cookie": ["a=1", "b=2"], server: "s" });
      response.end(body);
    };
    const bytes = Buffer.from(Array.from({ length: 70_000 }, (_, index) => index % 256));
    const answer = await ask("/v1/topics/0ea7.pin%2Fx?a=1&a=%20&b", {
      method: "PUT",
      headers: { "content-type": "application/vnd.kafka.json.v2+json", "x-mine": "é" },
      body: bytes,
    });
    assert.equal(seen?.line, "PUT /topics/0ea7.pin%2Fx?a=1&a=%20&b");
    assert.equal(seen.headers.host, declaredHost);
    assert.equal(seen.headers["content-type"], "application/vnd.kafka.json.v2+json");
    assert.equal(seen.headers["content-length"], "70000");
    assert.equal(answer.status, 207);
    assert.equal(answer.headers["content-type"], "x/y");
    assert.deepEqual(answer.headers["set-cookie"], ["a=1", "b=2"]);
    assert.equal(answer.headers["x-amzn-remapped-server"], "s");
    assert.match(String(answer.headers["x-amzn-requestid"]), /^[0-9a-f-]{36}$/);
    assert.ok(answer.body.equals(bytes));
  });

  it("passes an error of the integration back as it is", async () => {
    await deploy();
    reply = (_, __, response) => {
      response.writeHead(422, { "content-type": "application/json" }).end('{"error_code":42203}');
    };
    const answer = await ask("/v1/topics/a", { body: "{" });
    assert.deepEqual([answer.status, answer.body.toString()], [422, '{"error_code":42203}']);
  });

  it("answers a preflight by itself, without a key", async () => {
    await deploy();
    const answer = await ask("/v1/topics/a", { method: "OPTIONS", headers: { "x-api-key": "" } });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers["access-control-allow-origin"], "https://board.test");
    assert.match(String(answer.headers["access-control-allow-methods"]), /\bPOST\b/);
    assert.equal(answer.body.length, 0);
  });

  it("refuses what has no key, a wrong one, or a disabled one, with CORS headers", async () => {
    const disabled = { id: "k2", value: "disabled-key", enabled: false };
    await deploy(
      {},
      { plans: [{ stages: [{ apiId: "api1", stage: "v1" }], keys: [key, disabled] }] },
    );
    for (const value of ["", "wrong", disabled.value]) {
      const answer = await ask("/v1/topics/a", { headers: { "x-api-key": value } });
      assert.equal(answer.status, 403);
      assert.equal(answer.body.toString(), '{"message":"Forbidden"}');
      assert.equal(answer.headers["x-amzn-errortype"], "ForbiddenException");
      assert.equal(answer.headers["access-control-allow-origin"], "https://board.test");
    }
  });

  it("refuses a key whose plan is of another stage", async () => {
    await deploy({}, { plans: [{ stages: [{ apiId: "api1", stage: "v2" }], keys: [key] }] });
    assert.equal((await ask("/v1/topics/a")).status, 403);
  });

  it("answers a path or stage that is not there as API Gateway does", async () => {
    await deploy();
    for (const missing of ["/v1/", "/v1", "/other/topics/a", "/"]) {
      const answer = await ask(missing);
      assert.equal(answer.status, 403, missing);
      assert.equal(answer.body.toString(), '{"message":"Missing Authentication Token"}');
    }
  });

  for (const owner of ["stage", "key"] as const)
    it(`throttles the ${owner}, and lets through again as its rate says`, async () => {
      const throttle = { rateLimit: 10, burstLimit: 5 };
      await deploy(
        owner === "stage" ? { throttle } : {},
        owner === "key"
          ? { plans: [{ stages: [{ apiId: "api1", stage: "v1" }], keys: [key], throttle }] }
          : {},
      );
      const burst = await Promise.all(Array.from({ length: 12 }, () => ask("/v1/topics/a")));
      const refused = burst.filter(({ status }) => status === 429);
      assert.ok(refused.length >= 5 && refused.length <= 7, `${refused.length} were refused`);
      assert.equal(refused[0]?.body.toString(), '{"message":"Too Many Requests"}');
      await sleep(250);
      assert.equal((await ask("/v1/topics/a")).status, 200);
    });

  it("refuses more than 10 MB and takes exactly that", async () => {
    await deploy();
    const most = Buffer.alloc(10 * 1_024 * 1_024, 1);
    assert.ok((await ask("/v1/topics/a", { body: most })).body.equals(most));
    const answer = await ask("/v1/topics/a", { body: Buffer.concat([most, Buffer.from("x")]) });
    assert.equal(answer.status, 413);
    assert.equal(
      answer.body.toString(),
      '{"message":"HTTP content length exceeded 10485760 bytes."}',
    );
  });

  it("answers for an integration that is too slow, refuses, or breaks off", async () => {
    await deploy({ document: documentOf("apiKey", 100) });
    reply = () => undefined;
    const slow = await ask("/v1/topics/a");
    assert.deepEqual(
      [slow.status, slow.body.toString()],
      [504, '{"message":"Endpoint request timed out"}'],
    );
    reply = (incoming) => {
      incoming.socket.destroy();
    };
    assert.equal((await ask("/v1/topics/a")).status, 504);
    const nowhere: Definition["routes"][] = [
      { [declaredHost]: `127.0.0.1:${await freePort()}` },
      {},
    ];
    for (const routes of nowhere) {
      await deploy({}, { routes });
      const gone = await ask("/v1/topics/a");
      assert.deepEqual(
        [gone.status, gone.body.toString()],
        [504, '{"message":"Network error communicating with endpoint"}'],
      );
    }
  });

  it("lets a rightly signed request pass where callers sign, and no other", async () => {
    await deploy({ document: documentOf("iam") });
    const { host } = new URL(gateway.url);
    const signed = (body: string, secretAccessKey = credentials.secretAccessKey) =>
      sign(
        {
          service: "execute-api",
          region: "us-east-1",
          host,
          method: "POST",
          path: "/v1/topics/0ea7.pin%20x?b=2&a=1",
          headers: { "content-type": "application/json" },
          body,
        },
        { accessKeyId: credentials.accessKeyId, secretAccessKey },
      );
    const send = async (body: string, headers: unknown) =>
      ask("/v1/topics/0ea7.pin%20x?b=2&a=1", {
        body,
        headers: headers as Record<string, string>,
      });
    assert.equal((await send("{}", signed("{}").headers)).status, 200);
    for (const headers of [
      signed("{}", "other").headers,
      signed("[]").headers,
      { ...signed("{}").headers, "X-Amz-Date": "20200101T000000Z" },
    ]) {
      const answer = await send("{}", headers);
      assert.equal(answer.status, 403);
      assert.match(answer.body.toString(), /signature we calculated does not match/);
    }
    assert.equal(
      (await send("{}", {})).body.toString(),
      '{"message":"Missing Authentication Token"}',
    );
  });

  it("logs each request in the declared format", async () => {
    const file = path.join(directory, "access.log");
    const format = JSON.stringify({
      id: "$context.requestId",
      time: "$context.requestTime",
      key: "$context.identity.apiKeyId",
      path: "$context.path",
      resource: "$context.resourcePath",
      status: "$context.status",
      behind: "$context.integration.status",
      length: "$context.responseLength",
      error: "$context.error.message",
      user: "$context.identity.userArn",
    });
    await deploy({ accessLog: { format, file } });
    await ask("/v1/topics/a", { body: "12345" });
    await ask('/v1/topics/"', { headers: { "x-api-key": "wrong" } });
    let lines: Record<string, string>[] = [];
    const bound = Date.now() + 5_000;
    while (lines.length < 2 && Date.now() < bound) {
      await sleep(20);
      lines = (await readFile(file, "utf8"))
        .split("\n")
        .filter((line) => line)
        .map((line) => JSON.parse(line) as Record<string, string>);
    }
    const [first, second] = lines;
    assert.match(first?.id ?? "", /^[0-9a-f-]{36}$/);
    assert.match(first?.time ?? "", /^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    assert.deepEqual(first, {
      id: first?.id,
      time: first?.time,
      key: "k1",
      path: "/v1/topics/a",
      resource: "/{proxy+}",
      status: "200",
      behind: "200",
      length: "5",
      error: "-",
      user: "-",
    });
    assert.equal(second?.status, "403");
    assert.equal(second.error, "Forbidden");
  });

  it("refuses a deployment that it cannot execute, and goes on with the one before", async () => {
    await deploy();
    await assert.rejects(
      deploy({ document: { openapi: "3.0.1", info: { title: "x" }, paths: {}, "x-other": 1 } }),
      /cannot be deployed.*x-other/s,
    );
    assert.equal((await ask("/v1/topics/a")).status, 200);
  });

  it("listens on 127.0.0.1 only", async () => {
    const open = await readFile("/proc/net/tcp", "utf8").catch(() => "");
    const port = Number(new URL(gateway.url).port).toString(16).toUpperCase().padStart(4, "0");
    const listening = open
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local, , state]) => local?.endsWith(`:${port}`) && state === "0A")
      .map(([, local]) => local);
    if (open) assert.deepEqual(listening, [`0100007F:${port}`]);
  });
});
