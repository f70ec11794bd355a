import assert from "node:assert/strict";
import { Pace, type Clock } from "./pace";

/** A clock that stands still until something waits. */
function standingClock(): Clock & { readonly waits: number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    waits,
    now: () => now,
    wait: (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}

async function enterAll(pace: Pace, count: number): Promise<number[]> {
  const entered: number[] = [];
  for (let index = 0; index < count; index++) entered.push(await pace.enter());
  return entered;
}

describe("Pace", () => {
  it("halves once for all requests that were on their way together, and never falls below one", async () => {
    const pace = new Pace(8);
    for (const entered of await enterAll(pace, 8)) pace.leave(entered, { troubled: true });
    assert.equal(pace.requests, 4);
    for (let round = 0; round < 5; round++) pace.leave(await pace.enter(), { troubled: true });
    assert.equal(pace.requests, 1);
  });

  it("rises by one with each round of successes, up to the most", async () => {
    const pace = new Pace(4);
    for (let round = 0; round < 3; round++) pace.leave(await pace.enter(), { troubled: true });
    const seen: number[] = [];
    for (let round = 0; round < 6; round++) {
      const { requests } = pace;
      for (const entered of await enterAll(pace, requests))
        pace.leave(entered, { troubled: false });
      seen.push(pace.requests);
    }
    assert.deepEqual(
      seen,
      seen.toSorted((one, other) => one - other),
    );
    assert.equal(seen[0], 2);
    assert.equal(seen.at(-1), 4);
  });

  it("lets a request wait until another has left", async () => {
    const pace = new Pace(1);
    const first = await pace.enter();
    let isIn = false;
    const second = pace.enter().then((entered) => {
      isIn = true;
      return entered;
    });
    await new Promise(setImmediate);
    assert.equal(isIn, false);
    pace.leave(first, { troubled: false });
    pace.leave(await second, { troubled: false });
    assert.equal(pace.requests, 1);
  });

  it("sends nothing for as long as the target asks, up to a minute", async () => {
    const clock = standingClock();
    const pace = new Pace(4, clock);
    pace.leave(await pace.enter(), { troubled: true, retryAfterMilliseconds: 3_000 });
    pace.leave(await pace.enter(), { troubled: true, retryAfterMilliseconds: 3_600_000 });
    await pace.enter();
    assert.deepEqual(clock.waits, [3_000, 60_000]);
  });
});
