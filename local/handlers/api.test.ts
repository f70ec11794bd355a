/** The ingest API's way from its declaration to a caller, and what MiniStack holds of S3 and Secrets Manager. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { IngestApi, type IngestApiArgs } from "../../components/ingest-api";
import { cloudOutputs } from "../../components/mocks/outputs";
import { record, type Recorded } from "../../components/mocks/recorder";
import type { Machine } from "../machine";
import { Processes } from "../processes";
import { awsOf } from "../services/aws";
import { installToolchain } from "../toolchain";
import { api, connectApi } from "./api";
import { secrets } from "./secrets";
import { storage } from "./storage";

const handlers = { ...api, ...secrets, ...storage };
const declaredHost = "kafka-rest.elb.us-east-1.amazonaws.com:8082";

describe("the counterparts of AWS's services", function () {
  this.timeout(300_000);
  let directory: string;
  let machine: Machine;
  let behind: Server;

  before(async () => {
    const toolchain = await installToolchain();
    behind = createServer((request, response) => {
      response.end(`${request.method} ${request.url}`);
    });
    await new Promise<void>((resolve) => behind.listen(0, "127.0.0.1", resolve));
    directory = await mkdtemp(path.join(tmpdir(), "aws-"));
    machine = {
      directory,
      toolchain,
      processes: await Processes.open(directory),
      services: {},
      routes: new Map(),
    };
  });

  after(async () => {
    behind.closeAllConnections();
    behind.close();
    await machine.processes.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const make = (resource: Recorded) =>
    handlers[resource.type]?.(resource, machine) ?? cloudOutputs(resource);

  async function declareApi(args: Partial<IngestApiArgs> = {}) {
    const { outputs } = await record(
      () => {
        const { invokeUrl, apiKey } = new IngestApi("ingest", {
          proxyUrl: `http://${declaredHost}`,
          loadBalancerArn: "arn:aws:elasticloadbalancing:us-east-1:000000000000:loadbalancer/x",
          region: "us-east-1",
          accountId: "000000000000",
          ...args,
        });
        return { invokeUrl, apiKey };
      },
      { make },
    );
    return outputs;
  }

  it("serve the declared API with its key and throttle, once what is behind it is there", async () => {
    const { invokeUrl, apiKey } = await declareApi({ throttleRate: 1, throttleBurst: 4 });
    assert.match(invokeUrl, /^http:\/\/127\.0\.0\.1:\d+\/v1$/);
    await assert.rejects(connectApi(machine), /stage v1 leads to kafka-rest\.elb/);
    machine.routes.set(declaredHost, `127.0.0.1:${(behind.address() as AddressInfo).port}`);
    await connectApi(machine);
    const post = (key: string) =>
      fetch(`${invokeUrl}/topics/a.pin`, {
        method: "POST",
        body: "{}",
        headers: { "x-api-key": key },
      });
    const answer = await post(apiKey ?? "");
    assert.equal(await answer.text(), "POST /topics/a.pin");
    assert.equal((await post("other")).status, 403);
    const statuses = await Promise.all(
      Array.from({ length: 8 }, async () => (await post(apiKey ?? "")).status),
    );
    assert.ok(statuses.includes(200) && statuses.includes(429), statuses.join());
    const logs = path.join(directory, "logs");
    const log = (await readdir(logs)).find((name) => name.startsWith("ingest-access-log"));
    const [line = ""] = (await readFile(path.join(logs, log ?? ""), "utf8")).split("\n");
    assert.equal((JSON.parse(line) as { status: string }).status, "200");
  });

  it("refuse a second API at the stage of the first", async () => {
    await assert.rejects(declareApi({ timeoutMillis: 1_000 }), /two APIs have a stage v1/);
  });

  it("keep buckets with their versions, objects and secrets", async () => {
    const file = path.join(directory, "object.bin");
    await writeFile(file, Buffer.from([0, 255, 10]));
    const { outputs } = await record(
      () => {
        const bucket = new aws.s3.Bucket("bucket");
        const versioning = new aws.s3.BucketVersioning("versioning", {
          bucket: bucket.id,
          versioningConfiguration: { status: "Enabled" },
        });
        const object = new aws.s3.BucketObjectv2(
          "object",
          { bucket: bucket.id, key: "a/b.bin", source: new pulumi.asset.FileAsset(file) },
          { dependsOn: versioning },
        );
        const secret = new aws.secretsmanager.Secret("secret");
        const version = new aws.secretsmanager.SecretVersion("version", {
          secretId: secret.id,
          secretString: "é, to be kept",
        });
        return {
          bucket: bucket.id,
          versionId: object.versionId,
          secretArn: secret.arn,
          secretVersion: version.versionId,
        };
      },
      { make },
    );
    const { endpoint, region, ...credentials } = await awsOf(machine);
    const options = { endpoint, region, credentials };
    const s3 = new S3Client({ ...options, forcePathStyle: true });
    const { Body: body } = await s3.send(
      new GetObjectCommand({
        Bucket: outputs.bucket,
        Key: "a/b.bin",
        VersionId: outputs.versionId,
      }),
    );
    assert.deepEqual([...((await body?.transformToByteArray()) ?? [])], [0, 255, 10]);
    assert.ok(outputs.versionId.length > 0);
    s3.destroy();
    const secretsManager = new SecretsManagerClient(options);
    const { SecretString: value } = await secretsManager.send(
      new GetSecretValueCommand({
        SecretId: outputs.secretArn,
        VersionId: outputs.secretVersion,
      }),
    );
    assert.equal(value, "é, to be kept");
    secretsManager.destroy();
  });
});
