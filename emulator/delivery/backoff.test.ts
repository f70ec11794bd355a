import assert from "node:assert/strict";
import { backoffMilliseconds, retryAfterMilliseconds } from "./backoff";

describe("backoffMilliseconds", () => {
  it("doubles with each attempt, up to ten seconds, spread over the upper half", () => {
    assert.deepEqual(
      [1, 2, 3, 8, 30].map((attempt) => backoffMilliseconds(attempt, 0, 1)),
      [100, 200, 400, 10_000, 10_000],
    );
    assert.equal(backoffMilliseconds(3, 0, 0), 200);
  });

  it("is never shorter than the API asks, up to a minute", () => {
    assert.equal(backoffMilliseconds(1, 3_000, 1), 3_000);
    assert.equal(backoffMilliseconds(1, 3_600_000, 1), 60_000);
    assert.equal(backoffMilliseconds(8, 1, 1), 10_000);
  });
});

describe("retryAfterMilliseconds", () => {
  it("reads seconds and HTTP dates", () => {
    const now = Date.parse("2022-10-18T00:00:00Z");
    assert.equal(retryAfterMilliseconds("7"), 7_000);
    assert.equal(retryAfterMilliseconds("Tue, 18 Oct 2022 00:00:05 GMT", now), 5_000);
    assert.equal(retryAfterMilliseconds("Mon, 17 Oct 2022 00:00:00 GMT", now), 0);
  });

  it("knows nothing where the header is missing or unreadable", () => {
    assert.equal(retryAfterMilliseconds(undefined), undefined);
    assert.equal(retryAfterMilliseconds("soon"), undefined);
  });
});
