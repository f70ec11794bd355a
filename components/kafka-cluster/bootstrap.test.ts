import assert from "node:assert/strict";
import { stableBootstrap } from "./bootstrap";

const domain = ".posts.x1y2z3.c2.kafka.us-east-1.amazonaws.com:9098";
const brokers = (...ids: number[]) => ids.map((id) => `b-${id}${domain}`).join(",");

describe("stableBootstrap", () => {
  it("is the same whichever three brokers MSK answers with", () => {
    for (const ids of [
      [1, 2, 3],
      [6, 2, 4],
      [3, 1, 2],
    ])
      assert.equal(stableBootstrap(brokers(...ids)), brokers(1, 2, 3));
  });

  it("names no more brokers than there are", () => {
    assert.equal(stableBootstrap(brokers(2, 1)), brokers(1, 2));
  });

  it("leaves other names as they are", () => {
    for (const servers of [
      "boot-0a1b2c3d.c1.kafka-serverless.us-east-1.amazonaws.com:9098",
      "127.0.0.1:9092",
      `b-1${domain},b-2.other.c2.kafka.us-east-1.amazonaws.com:9098`,
    ])
      assert.equal(stableBootstrap(servers), servers);
  });
});
