import assert from "node:assert/strict";
import {
  streamTemplates,
  type StreamAction,
} from "../../../components/ingest-api/stream-templates";
import { renderTemplate, templateFault, type TemplateRequest } from "./velocity";

const streamName = "streaming-0ea7b76ff169-pin";

interface Rendered {
  StreamName?: string;
  ShardCount?: number;
  Data?: string;
  PartitionKey?: string;
  Records?: { Data: string; PartitionKey: string }[];
}

/** What Kinesis would be sent; fails unless that is JSON. */
function rendered(
  action: StreamAction,
  body?: string,
  request: Partial<TemplateRequest> = {},
): Rendered {
  const text = renderTemplate(streamTemplates[action], {
    body,
    path: { "stream-name": streamName },
    query: {},
    headers: {},
    context: {},
    ...request,
  });
  return JSON.parse(text) as Rendered;
}

function decoded(data: string | undefined): string {
  return Buffer.from(data ?? "", "base64").toString("utf8");
}

/** JSON texts that must arrive as they are, each an object. */
const payloads: Readonly<Record<string, string>> = {
  "a post": JSON.stringify({
    index: 10794,
    title: "Nissan GT-R. Sick.",
    follower_count: "437",
    downloaded: 1,
  }),
  "single and double quotes": JSON.stringify({ title: `He said "it's"`, "it's": "\\'" }),
  "newlines, tabs and control characters": JSON.stringify({
    description: "a\r\nb\tc\b\f\u0001\u007f",
  }),
  "backslashes and slashes": String.raw`{"path":"C:\\data\/x","save_location":"Local save in /data/vehicles"}`,
  "letters of all kinds": JSON.stringify({ country: "Åland • 日本 • 🚗 • \u2028 • é • e\u0301" }),
  "letters written as escapes": String.raw`{"a":"\u00e9\ud83d\ude97\u0000","b":"\ud800"}`,
  "nested objects and lists": '{"a":{"b":[{"c":null},[],[[true,false]]]},"d":{}}',
  "numbers as they were written":
    '{"a":1.0,"b":1e5,"c":12345678901234567890,"d":-0,"e":0.10,"f":1E-7,"g":3.141592653589793238462643}',
  "what Velocity would execute": JSON.stringify({
    "$input.body": "$util.base64Encode('x') #set($a = 1) #foreach($x in $y)#end ${context.stage}",
    "##": "#* *#",
  }),
  "names like paths": JSON.stringify({ data: { Data: { "partition-key": "x" } }, "$.Data": 1 }),
  "an empty object": "{}",
};

const partitionKeys = [
  "10794",
  `it's "quoted"`,
  "back\\slash/slash",
  "line\nbreak\ttab",
  "日本 🚗 é",
  "<&> $input.body #end",
  "x".repeat(256),
];

describe("the templates of the streams", () => {
  for (const [action, template] of Object.entries(streamTemplates))
    it(`of ${action} can be executed here`, () => {
      assert.equal(templateFault(template), undefined);
    });

  for (const [what, payload] of Object.entries(payloads)) {
    it(`put a payload of ${what} byte for byte`, () => {
      const { StreamName, Data, PartitionKey } = rendered(
        "PutRecord",
        `{"StreamName":"other","Data":${payload},"PartitionKey":"1"}`,
      );
      assert.equal(decoded(Data), payload);
      assert.deepEqual([StreamName, PartitionKey], [streamName, "1"]);
    });
  }

  it("put all payloads in one batch, in order, each with its key", () => {
    const all = Object.values(payloads);
    const records = all.map(
      (payload, index) =>
        `{"data":${payload},"partition-key":${JSON.stringify(partitionKeys[index % 7])}}`,
    );
    const { StreamName, Records = [] } = rendered(
      "PutRecords",
      `{"records":[${records.join(",")}]}`,
    );
    assert.equal(StreamName, streamName);
    assert.deepEqual(
      Records.map(({ Data }) => decoded(Data)),
      all,
    );
    assert.deepEqual(
      Records.map(({ PartitionKey }) => PartitionKey),
      all.map((_, index) => partitionKeys[index % 7]),
    );
  });

  for (const key of partitionKeys)
    it(`put the partition key ${JSON.stringify(key.slice(0, 20))}`, () => {
      const one = rendered("PutRecord", JSON.stringify({ Data: {}, PartitionKey: key }));
      assert.equal(one.PartitionKey, key);
      const many = rendered(
        "PutRecords",
        JSON.stringify({ records: [{ data: {}, "partition-key": key }] }),
      );
      assert.equal(many.Records?.[0]?.PartitionKey, key);
    });

  it("leave out the spaces between tokens, which mean nothing, and none within strings", () => {
    const { Data } = rendered(
      "PutRecord",
      '{ "PartitionKey" : "1",\n "Data" : { "a b" : [ 1 , 2.50 ],\n\t"c" : " x \\" y " } }',
    );
    assert.equal(decoded(Data), '{"a b":[1,2.50],"c":" x \\" y "}');
  });

  it("put 500 records, as many as Kinesis takes at once", () => {
    const records = Array.from({ length: 500 }, (_, index) => ({
      data: { index, title: "x".repeat(index) },
      "partition-key": String(index),
    }));
    const { Records = [] } = rendered("PutRecords", JSON.stringify({ records }));
    assert.deepEqual(
      Records.map(({ Data, PartitionKey }) => [JSON.parse(decoded(Data)) as unknown, PartitionKey]),
      records.map((record) => [record.data, record["partition-key"]]),
    );
  });

  it("make an empty batch of an empty one, which Kinesis refuses", () => {
    assert.deepEqual(rendered("PutRecords", '{"records":[]}'), {
      StreamName: streamName,
      Records: [],
    });
  });

  it("take the shards from the body, and one where it names none", () => {
    for (const [body, shards] of [
      ['{"ShardCount":3}', 3],
      ["{}", 1],
      ['{"ShardCount":""}', 1],
      [undefined, 1],
    ] as const)
      assert.deepEqual(rendered("CreateStream", body), {
        StreamName: streamName,
        ShardCount: shards,
      });
  });

  it("name the stream of the path, whatever else the request says", () => {
    for (const action of ["DescribeStream", "DeleteStream"] as const)
      assert.deepEqual(
        rendered(action, undefined, {
          query: { "stream-name": "query" },
          headers: { "stream-name": "header" },
        }),
        { StreamName: streamName },
      );
    assert.deepEqual(rendered("ListStreams"), {});
  });

  for (const name of [
    `it's`,
    `a","StreamARN":"b`,
    "a\\",
    "a\\'b",
    "line\nbreak",
    "日本",
    "$input.body",
  ])
    it(`keep ${JSON.stringify(name)} one name, for Kinesis to refuse`, () => {
      const path = { "stream-name": name };
      assert.deepEqual(rendered("DescribeStream", undefined, { path }), { StreamName: name });
      assert.deepEqual(
        Object.keys(rendered("PutRecord", '{"Data":{},"PartitionKey":"1"}', { path })),
        ["StreamName", "Data", "PartitionKey"],
      );
    });

  for (const body of ["", "not JSON", '{"records":[', '{"records":[{"data":{}},]}', "{'a':1}"])
    it(`do not get by with the body ${JSON.stringify(body)}`, () => {
      assert.throws(() => rendered("PutRecords", body), SyntaxError);
    });
});
