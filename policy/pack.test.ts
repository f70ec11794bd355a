import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import * as grpc from "@grpc/grpc-js";
import { AnalyzerClient } from "@pulumi/pulumi/proto/analyzer_grpc_pb";
import {
  AnalyzerResource,
  AnalyzerResourceOptions,
  AnalyzeStackRequest,
  type AnalyzeResponse,
  type AnalyzerInfo,
} from "@pulumi/pulumi/proto/analyzer_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct, type JavaScriptValue } from "google-protobuf/google/protobuf/struct_pb";
import { unknown } from "./graph";
import { rules } from "./rules";

/** Starts the pack as Pulumi does, and calls it as the engine would. */
async function withPack(work: (client: AnalyzerClient) => Promise<void>): Promise<void> {
  const host = require.resolve("@pulumi/pulumi/cmd/run-policy-pack");
  const pack = spawn(process.execPath, [host, "127.0.0.1:1", "."], {
    cwd: path.join(__dirname),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(pack, "exit");
  try {
    const [port] = (await Promise.race([
      once(createInterface(pack.stdout), "line"),
      ended.then(() => Promise.reject(new Error("the pack did not start"))),
    ])) as [string];
    const client = new AnalyzerClient(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    try {
      await work(client);
    } finally {
      client.close();
    }
  } finally {
    pack.kill();
    await ended;
  }
}

function resource(
  type: string,
  name: string,
  properties: Record<string, JavaScriptValue>,
): AnalyzerResource {
  const made = new AnalyzerResource();
  made.setType(type);
  made.setName(name);
  made.setUrn(`urn:pulumi:prod::pinterest-data-pipeline::${type}::${name}`);
  made.setProperties(Struct.fromJavaScript(properties));
  made.setOptions(new AnalyzerResourceOptions());
  return made;
}

async function brokenRules(client: AnalyzerClient, resources: AnalyzerResource[]) {
  const request = new AnalyzeStackRequest();
  request.setResourcesList(resources);
  const answer = await new Promise<AnalyzeResponse>((resolve, reject) => {
    client.analyzeStack(request, (error, response) => {
      if (error) reject(error);
      else resolve(response);
    });
  });
  return answer
    .getDiagnosticsList()
    .map(
      (diagnostic) =>
        `${diagnostic.getPolicyname()}: ${diagnostic.getUrn().split("::").at(-1) ?? ""}`,
    );
}

describe("the policy pack", () => {
  it("starts as Pulumi starts it, tells of every rule, and finds what breaks one", async () => {
    await withPack(async (client) => {
      const info = await new Promise<AnalyzerInfo>((resolve, reject) => {
        client.getAnalyzerInfo(new Empty(), (error, response) => {
          if (error) reject(error);
          else resolve(response);
        });
      });
      assert.deepEqual(
        info
          .getPoliciesList()
          .map((policy) => policy.getName())
          .sort(),
        rules.map(({ name }) => name).sort(),
      );
      const tags = { Project: "pinterest" };
      const broken = await brokenRules(client, [
        resource("aws:cloudwatch/logGroup:LogGroup", "open", { retentionInDays: 14, tags }),
        resource("aws:cloudwatch/logGroup:LogGroup", "later", {
          retentionInDays: 14,
          kmsKeyId: unknown,
          tags,
        }),
      ]);
      assert.deepEqual(broken, ["data-encrypted-at-rest: open"]);
    });
  });
});
