import assert from "node:assert/strict";
import { formatOf, readRecords, type Format } from "./records";
import { RestError } from "./rest-error";
import { partitionOf } from "./writer";

function read(body: unknown, format: Format) {
  return readRecords(Buffer.from(JSON.stringify(body)), format);
}

describe("records of a produce request", () => {
  it("writes JSON keys and values as JSON, and takes null for none", () => {
    const records = read(
      {
        records: [
          { key: 7, value: { index: 7, title: "Zoë 😀" } },
          { key: "7", value: "text" },
          { key: null, value: null, partition: null },
          { value: [1, -0.5, true], partition: 2 },
        ],
        value_schema: null,
      },
      "json",
    );
    assert.deepEqual(
      records.map(({ key, value, partition }) => [
        key?.toString() ?? null,
        value?.toString() ?? null,
        partition,
      ]),
      [
        ["7", '{"index":7,"title":"Zoë 😀"}', undefined],
        ['"7"', '"text"', undefined],
        [null, null, undefined],
        [null, "[1,-0.5,true]", 2],
      ],
    );
  });

  it("keeps JSON as it is written, and finds it wherever it stands", () => {
    const values = [
      "9007199254740993",
      "1e400",
      "-0",
      "1E-7",
      "0.10",
      "[1.0,12345678901234567890]",
      String.raw`{"a":1,"a":2,"\u0061":"\u00eb\ud83d \\"}`,
      `{ "é 😀" :\t[ { } ,\r\n[] ] }`,
      String.raw`"} ] , \" \\\\"`,
      "true",
      "false",
      `${"[".repeat(50_000)}${"]".repeat(50_000)}`,
    ];
    const body = `{ "value_schema" : {"records":[{"value":0}]} , "records":[["a"]],"r\\u0065cords" : [
      {}, {"value":null,"key" : null}, ${values.map((value) => `{"partition":0,"value": ${value} }`).join(" , ")},
      {"value":1,"v\\u0061lue":2,"key":3.0} ],"key_schema":null }`;
    assert.deepEqual(
      readRecords(Buffer.from(body), "json").map(({ key, value }) => [
        key?.toString() ?? null,
        value?.toString() ?? null,
      ]),
      [[null, null], [null, null], ...values.map((value) => [null, value]), ["3.0", "2"]],
    );
  });

  it("gives a key that is a text one form", () => {
    const keys = ["Zoë", String.raw`Zo\u00eb`].map((key) => {
      const [record] = readRecords(Buffer.from(`{"records":[{"key":"${key}"}]}`), "json");
      return record?.key?.toString();
    });
    assert.deepEqual(keys, ['"Zoë"', '"Zoë"']);
  });

  it("decodes base64 where the format is binary", () => {
    const [record] = read({ records: [{ key: "AAE=", value: "aGk=" }] }, "binary");
    assert.deepEqual(record, {
      key: Buffer.from([0, 1]),
      value: Buffer.from("hi"),
      partition: undefined,
    });
  });

  it("knows the embedded format by the content type", () => {
    assert.equal(formatOf("application/vnd.kafka.json.v2+json"), "json");
    assert.equal(formatOf("application/vnd.kafka.JSON.v2+json; charset=utf-8"), "json");
    assert.equal(formatOf("application/vnd.kafka.binary.v2+json"), "binary");
    assert.equal(formatOf("application/json"), "binary");
    for (const other of [undefined, "text/plain", "application/vnd.kafka.avro.v2+json"])
      assert.throws(
        () => formatOf(other),
        new RestError(415, 415, "HTTP 415 Unsupported Media Type"),
      );
  });

  const broken: [unknown, string][] = [
    [[], "The request body is not an object"],
    [null, "The request body is not an object"],
    [{}, "records may not be empty"],
    [{ records: [] }, "records may not be empty"],
    [{ records: {} }, "records may not be empty"],
    [{ records: [{ value: 1 }], record: 1 }, "Unrecognized field: record"],
    [{ records: [{ value: 1, val: 2 }] }, "Unrecognized field: val"],
    [{ records: [1] }, "records[0] is not an object"],
    [
      { records: [{ value: 1, partition: -1 }] },
      "records[0].partition is not a partition's number",
    ],
    [
      { records: [{ value: 1, partition: "0" }] },
      "records[0].partition is not a partition's number",
    ],
  ];
  for (const [body, message] of broken)
    it(`refuses ${JSON.stringify(body)}`, () => {
      assert.throws(() => read(body, "json"), new RestError(422, 422, message));
    });

  it("takes a hundred thousand records, and refuses more", () => {
    const bodyOf = (count: number) => ({
      records: Array.from({ length: count }, () => ({ value: 1 })),
    });
    assert.equal(read(bodyOf(100_000), "json").length, 100_000);
    assert.throws(
      () => read(bodyOf(100_001), "json"),
      new RestError(413, 413, "The body has more than 100000 records"),
    );
  });

  it("refuses what is not base64 where the format is binary", () => {
    for (const value of [
      "not base64!!",
      "aGk",
      "aGk==",
      "a",
      "====",
      "=aGk",
      "aG=k",
      "aGk=aGk=",
      1,
    ])
      assert.throws(
        () => read({ records: [{ value: "" }, { value }] }, "binary"),
        new RestError(422, 422, "records[1].value is not base64"),
        String(value),
      );
  });

  it("takes base64 as long as a body can be", () => {
    const [record] = read({ records: [{ value: "aGk0".repeat(7_000_000) }] }, "binary");
    assert.equal(record?.value?.length, 21_000_000);
  });

  it("puts keys into the partitions that Kafka's own clients put them into", () => {
    // Hashes from Kafka's own tests of its murmur2.
    const hashes: [string, number][] = [
      ["21", -973932308],
      ["foobar", -790332482],
      ["a-little-bit-long-string", -985981536],
      ["a-little-bit-longer-string", -1486304829],
    ];
    for (const [key, hash] of hashes)
      assert.equal(partitionOf(Buffer.from(key), 1_000), (hash & 0x7fffffff) % 1_000);
  });
});
