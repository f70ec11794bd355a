import assert from "node:assert/strict";
import { EncodingFault, rowJson } from "./payload";

describe("rowJson", () => {
  it("writes whole numbers in digits as long as digits alone say them exactly, then with an exponent", () => {
    for (const [latitude, written] of [
      [5, "5"],
      [-89.5236, "-89.5236"],
      [2 ** 53 - 1, "9007199254740991"],
      [1 - 2 ** 53, "-9007199254740991"],
      [2 ** 53, "9.007199254740992e+15"],
      [-(2 ** 63), "-9.223372036854776e+18"],
      [1e20, "1e+20"],
      [Number.MAX_VALUE, "1.7976931348623157e+308"],
      [5e-324, "5e-324"],
    ] as const) {
      const json = rowJson("geo", [1, null, latitude, null, null]);
      assert.match(json, new RegExp(`"latitude":${written.replaceAll(/[.+]/g, "\\$&")},`));
      assert.equal((JSON.parse(json) as { latitude: number }).latitude, latitude);
    }
  });

  it("refuses a number that JSON has no form for", () => {
    for (const latitude of [Infinity, -Infinity, NaN])
      assert.throws(() => rowJson("geo", [1, null, latitude, null, null]), EncodingFault);
  });
});
