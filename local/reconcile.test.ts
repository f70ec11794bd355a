import assert from "node:assert/strict";
import { disagreements, type BatchCounts, type StreamCounts } from "./reconcile";

const agreeing: BatchCounts = {
  read: 10,
  accepted: 10,
  inTopic: 10,
  objects: 2,
  inS3: 10,
  cleaned: 9,
  duplicates: 0,
  quarantined: 1,
};

const streaming: StreamCounts = {
  read: 10,
  accepted: 10,
  inTable: 9,
  duplicates: 0,
  quarantined: 1,
  latencyMs: { p50: 100, p99: 200 },
};
const digests = { pin: "1", geo: "2", user: "3" };

function check(
  changes: Partial<BatchCounts>,
  streamChanges: Partial<StreamCounts> = {},
  pinDigest = "1",
): string[] {
  return disagreements({
    inSource: { pin: 10, geo: 10, user: 10 },
    batch: { pin: { ...agreeing, ...changes }, geo: agreeing, user: agreeing },
    stream: { pin: { ...streaming, ...streamChanges }, geo: streaming, user: streaming },
    digests: { batch: digests, stream: { ...digests, pin: pinDigest } },
  });
}

describe("disagreements", () => {
  it("finds none where every count agrees, records that were sent twice among them", () => {
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ inTopic: 11, inS3: 11, duplicates: 1 }), []);
  });

  for (const [what, changes, fault] of [
    [
      "a row that was not read",
      { read: 9, accepted: 9, inTopic: 9, inS3: 9, cleaned: 8 },
      /batch, pin: 10 in the source, 9 read/,
    ],
    [
      "an event that the API refused",
      { accepted: 9 },
      /batch, pin: 10 read from MySQL, 9 accepted/,
    ],
    [
      "a record missing from the topic",
      { inTopic: 9 },
      /batch, pin: 10 accepted by the API, 9 in the topic, less duplicates/,
    ],
    ["a record missing from S3", { inS3: 9 }, /batch, pin: 10 in the topic, 9 in S3/],
    [
      "a record lost in the cleaning",
      { cleaned: 8 },
      /batch, pin: 10 in S3, 9 cleaned, duplicate or quarantined/,
    ],
    [
      "a post taken for a duplicate of another",
      { cleaned: 8, duplicates: 1 },
      /batch, pin: 10 in the source, 9 cleaned/,
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.match(check(changes).join("\n"), fault);
    });
  }

  for (const [what, changes, fault] of [
    [
      "a row that the stream path did not read",
      { read: 9, accepted: 9, inTable: 8 },
      /stream, pin: 10 in the source, 9 read/,
    ],
    [
      "an event that the streams refused",
      { accepted: 9 },
      /stream, pin: 10 read from MySQL, 9 accepted/,
    ],
    [
      "a record lost in the stream",
      { inTable: 8 },
      /stream, pin: 10 accepted by the API, 9 in the table/,
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.match(check({}, changes).join("\n"), fault);
    });
  }

  it("finds rows that the two paths cleaned differently", () => {
    assert.deepEqual(check({}, {}, "4"), [
      "pin: the rows of the two paths' cleaned tables are not the same",
    ]);
  });
});
