import assert from "node:assert/strict";
import { Records, type BodyForm } from "./records";

const form: BodyForm = {
  opening: '{"records":[',
  before: (key) => `{"key":${key},"value":`,
  after: (key) => `,"again":"${key}"}`,
  closing: "]}",
};
const rows = [
  [-7, '{"text":"Zoë 😀"}'],
  [12, "{}"],
  [300, `{"text":"${"漢字".repeat(40)}"}`],
] as const;

function recordsOf(added: readonly (readonly [number, string])[] = rows): Records {
  const records = new Records(form, Buffer.alloc(1));
  for (const [key, json] of added) records.add(key, json);
  return records;
}

function keysIn(records: Records): unknown[] {
  const { records: parsed } = JSON.parse(records.body().toString()) as {
    records: { key: number; value: unknown; again: string }[];
  };
  for (const { key, again } of parsed) assert.equal(again, String(key));
  return parsed.map(({ key }) => key);
}

describe("Records", () => {
  it("makes the body of what was added, however small its storage was", () => {
    const expected = rows.map(([key, json]) => `{"key":${key},"value":${json},"again":"${key}"}`);
    assert.equal(recordsOf().body().toString(), `{"records":[${expected.join(",")}]}`);
    assert.equal(recordsOf([]).body().toString(), '{"records":[]}');
  });

  it("tells a record's bytes, not its characters", () => {
    const records = recordsOf([]);
    for (const [key, json] of rows)
      assert.equal(
        records.add(key, json),
        Buffer.byteLength(form.before(key) + json + form.after(key)),
      );
  });

  it("gives each row back as it came", () => {
    const records = recordsOf();
    assert.deepEqual(
      rows.map((_, position) => records.rowAt(position)),
      rows.map(([key, json]) => ({ key, json })),
    );
    assert.throws(() => records.rowAt(3), /of 3 records there is none at 3/);
  });

  it("goes on after its body was made", () => {
    const records = recordsOf();
    records.body();
    records.add(4, "null");
    assert.deepEqual(keysIn(records), [-7, 12, 300, 4]);
  });

  it("takes records of others, and leaves them there", () => {
    const records = recordsOf();
    const some = recordsOf([]);
    for (const position of [2, 0]) some.addFrom(records, position);
    assert.deepEqual(keysIn(some), [300, -7]);
    assert.equal(some.rowAt(0).json, rows[2][1]);
    assert.deepEqual(keysIn(records), [-7, 12, 300]);
  });

  it("forgets the record that was added last", () => {
    const records = recordsOf();
    assert.equal(records.has(300), true);
    records.removeLast();
    assert.deepEqual([records.count, records.keyAt(-1), records.has(300)], [2, 12, false]);
    assert.deepEqual(keysIn(records), [-7, 12]);
  });

  it("knows its keys, those too that came after it was asked", () => {
    const records = recordsOf();
    assert.deepEqual(
      [-7, 12, 300, 4].map((key) => records.has(key)),
      [true, true, true, false],
    );
    records.add(4, "{}");
    assert.equal(records.has(4), true);
  });

  it("leaves nothing of the records before in storage that is used again", () => {
    const storage = recordsOf().release();
    const records = new Records(form, storage);
    records.add(1, "{}");
    assert.deepEqual(keysIn(records), [1]);
  });
});
