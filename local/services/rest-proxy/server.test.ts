import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { Admin, Consumer } from "@platformatic/kafka";
import type { FastifyInstance } from "fastify";
import { Processes } from "../../processes";
import { installToolchain } from "../../toolchain";
import { startKafka } from "../kafka";
import { buildRestProxy } from "./server";

interface ProduceReply {
  offsets: {
    partition: number | null;
    offset: number | null;
    error_code: number | null;
    error: string | null;
  }[];
}

describe("the REST proxy before a real broker", function () {
  this.timeout(120_000);
  let directory: string;
  let processes: Processes;
  let bootstrapServers: string;
  let proxy: FastifyInstance;

  before(async () => {
    const toolchain = await installToolchain();
    directory = await mkdtemp(path.join(tmpdir(), "rest-proxy-"));
    processes = await Processes.open(directory);
    ({ bootstrapServers } = await startKafka({ directory, toolchain, processes }));
    const admin = new Admin({ clientId: "test", bootstrapBrokers: [bootstrapServers] });
    await admin.createTopics({ topics: ["one"], partitions: 1, replicas: 1 });
    await admin.createTopics({ topics: ["text"], partitions: 1, replicas: 1 });
    await admin.createTopics({ topics: ["three"], partitions: 3, replicas: 1 });
    await admin.close();
    proxy = buildRestProxy(bootstrapServers);
  });

  after(async () => {
    await proxy.close();
    await processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  function post(topic: string, body: unknown, type = "application/vnd.kafka.json.v2+json") {
    return proxy.inject({
      method: "POST",
      url: `/topics/${topic}`,
      headers: { "content-type": type },
      payload: typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    });
  }

  async function produce(topic: string, records: readonly unknown[]): Promise<ProduceReply> {
    const reply = await post(topic, { records });
    assert.equal(reply.statusCode, 200, reply.body);
    return reply.json();
  }

  /** All that stands in the topic, as bytes. */
  async function consume(topic: string, count: number) {
    const consumer = new Consumer({
      clientId: "test",
      groupId: `test-${topic}-${count}`,
      bootstrapBrokers: [bootstrapServers],
    });
    const read: {
      key: string | undefined;
      value: string | undefined;
      partition: number;
      offset: number;
    }[] = [];
    try {
      const stream = await consumer.consume({
        topics: [topic],
        mode: "earliest",
        autocommit: false,
      });
      for await (const { key, value, partition, offset } of stream) {
        read.push({
          key: (key as Buffer | undefined)?.toString(),
          value: (value as Buffer | undefined)?.toString(),
          partition,
          offset: Number(offset),
        });
        if (read.length === count) break;
      }
    } finally {
      await consumer.close();
    }
    return read;
  }

  it("replies as the Confluent REST proxy does", async () => {
    const reply = await post("one", { records: [{ key: 7, value: { index: 7 } }, { value: "é" }] });
    assert.equal(reply.statusCode, 200);
    assert.equal(reply.headers["content-type"], "application/vnd.kafka.v2+json");
    assert.equal(
      reply.body,
      '{"offsets":[{"partition":0,"offset":0,"error_code":null,"error":null},' +
        '{"partition":0,"offset":1,"error_code":null,"error":null}],' +
        '"key_schema_id":null,"value_schema_id":null}',
    );
    assert.deepEqual(
      (await consume("one", 2)).map(({ key, value }) => [key, value]),
      [
        ["7", '{"index":7}'],
        [undefined, '"é"'],
      ],
    );
  });

  it("keeps a text as it is, whether its characters are escaped, not escaped, or both", async () => {
    const texts = [
      String.raw`"Zoë 😀 \n\"\/"`,
      String.raw`"Zoë 😀 \u0007"`,
      String.raw`"Zo\u00eb \ud83d\ude00 \ud83d"`,
    ];
    for (const text of texts) {
      const reply = await post("text", `{"records":[{"key":${text},"value":{"é":${text}}}]}`);
      assert.equal(reply.statusCode, 200, reply.body);
    }
    const read = await consume("text", texts.length);
    const parsed = (text = ""): unknown => JSON.parse(text);
    assert.deepEqual(
      read.map(({ key, value }) => ({ key: parsed(key), value: parsed(value) })),
      texts.map((text) => ({ key: parsed(text), value: { é: parsed(text) } })),
    );
  });

  it("tells a fault of one record in its place and takes the others", async () => {
    const { offsets } = await produce("three", [
      { key: "a", value: 1 },
      { value: 2, partition: 3 },
      { key: "a", value: "x".repeat(1_100_000) },
      { key: "a", value: 4 },
    ]);
    assert.deepEqual(
      offsets.map(({ error_code }) => error_code),
      [null, 40_402, 50_002, null],
    );
    assert.equal(offsets[1]?.error, "Partition 3 not found.");
    assert.match(offsets[2]?.error ?? "", /^The message is 11000\d\d bytes when serialized/);
    assert.equal(offsets[3]?.partition, offsets[0]?.partition);
    assert.equal(offsets[3]?.offset, (offsets[0]?.offset ?? 0) + 1);
  });

  it("splits what is more than a broker takes at once, and keeps many clients' records apart", async () => {
    const text = "x".repeat(1_000);
    const clients = 8;
    const each = 2_000;
    const replies = await Promise.all(
      Array.from({ length: clients }, (_, client) =>
        produce(
          "three",
          Array.from({ length: each }, (_, index) => ({
            key: `${client}-${index}`,
            value: { text },
          })),
        ),
      ),
    );
    const total = clients * each;
    const places = new Map<string, string>();
    replies.forEach(({ offsets }, client) => {
      offsets.forEach(({ partition, offset }, index) => {
        places.set(`${partition}+${offset}`, `"${client}-${index}"`);
      });
    });
    assert.equal(places.size, total);
    const read = await consume("three", total + 2);
    const written = read.filter(({ key }) => key !== '"a"');
    assert.equal(written.length, total);
    for (const { key, partition, offset } of written)
      assert.equal(places.get(`${partition}+${offset}`), key);
  });

  it("has a client wait where more small records come at once than there is room for", async () => {
    const records = Array.from({ length: 60_000 }, () => ({ value: 1 }));
    const replies = await Promise.all([1, 2, 3].map(() => post("one", { records })));
    assert.deepEqual(replies.map(({ statusCode }) => statusCode).sort(), [200, 200, 429]);
  });

  it("lists topics and tells where a topic's partitions are", async () => {
    const topics = await proxy.inject("/topics");
    assert.deepEqual(topics.json(), ["one", "text", "three"]);
    const topic = await proxy.inject("/topics/one");
    assert.deepEqual(topic.json(), {
      name: "one",
      partitions: [
        { partition: 0, leader: 1, replicas: [{ broker: 1, leader: true, in_sync: true }] },
      ],
    });
    const root = await proxy.inject("/");
    assert.deepEqual([root.statusCode, root.json()], [200, {}]);
  });

  const value = { records: [{ value: 1 }] };
  const faults: [string, () => ReturnType<typeof post>, number, number, RegExp][] = [
    ["an unknown topic", () => post("absent", value), 404, 40_401, /^Topic not found\.$/],
    ["a name that no topic can have", () => post("a*b", value), 404, 40_401, /^Topic not found\.$/],
    ["a body that is no JSON", () => post("one", "{"), 400, 400, /not JSON/],
    [
      "a body that is not UTF-8",
      () => post("one", Buffer.from('{"records":[{"value":"é"}]}', "latin1")),
      400,
      400,
      /not UTF-8/,
    ],
    [
      "a field that there is not",
      () => post("one", { records: [{ value: 1 }], é: 1 }),
      422,
      422,
      /: é$/,
    ],
    ["no records", () => post("one", { records: [] }), 422, 422, /records may not be empty/],
    ["another content type", () => post("one", value, "text/plain"), 415, 415, /Unsupported/],
    ["a body that is too large", () => post("one", "x".repeat(34 << 20)), 413, 413, /too large/],
    [
      "more values than there is room for",
      () => post("one", `{"records":[{"value":[${"1,".repeat(1_100_000)}1]}]}`),
      413,
      413,
      /more than 1000000 values/,
    ],
    ["another path", () => proxy.inject("/subjects"), 404, 404, /Not Found/],
  ];
  for (const [what, request, status, code, message] of faults)
    it(`refuses ${what} with ${code}`, async () => {
      const reply = await request();
      assert.equal(reply.statusCode, status);
      const fault = reply.json<{ error_code: number; message: string }>();
      assert.deepEqual(Object.keys(fault), ["error_code", "message"]);
      assert.equal(fault.error_code, code);
      assert.match(fault.message, message);
    });

  it("tells that records may be sent again when the broker is gone", async () => {
    await produce("one", [{ value: "before" }]);
    await processes.stop();
    const reply = await post("one", { records: [{ value: "after" }] });
    // In the record's place while the topic is still known from before, for the whole request later.
    const fault =
      reply.statusCode === 200
        ? reply.json<ProduceReply>().offsets[0]
        : reply.json<{ error_code: number }>();
    assert.equal(fault?.error_code, 50_003, reply.body);
  });
});
