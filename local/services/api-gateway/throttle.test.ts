import assert from "node:assert/strict";
import { TokenBucket } from "./throttle";

describe("TokenBucket", () => {
  it("takes the burst at once, then the rate, and never saves up more than the burst", () => {
    let now = 0;
    const bucket = new TokenBucket({ rateLimit: 10, burstLimit: 3 }, () => now);
    const take = (times: number) => Array.from({ length: times }, () => bucket.take());
    assert.deepEqual(take(4), [true, true, true, false]);
    now += 99;
    assert.deepEqual(take(1), [false]);
    now += 101;
    assert.deepEqual(take(3), [true, true, false]);
    now += 60_000;
    assert.deepEqual(take(4), [true, true, true, false]);
  });
});
