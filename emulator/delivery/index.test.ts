import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Delivery, type DeliveryLog, type DeliverySettings } from ".";
import type { Reply, Target } from "./target";

const settings: DeliverySettings = {
  batchRecords: 10,
  batchBytes: 100_000,
  requestsInFlight: 4,
  attempts: 3,
  lingerMilliseconds: 5,
};

/** A target whose requests are answered as told; it takes everything unless told otherwise. */
function targetOf(answer: (keys: readonly number[], body: Buffer) => Promise<Reply>): Target {
  return {
    limits: { requestRecords: Infinity, requestBytes: Infinity, recordBytes: Infinity },
    form: { opening: "[", before: () => "", after: () => "", closing: "]" },
    countedBytes: (bytes) => bytes,
    send: (_, records) => {
      const body = records.body();
      return answer(JSON.parse(body.toString()) as number[], body);
    },
    close: () => undefined,
  };
}

function acceptAll(keys: readonly number[]): Reply {
  return { answered: true, verdicts: keys.map(() => "accepted") };
}

function logOf(told: Partial<DeliveryLog>): DeliveryLog {
  const nothing = () => undefined;
  return { begun: nothing, settled: nothing, died: nothing, doubted: nothing, ...told };
}

describe("Delivery", () => {
  it("waits for what is on its way, and then throws, where its log cannot be written", async () => {
    const settled: number[] = [];
    const log = logOf({
      begun: (_, first) => {
        if (first === 2) throw new Error("the disk is full");
      },
      settled: (_, first) => settled.push(first),
    });
    const slow = targetOf(async (keys) => {
      await sleep(100);
      return acceptAll(keys);
    });
    const delivery = new Delivery(slow, { ...settings, batchRecords: 1 }, log);
    await delivery.add("pin", 1, "1");
    // A request of its own, which none but the timer sends.
    const lingering = new Delivery(slow, settings, log);
    await lingering.add("pin", 2, "2");
    await delivery.add("pin", 2, "2");
    await sleep(20);
    assert.match(lingering.stopped ?? "", /the disk is full/);
    assert.match(delivery.stopped ?? "", /the disk is full/);
    await assert.rejects(delivery.finish(), /the disk is full/);
    assert.deepEqual(settled, [1]);
    await assert.rejects(lingering.finish(), /the disk is full/);
    for (const { account } of [delivery, lingering]) assert.equal(account.counts.pin.failed, 1);
  });

  it("writes nothing over the body of an attempt that was answered before it was read", async () => {
    const bodies: { readonly body: Buffer; readonly then: string }[] = [];
    const target = targetOf((keys, body) => {
      bodies.push({ body, then: body.toString() });
      const isEarly = bodies.length === 1;
      return Promise.resolve(
        isEarly
          ? { answered: false, fault: "again", reason: "busy", uncertain: false }
          : acceptAll(keys),
      );
    });
    const delivery = new Delivery(target, { ...settings, batchRecords: 1, requestsInFlight: 1 });
    for (let key = 1; key <= 6; key++) await delivery.add("pin", key, String(key));
    await delivery.finish();
    assert.equal(delivery.account.counts.pin.accepted, 6);
    const [first, second] = bodies;
    assert.equal(second?.then, first?.then);
    assert.equal(first?.body.toString(), first?.then);
    const storages = new Set(bodies.map(({ body }) => body.buffer));
    assert.ok(storages.size < 6, `${storages.size} storages: none is used again`);
  });

  it("delivers to a target that takes few records at a time, however few attempts are allowed, and asks ever less often", async () => {
    const moments: number[] = [];
    const saturated = targetOf((keys) => {
      moments.push(performance.now());
      const refused = { retriable: true, uncertain: false, reason: "throttled" };
      return Promise.resolve({
        answered: true,
        verdicts: keys.map((_, position) => (position < 2 ? "accepted" : refused)),
      });
    });
    const delivery = new Delivery(saturated, { ...settings, attempts: 1 });
    for (let key = 1; key <= 10; key++) await delivery.add("pin", key, String(key));
    await delivery.finish();
    assert.equal(delivery.account.counts.pin.accepted, 10);
    assert.equal(delivery.account.counts.pin.retried, 8 + 6 + 4 + 2);
    const waits = moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));
    assert.equal(waits.length, 4);
    // Of the second and further attempts: half of 100 ms, then twice as long each time.
    for (const [index, wait] of waits.entries()) assert.ok(wait >= 49 * 2 ** index, String(waits));
  });

  it("tells what was sent once from what never was, and counts nothing as sent again that was not", async () => {
    const target = targetOf(async ([key]) => {
      if (key === 1) return { answered: false, fault: "again", reason: "lost", uncertain: true };
      // Until the other has waited, and waits for its turn.
      await sleep(250);
      return { answered: false, fault: "target", reason: "wrong key", uncertain: false };
    });
    const delivery = new Delivery(target, { ...settings, batchRecords: 1, requestsInFlight: 2 });
    for (let key = 1; key <= 3; key++) await delivery.add("pin", key, String(key));
    await delivery.finish();
    assert.deepEqual(delivery.account.counts.pin, {
      ...{ read: 3, accepted: 0, failed: 3 },
      ...{ retried: 0, possibleDuplicates: 0 },
    });
    assert.deepEqual(
      delivery.account.failures.map(({ firstKey, reason }) => [firstKey, reason]),
      [
        [2, "wrong key"],
        [1, "not sent again, because of: wrong key"],
        [3, "not sent, because of: wrong key"],
      ],
    );
  });

  it("keeps no storage that one large record has made large", async () => {
    const storages: number[] = [];
    const target = targetOf((keys, body) => {
      storages.push(body.buffer.byteLength);
      return Promise.resolve(acceptAll(keys));
    });
    const delivery = new Delivery(target, { ...settings, batchRecords: 1, requestsInFlight: 1 });
    for (let key = 1; key <= 9; key++)
      await delivery.add("pin", key, key === 3 ? `"${"x".repeat(900_000)}"` : String(key));
    await delivery.finish();
    const large = storages.filter((bytes) => bytes > 2 * settings.batchBytes);
    assert.deepEqual([storages.length, large.length], [9, 1]);
  });
});
