/** Runs the script that brings the plugin into the bucket, with curl and AWS's command line stood in for. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import * as path from "node:path";

const zip = "what Confluent has packed";
const digest = (algorithm: string) => createHash(algorithm).update(zip).digest("hex");

/** Answers each URL with the file that its last part names; keeps objects in a folder, and notes how they were put. */
const standIns = {
  curl: `#!/usr/bin/env bash
for last in "$@"; do :; done
while [ "$1" != --output ]; do shift; done
cp "$FOLDER/web/\${last##*/}" "$2"
`,
  aws: `#!/usr/bin/env bash
echo "$*" >>"$FOLDER/calls"
case "$2" in
  head-object) [ -f "$FOLDER/object" ] ;;
  put-object) while [ "$1" != --body ]; do shift; done; cp "$2" "$FOLDER/object" ;;
esac
`,
};

describe("upload-plugin.sh", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "upload-plugin-"));
    for (const [name, text] of Object.entries(standIns)) {
      writeFileSync(path.join(folder, name), text);
      chmodSync(path.join(folder, name), 0o755);
    }
    spawnSync("mkdir", [path.join(folder, "web")]);
    writeFileSync(path.join(folder, "web", "plugin.zip"), zip);
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function run({ sha256 = "", manifest }: { sha256?: string; manifest?: unknown }) {
    if (manifest !== undefined)
      writeFileSync(path.join(folder, "web", "10.5.13"), JSON.stringify(manifest));
    return spawnSync("bash", [path.join(__dirname, "scripts", "upload-plugin.sh")], {
      encoding: "utf8",
      timeout: 20_000,
      env: {
        PATH: `${folder}:${process.env.PATH ?? ""}`,
        FOLDER: folder,
        URL: "https://hub.example/plugin.zip",
        SHA256: sha256,
        MANIFEST_URL: "https://hub.example/versions/10.5.13",
        BUCKET: "bucket",
        KEY: "plugins/plugin.zip",
        REGION: "us-east-1",
      },
    });
  }

  const uploaded = () => existsSync(path.join(folder, "object"));
  const calls = () => readFileSync(path.join(folder, "calls"), "utf8").trimEnd().split("\n");

  it("uploads a zip that has the pinned checksum, once", () => {
    assert.equal(run({ sha256: digest("sha256") }).status, 0);
    assert.equal(readFileSync(path.join(folder, "object"), "utf8"), zip);
    assert.equal(run({ sha256: digest("sha256") }).status, 0);
    const [first, put, second, ...others] = calls();
    const where = "--region us-east-1 --bucket bucket --key plugins/plugin.zip";
    assert.equal(first, `s3api head-object ${where}`);
    assert.match(
      put ?? "",
      new RegExp(`^s3api put-object ${where} --body \\S+ --checksum-algorithm SHA256$`),
    );
    assert.equal(second, first);
    assert.deepEqual(others, []);
  });

  it("never uploads one that has not", () => {
    const { status, stderr } = run({ sha256: "0".repeat(64) });
    assert.equal(status, 1);
    assert.match(stderr, /plugin\.zip does not have the checksum sha256 0{64}/);
    assert.ok(!uploaded());
  });

  it("takes the strongest checksum that Confluent Hub publishes where none is pinned", () => {
    assert.equal(
      run({ manifest: { archive: { md5: "0", sha1: "0", sha256: digest("sha256") } } }).status,
      0,
    );
    assert.ok(uploaded());
  });

  it("takes the SHA-1 where that is all that is published, and refuses a zip without it", () => {
    const { status, stderr } = run({ manifest: { archive: { md5: "0", sha1: "0".repeat(40) } } });
    assert.equal(status, 1);
    assert.match(stderr, /does not have the checksum sha1/);
    assert.equal(run({ manifest: { archive: { sha1: digest("sha1") } } }).status, 0);
    assert.ok(uploaded());
  });

  it("refuses a zip of which no checksum is published", () => {
    const { status, stderr } = run({ manifest: { archive: { name: "plugin.zip" } } });
    assert.equal(status, 1);
    assert.match(stderr, /versions\/10\.5\.13 gives no checksum; pin one/);
    assert.ok(!uploaded());
  });
});
