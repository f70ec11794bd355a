/** The stream path from its declaration to a caller, on the real MiniStack. */
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { IngestApi } from "../../components/ingest-api";
import { accountId, region } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import { record, type Recorded } from "../../components/mocks/recorder";
import { Streams } from "../../components/streams";
import type { Machine } from "../machine";
import { Processes } from "../processes";
import { awsOf } from "../services/aws";
import { callKinesis } from "../services/kinesis";
import { installToolchain } from "../toolchain";
import { api } from "./api";
import { streams } from "./streams";

const handlers = { ...api, ...streams };
const userId = "0ea7b76ff169";
const stream = (kind: string) => `streaming-${userId}-${kind}`;

interface StoredRecord {
  readonly Data: string;
  readonly PartitionKey: string;
}

describe("the stream path", function () {
  this.timeout(300_000);
  let directory: string;
  let machine: Machine;
  let invokeUrl: string;
  let apiKey: string;

  const make = (resource: Recorded) =>
    handlers[resource.type]?.(resource, machine) ?? cloudOutputs(resource);

  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), "streams-"));
    machine = {
      directory,
      toolchain: await installToolchain(),
      processes: await Processes.open(directory),
      services: {},
      routes: new Map(),
    };
    const { outputs } = await record(
      () => {
        const declared = new Streams("streams", {
          userId,
          region,
          accountId,
          mode: "provisioned",
          shardCount: 2,
          retentionHours: 48,
        });
        const onDemand = new Streams("other", { userId: "other", region, accountId });
        const ingest = new IngestApi("ingest", {
          proxyUrl: "http://kafka-rest.elb.us-east-1.amazonaws.com:8082",
          loadBalancerArn: "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/x",
          region,
          accountId,
          allowedOrigin: "https://board.test",
          streams: {
            names: Object.values(declared.streamNames),
            arns: Object.values(declared.streamArns),
            keyArn: declared.keyArn,
          },
        });
        return {
          invokeUrl: ingest.invokeUrl,
          apiKey: ingest.apiKey,
          arns: declared.streamArns,
          others: onDemand.streamNames,
        };
      },
      { make },
    );
    ({ invokeUrl } = outputs);
    apiKey = outputs.apiKey ?? "";
    assert.equal(
      outputs.arns.pin,
      `arn:aws:kinesis:us-east-1:000000000000:stream/${stream("pin")}`,
    );
  });

  after(async () => {
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function ask(
    method: string,
    pathBelow: string,
    body?: string,
    headers: Record<string, string> = {},
  ) {
    const answer = await fetch(`${invokeUrl}${pathBelow}`, {
      method,
      headers: { "x-api-key": apiKey, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body }),
    });
    const text = await answer.text();
    assert.equal(answer.headers.get("access-control-allow-origin"), "https://board.test", text);
    return {
      status: answer.status,
      type: answer.headers.get("content-type"),
      answer: (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  /** What is in a stream, the text of the data and the key of each record. */
  async function recordsOf(StreamName: string): Promise<[string, string][]> {
    const kinesis = await awsOf(machine);
    const { Shards: shards } = await callKinesis<{ Shards: { ShardId: string }[] }>(
      kinesis,
      "ListShards",
      { StreamName },
    );
    const records = await Promise.all(
      shards.map(async ({ ShardId }) => {
        const { ShardIterator } = await callKinesis<{ ShardIterator: string }>(
          kinesis,
          "GetShardIterator",
          { StreamName, ShardId, ShardIteratorType: "TRIM_HORIZON" },
        );
        return callKinesis<{ Records: StoredRecord[] }>(kinesis, "GetRecords", { ShardIterator });
      }),
    );
    return records.flatMap(({ Records }) =>
      Records.map(({ Data, PartitionKey }): [string, string] => [
        Buffer.from(Data, "base64").toString("utf8"),
        PartitionKey,
      ]),
    );
  }

  it("has the streams as they are declared", async () => {
    const summaryOf = async (StreamName: string) =>
      (
        await callKinesis<{ StreamDescriptionSummary: Record<string, unknown> }>(
          await awsOf(machine),
          "DescribeStreamSummary",
          { StreamName },
        )
      ).StreamDescriptionSummary;
    const pin = await summaryOf(stream("pin"));
    assert.deepEqual(pin.StreamModeDetails, { StreamMode: "PROVISIONED" });
    assert.deepEqual(
      [pin.OpenShardCount, pin.RetentionPeriodHours, pin.EncryptionType],
      [2, 48, "KMS"],
    );
    const other = await summaryOf("streaming-other-pin");
    assert.deepEqual(other.StreamModeDetails, { StreamMode: "ON_DEMAND" });
    assert.deepEqual([other.OpenShardCount, other.RetentionPeriodHours], [4, 168]);
  });

  it("puts a post byte for byte under its key", async () => {
    const data =
      '{"index":7528,"title":"it\'s \\"quoted\\" \\u00e9 é 🚗\\n","latitude":1.0,"n":12345678901234567890,"a":{"b":[1e5]}}';
    const { status, type, answer } = await ask(
      "PUT",
      `/streams/${stream("pin")}/record`,
      `{"StreamName":"x","Data":${data},"PartitionKey":"it's \\"7528\\""}`,
    );
    assert.equal(status, 200);
    assert.equal(type, "application/json");
    assert.match(String(answer.ShardId), /^shardId-/);
    assert.ok(answer.SequenceNumber);
    assert.deepEqual(await recordsOf(stream("pin")), [[data, `it's "7528"`]]);
  });

  it("puts 500 posts at once, over all shards", async () => {
    const records = Array.from({ length: 500 }, (_, ind) => ({
      data: { ind, country: "Åland", timestamp: "2022-01-01T02:26:50" },
      "partition-key": String(ind),
    }));
    const { status, answer } = await ask(
      "PUT",
      `/streams/${stream("geo")}/records`,
      JSON.stringify({ records }),
      { "content-type": "application/json; charset=utf-8" },
    );
    assert.equal(status, 200);
    assert.equal(answer.FailedRecordCount, 0);
    const shards = new Set((answer.Records as { ShardId: string }[]).map(({ ShardId }) => ShardId));
    assert.equal(shards.size, 2);
    assert.deepEqual(
      (await recordsOf(stream("geo"))).sort(),
      records.map((one) => [JSON.stringify(one.data), one["partition-key"]]).sort(),
    );
  });

  const [one, many] = [`/streams/${stream("user")}/record`, `/streams/${stream("user")}/records`];
  const record501 = Array.from({ length: 501 }, () => ({ data: {}, "partition-key": "1" }));
  for (const [what, pathBelow, body] of [
    ["a body that is not JSON", one, "{'Data':1}"],
    ["a body that breaks off", many, '{"records":[{"data":{},'],
    ["no body", one, ""],
    ["a post without a key", one, '{"Data":{}}'],
    ["a post without data", one, '{"PartitionKey":"1"}'],
    ["data that is no object", one, '{"Data":"text","PartitionKey":"1"}'],
    ["an empty key", one, '{"Data":{},"PartitionKey":""}'],
    ["a key that is no text", one, '{"Data":{},"PartitionKey":1}'],
    ["a key that is too long", one, `{"Data":{},"PartitionKey":"${"x".repeat(257)}"}`],
    ["an empty batch", many, '{"records":[]}'],
    ["a batch of no records", many, "{}"],
    ["a batch with one bad record", many, '{"records":[{"data":{},"partition-key":"1"},{}]}'],
    ["a batch of 501", many, JSON.stringify({ records: record501 })],
  ] as const)
    it(`refuses ${what}, and puts nothing`, async () => {
      const { status, answer } = await ask("PUT", pathBelow, body);
      assert.equal(status, 400);
      assert.equal(answer.message, "Invalid request body");
      assert.match(String(answer.detail), /^\[.+\]$/);
      assert.deepEqual(await recordsOf(stream("user")), []);
    });

  it("says what is wrong with a body", async () => {
    const { answer } = await ask("PUT", many, '{"records":[{"data":{}}]}');
    assert.match(String(answer.detail), /\/records\/0 must have required property 'partition-key'/);
  });

  it("refuses a body of a type that it has no template for", async () => {
    const { status, answer } = await ask("PUT", one, "Data=1", { "content-type": "text/plain" });
    assert.deepEqual([status, answer.message], [415, "Unsupported Media Type"]);
  });

  it("passes Kinesis's own errors back", async () => {
    const missing = await ask("GET", "/streams/no-such-stream");
    assert.deepEqual([missing.status, missing.answer.__type], [400, "ResourceNotFoundException"]);
    assert.match(String(missing.answer.message), /no-such-stream/);
    const large = await ask(
      "PUT",
      one,
      JSON.stringify({ Data: { text: "x".repeat(1_048_577) }, PartitionKey: "1" }),
    );
    assert.deepEqual([large.status, large.answer.__type], [400, "ValidationException"]);
  });

  it("lists, describes, deletes and makes streams", async () => {
    const { answer } = await ask("GET", "/streams");
    assert.ok((answer.StreamNames as string[]).includes(stream("pin")));
    const described = await ask("GET", `/streams/${stream("pin")}`);
    const { StreamStatus } = described.answer.StreamDescription as Record<string, unknown>;
    assert.equal(StreamStatus, "ACTIVE");
    const target = "/streams/streaming-other-user";
    assert.equal((await ask("DELETE", target)).status, 200);
    assert.equal((await ask("DELETE", target)).status, 400);
    assert.equal((await ask("POST", target)).status, 200);
    const again = await ask("POST", target, '{"ShardCount":3}');
    assert.deepEqual([again.status, again.answer.__type], [400, "ResourceInUseException"]);
    await ask("DELETE", target);
    assert.equal((await ask("POST", target, '{"ShardCount":3}')).status, 200);
    const { StreamDescription: stream3 } = (await ask("GET", target)).answer;
    assert.equal((stream3 as { Shards: unknown[] }).Shards.length, 3);
    assert.equal((await ask("POST", target, '{"ShardCount":0}')).status, 400);
  });

  it("asks for the key on each of its paths, and for none in a preflight", async () => {
    for (const [method, pathBelow] of [
      ["GET", "/streams"],
      ["GET", `/streams/${stream("pin")}`],
      ["POST", `/streams/${stream("pin")}`],
      ["DELETE", `/streams/${stream("pin")}`],
      ["PUT", one],
      ["PUT", many],
    ] as const)
      assert.equal((await ask(method, pathBelow, undefined, { "x-api-key": "wrong" })).status, 403);
    for (const pathBelow of ["/streams", one, many]) {
      const answer = await fetch(`${invokeUrl}${pathBelow}`, { method: "OPTIONS" });
      assert.equal(answer.status, 204);
      assert.match(answer.headers.get("access-control-allow-methods") ?? "", /GET|PUT/);
    }
  });
});
