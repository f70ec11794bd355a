import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import type { Recorded } from "../components/mocks/recorder";
import { recordStack } from "../stacks/record-stack";
import { projectDirectory } from "../stacks/stack-files";
import { installToolchain } from "./toolchain";

/** A script that a host runs, and the resource that brings it there. */
interface Script {
  readonly of: string;
  readonly text: string;
}

/** What cloud-init is told to write, of which the hosts' own scripts are a part. */
interface CloudConfig {
  readonly write_files: readonly { readonly path: string; readonly content: string }[];
  readonly runcmd: readonly (readonly string[])[];
}

/** The scripts in a resource: of a command each that it has, of an instance those that its user data runs. */
function scriptsOf({ type, name, inputs }: Recorded): Script[] {
  if (type === "command:remote:Command")
    return ["create", "update", "delete"].flatMap((phase) => {
      const text = inputs[phase];
      return typeof text === "string" ? [{ of: `${name} (${phase})`, text }] : [];
    });
  if (type !== "aws:ec2/instance:Instance") return [];
  const settings = JSON.parse(
    (inputs.userData as string).replace("#cloud-config\n", ""),
  ) as CloudConfig;
  return settings.runcmd.flat().flatMap((word) => {
    const file = settings.write_files.find((written) => written.path === word);
    return file ? [{ of: `${name} (user data)`, text: file.content }] : [];
  });
}

/** ShellCheck's findings in a script, a line each that begins with whose it is. */
function findings(shellcheck: string, { of, text }: Script): string[] {
  const { stdout, stderr, status, error } = spawnSync(
    shellcheck,
    ["--norc", "--format=gcc", "--severity=style", "-"],
    { input: text, encoding: "utf8" },
  );
  if (error) throw error;
  // 0 and 1 tell of a script; anything else of ShellCheck itself.
  assert.ok(status === 0 || status === 1, stderr);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `${of}: ${line}`);
}

describe("the scripts that hosts run", () => {
  let shellcheck: string;

  before(async function () {
    this.timeout(900_000);
    const { python } = await installToolchain();
    shellcheck = path.join(path.dirname(python), "shellcheck");
  });

  for (const [what, stack, changes, hosts] of [
    ["dev", "dev", {}, 1],
    ["prod", "prod", {}, 3],
    ["dev with the seed's versions", "dev", { kafkaClientVersion: "2.12-2.8.1" }, 1],
    ["dev with a pinned plugin", "dev", { sinkPluginSha256: "0".repeat(64) }, 1],
  ] as const)
    it(`hold to ShellCheck, as ${what} declares them`, async () => {
      const { resources } = await recordStack(stack, { changes: { ...changes } });
      const scripts = resources.flatMap(scriptsOf);
      const brought = (part: RegExp) => scripts.filter(({ of }) => part.test(of)).length;
      // A host's: wait, Kafka, properties, proxy, each made and updated alike; once: topics and the plugin.
      assert.deepEqual(
        [brought(/\(user data\)$/), brought(/\(create\)$/), brought(/\(update\)$/)],
        [hosts, 4 * hosts + 2, 4 * hosts + 2],
      );
      assert.deepEqual(
        scripts.flatMap((script) => findings(shellcheck, script)),
        [],
      );
    });

  it("would be named where they did not", () => {
    const text = "#!/usr/bin/env bash\nrm -rf $HOME_OF_LOGS/*\n";
    const [first] = findings(shellcheck, { of: "kafka-client-1-kafka (create)", text });
    assert.match(first ?? "", /^kafka-client-1-kafka \(create\): .*\[SC\d+\]$/);
  });

  it("and CI's own hold to ShellCheck", () => {
    const text = readFileSync(path.join(projectDirectory, ".ci", "run"), "utf8");
    assert.deepEqual(findings(shellcheck, { of: ".ci/run", text }), []);
  });
});
