import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { projectDirectory } from "../stacks/stack-files";

const folder = path.join(projectDirectory, ".github");

const permissions = z.record(z.string(), z.enum(["read", "write", "none"]));
const steps = z.array(
  z.object({ uses: z.string().optional(), run: z.string().optional() }).loose(),
);
const job = z.object({
  permissions: permissions.optional(),
  uses: z.string().optional(),
  needs: z.string().optional(),
  if: z.string().optional(),
  environment: z.string().optional(),
  "timeout-minutes": z.number().optional(),
  strategy: z.object({ matrix: z.record(z.string(), z.array(z.string())) }).optional(),
  steps: steps.optional(),
});
const workflow = z.object({ permissions, jobs: z.record(z.string(), job) });

const names = readdirSync(path.join(folder, "workflows"));
const textOf = (name: string) => readFileSync(path.join(folder, "workflows", name), "utf8");
const read = (name: string) => workflow.parse(parse(textOf(name)));
const action = z
  .object({ runs: z.object({ steps }) })
  .parse(parse(readFileSync(path.join(folder, "actions", "deployer", "action.yml"), "utf8")));

describe("the workflows", () => {
  for (const name of names) {
    it(`${name} stores no key, and may write nothing but ask for a token`, () => {
      assert.ok(!/\bsecrets\b/.test(textOf(name)), "it reads a stored secret");
      const { permissions: own, jobs } = read(name);
      assert.deepEqual(own, { contents: "read" });
      for (const { permissions: granted = {} } of Object.values(jobs))
        for (const [scope, access] of Object.entries(granted))
          assert.ok(access !== "write" || scope === "id-token", `${scope}: ${access}`);
    });

    it(`${name} bounds each job that runs here`, () => {
      for (const [id, { uses, "timeout-minutes": minutes }] of Object.entries(read(name).jobs))
        assert.ok(uses !== undefined || minutes !== undefined, `${id} has no bound`);
    });
  }

  it("use the actions of others by commit alone", () => {
    const used = [
      ...names.flatMap((name) => Object.values(read(name).jobs)),
      { uses: undefined, steps: action.runs.steps },
    ].flatMap(({ uses, steps: all = [] }) => [uses, ...all.map((step) => step.uses)]);
    const others = used.filter((uses) => uses !== undefined && !uses.startsWith("./"));
    assert.ok(others.length > 5);
    for (const uses of others) assert.match(uses ?? "", /^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
    for (const uses of used)
      if (uses?.startsWith("./")) assert.ok(existsSync(path.join(projectDirectory, uses)), uses);
  });

  const commands = (name: string, id: string) =>
    (read(name).jobs[id]?.steps ?? []).flatMap(({ run }) => run ?? []);

  it("test as CI does, preview each stack, and deploy prod after dev after the tests", () => {
    const { jobs } = read("pipeline.yml");
    assert.deepEqual(commands("pipeline.yml", "test"), [".ci/run"]);
    assert.match(commands("pipeline.yml", "preview").join(), /preview --diff --policy-pack policy/);
    assert.deepEqual(jobs.preview?.strategy?.matrix.stack, ["dev", "prod"]);
    assert.match(commands("deploy.yml", "up").join(), /up --yes --policy-pack policy/);
    assert.equal(jobs.dev?.needs, "test");
    assert.match(jobs.dev.if ?? "", /'push'/);
    assert.equal(jobs.prod?.needs, "dev");
    assert.equal(read("deploy.yml").jobs.up?.environment, "${{ inputs.stack }}");
  });

  it("run the Pulumi CLI that is locked", () => {
    const calls = [...commands("pipeline.yml", "preview"), ...commands("deploy.yml", "up")];
    assert.equal(calls.length, 2);
    for (const call of calls) assert.match(call, /^npx pulumi /);
    const { packages } = z
      .object({ packages: z.record(z.string(), z.object({ bin: z.unknown() }).partial()) })
      .parse(JSON.parse(readFileSync(path.join(projectDirectory, "package-lock.json"), "utf8")));
    assert.deepEqual(packages["node_modules/pulumi"]?.bin, { pulumi: "run.js" });
  });

  it("give another repository's pull request no token", () => {
    assert.match(
      read("pipeline.yml").jobs.preview?.if ?? "",
      /head\.repo\.full_name == github\.repository/,
    );
  });

  it("audit every lock file of Python", () => {
    const locks = ["local/python", "local/airflow"].flatMap((directory) =>
      readdirSync(path.join(projectDirectory, directory))
        .filter((file) => file.endsWith(".txt"))
        .map((file) => `${directory}/${file}`),
    );
    assert.deepEqual(
      [...(read("audit.yml").jobs.pypi?.strategy?.matrix.lock ?? [])].sort(),
      locks.sort(),
    );
  });
});
