import assert from "node:assert/strict";
import { disagreements, type BatchCounts } from "./reconcile";

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

function check(changes: Partial<BatchCounts>): string[] {
  const batch = { pin: { ...agreeing, ...changes }, geo: agreeing, user: agreeing };
  return disagreements({ pin: 10, geo: 10, user: 10 }, batch);
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
      /pin: 10 in the source, 9 read/,
    ],
    ["an event that the API refused", { accepted: 9 }, /pin: 10 read from MySQL, 9 accepted/],
    [
      "a record missing from the topic",
      { inTopic: 9 },
      /pin: 10 accepted by the API, 9 in the topic, less duplicates/,
    ],
    ["a record missing from S3", { inS3: 9 }, /pin: 10 in the topic, 9 in S3/],
    [
      "a record lost in the cleaning",
      { cleaned: 8 },
      /pin: 10 in S3, 9 cleaned, duplicate or quarantined/,
    ],
    [
      "a post taken for a duplicate of another",
      { cleaned: 8, duplicates: 1 },
      /pin: 10 in the source, 9 cleaned/,
    ],
  ] as const) {
    it(`finds ${what}`, () => {
      assert.match(check(changes).join("\n"), fault);
    });
  }
});
