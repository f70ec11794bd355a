import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { databaseFromUrl } from "./database";
import { readStackOutputs } from "./stack-outputs";

/** Runs a command of this folder as a user does, without a Pulumi CLI in reach. */
function command(script: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", "tsx", join(__dirname, script), ...args],
    { encoding: "utf8", env: { NODE_ENV: "test", PATH: "" } },
  );
  return { status, stdout, stderr };
}

describe("the commands emulate and generate", () => {
  for (const script of ["emulate.ts", "generate.ts"])
    it(`${script} tells its options`, () => {
      const { status, stdout } = command(script, "--help");
      assert.equal(status, 0);
      assert.match(stdout, /^Usage: npm run /);
    });

  it("emulate.ts tells the targets, and what a stream takes", () => {
    const { stdout } = command("emulate.ts", "--help");
    assert.match(stdout, /^ {2}--target batch\|stream\|both$/m);
    assert.match(stdout, /with stream up to 500 /);
    assert.match(stdout, /with stream up to\s+5242880 /);
  });

  const wrong: readonly (readonly [string, readonly string[], RegExp])[] = [
    ["emulate.ts", ["--turbo"], /Unknown option '--turbo'/],
    ["emulate.ts", ["--mode", "shuffle"], /--mode must be replay or sample, not "shuffle"/],
    [
      "emulate.ts",
      ["--target", "kinesis"],
      /--target must be batch or stream or both, not "kinesis"/,
    ],
    [
      "emulate.ts",
      ["--target", "stream", "--batch-records", "501"],
      /--batch-records must be a whole number from 1 to 500, not "501"/,
    ],
    [
      "emulate.ts",
      ["--target", "both", "--batch-bytes", "5242881"],
      /--batch-bytes must be a whole number from 1 to 5242880, not "5242881"/,
    ],
    ["emulate.ts", ["--rows", "0"], /--rows must be a whole number of at least 1, not "0"/],
    ["emulate.ts", ["--rate", "fast"], /--rate must be a number above 0, not "fast"/],
    ["emulate.ts", ["--seed", "1"], /--seed is of --mode sample only/],
    [
      "emulate.ts",
      ["--mode", "sample", "--resume"],
      /--journal and --resume are of --mode replay only/,
    ],
    ["emulate.ts", ["--rows", "1", "--rows", "2"], /--rows is given more than once/],
    ["emulate.ts", [], /--source, --api, --user-id must be given.*pulumi CLI is not installed/],
    [
      "emulate.ts",
      ["--source", "postgres://x@y", "--api", "http://z", "--user-id", "i"],
      /mysql:\/\/user@host/,
    ],
    ["generate.ts", [], /say either --database URL or --out DIR/],
  ];
  for (const [script, args, message] of wrong)
    it(`${script} ${args.join(" ")} ends with code 2 and says why`, () => {
      const { status, stderr } = command(script, ...args);
      assert.match(stderr, message);
      assert.equal(status, 2);
    });

  it("emulate.ts says what server cannot be reached, and ends with code 1", async () => {
    const directory = await mkdtemp(join(tmpdir(), "emulate-"));
    const { status, stderr } = command(
      "emulate.ts",
      ...["--journal", join(directory, "journal")],
      ...[
        "--source",
        "mysql://user:hidden@127.0.0.1:1/db",
        "--api",
        "http://127.0.0.1:1",
        "--user-id",
        "i",
      ],
    );
    await rm(directory, { recursive: true });
    assert.match(stderr, /^emulate: MySQL at 127\.0\.0\.1:1 cannot be used: .*ECONNREFUSED/);
    assert.doesNotMatch(stderr, /hidden/);
    assert.equal(status, 1);
  });
});

describe("databaseFromUrl", () => {
  it("reads every part, percent-encoded ones decoded", () => {
    assert.deepEqual(databaseFromUrl("mysql://a%40b:p%2Fw@db.example:3307/other"), {
      host: "db.example",
      port: 3307,
      user: "a@b",
      password: "p/w",
      database: "other",
    });
    assert.deepEqual(databaseFromUrl("mysql://admin@127.0.0.1:3307/pinterest_data?rds"), {
      host: "127.0.0.1",
      port: 3307,
      user: "admin",
      database: "pinterest_data",
      isRds: true,
    });
    assert.deepEqual(databaseFromUrl("mysql://reader@[::1]", "from the environment"), {
      host: "::1",
      user: "reader",
      password: "from the environment",
    });
  });

  for (const url of ["mysql://:hidden@host", "mysql://user:100%hidden@host", "mysql://a@b/%E0%A4"])
    it(`says what form it must have, and never shows a password (${url})`, () => {
      assert.throws(
        () => databaseFromUrl(url),
        (error: Error) =>
          error.name === "UsageError" &&
          error.message.includes("percent-encode special characters") &&
          !error.message.includes("hidden"),
      );
    });
});

describe("readStackOutputs", () => {
  let directory: string;

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), "stack-outputs-"));
  });

  after(() => rm(directory, { recursive: true }));

  /** A stand-in for the Pulumi CLI. */
  async function cli(script: string): Promise<string> {
    const file = join(directory, "pulumi");
    await writeFile(file, `#!/bin/sh\n${script}\n`);
    await chmod(file, 0o755);
    return file;
  }

  it("takes the known outputs of the selected stack, secrets in the clear", async () => {
    const outputs = { invokeUrl: "https://x/dev", databasePort: 3306, apiKey: "k", other: "no" };
    const script = `[ "$*" = "stack output --json --show-secrets --non-interactive" ] && echo '${JSON.stringify(outputs)}'`;
    assert.deepEqual(await readStackOutputs(await cli(script)), {
      outputs: { invokeUrl: "https://x/dev", databasePort: "3306", apiKey: "k" },
      reason: undefined,
    });
  });

  it("tells why there are none", async () => {
    const failing = await cli("echo 'error: no stack selected' >&2; exit 255");
    assert.deepEqual(await readStackOutputs(failing), {
      outputs: {},
      reason: "error: no stack selected",
    });
    assert.deepEqual(await readStackOutputs(join(directory, "nothing")), {
      outputs: {},
      reason: "the pulumi CLI is not installed",
    });
  });
});
