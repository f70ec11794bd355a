import assert from "node:assert/strict";
import { propertiesFile } from "./java";

describe("a Java properties file", () => {
  it("escapes what Java would not read as it stands: it reads Latin-1", () => {
    assert.equal(
      propertiesFile({ "log.dirs": "/home/Zoë/a b/😀", port: 9092, path: "C:\\data\t1" }),
      "log.dirs=/home/Zo\\u00eb/a b/\\ud83d\\ude00\nport=9092\npath=C:\\\\data\\u00091\n",
    );
  });

  it("refuses a line break, which would begin another property", () => {
    assert.throws(() => propertiesFile({ name: "one\ntwo" }), /the property name has a line break/);
  });
});
