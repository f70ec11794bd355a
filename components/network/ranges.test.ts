import assert from "node:assert/strict";
import { readRange, subnetRanges } from "./ranges";

function subnets(text: string, zones: number) {
  const range = readRange(text);
  if (typeof range === "string") throw new Error(range);
  return subnetRanges(range, zones);
}

describe("subnetRanges", () => {
  it("cuts a /16 into quarters for the private subnets and sixteenths for the public ones", () => {
    assert.deepEqual(subnets("10.0.0.0/16", 3), {
      public: ["10.0.192.0/20", "10.0.208.0/20", "10.0.224.0/20"],
      private: ["10.0.0.0/18", "10.0.64.0/18", "10.0.128.0/18"],
    });
  });

  it("cuts the smallest, above the 31st bit", () => {
    assert.deepEqual(subnets("192.168.255.0/24", 3), {
      public: ["192.168.255.192/28", "192.168.255.208/28", "192.168.255.224/28"],
      private: ["192.168.255.0/26", "192.168.255.64/26", "192.168.255.128/26"],
    });
  });

  it("gives two zones what it gives the first two of three", () => {
    const [two, three] = [subnets("172.16.32.0/20", 2), subnets("172.16.32.0/20", 3)];
    assert.deepEqual(two.public, three.public.slice(0, 2));
    assert.deepEqual(two.private, three.private.slice(0, 2));
  });
});

describe("readRange", () => {
  for (const [text, fault] of [
    ["10.0.0.0", 'must be an IPv4 range such as 10.0.0.0/16, not "10.0.0.0"'],
    ["10.0.256.0/16", 'must be an IPv4 range such as 10.0.0.0/16, not "10.0.256.0/16"'],
    ["10.0.0.0/33", 'must be an IPv4 range such as 10.0.0.0/16, not "10.0.0.0/33"'],
    ["fd00::/56", 'must be an IPv4 range such as 10.0.0.0/16, not "fd00::/56"'],
    [
      "10.0.0.0/25",
      "must be a /24 or larger, not a /25: a public subnet gets a sixteenth of it, and AWS makes none smaller than a /28",
    ],
    ["10.0.0.0/15", "must be a /16 or smaller, not a /15: AWS makes no larger VPC"],
    ["10.1.2.3/16", "must begin where a /16 begins, such as 10.1.0.0/16, not 10.1.2.3/16"],
  ] as const) {
    it(`refuses ${text}`, () => {
      assert.equal(readRange(text), fault);
    });
  }
});
