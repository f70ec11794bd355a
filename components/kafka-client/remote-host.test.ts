import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { shellWord } from "./remote-host";

describe("shellWord", () => {
  it("gives the shell back exactly the text that it was given", () => {
    for (const text of [
      "",
      "plain",
      "two words",
      `it's "quoted" and $HOME \`date\` \\ $(exit 3)`,
      "tabs\tand\nlines\n",
      "'",
    ]) {
      const { stdout } = spawnSync("bash", ["-c", `printf %s ${shellWord(text)}`], {
        encoding: "utf8",
      });
      assert.equal(stdout, text);
    }
  });
});
