import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import * as vm from "node:vm";
import type * as pulumi from "@pulumi/pulumi";
import { named, record } from "../mocks/recorder";
import { SshKey, sshKeyProvider, type SshKeyPair } from "./ssh-key";

/** The fields of an OpenSSH public key, each after its length in four bytes. */
function fields(publicKey: string): Buffer[] {
  const found: Buffer[] = [];
  let rest = Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
  while (rest.length > 0) {
    const length = rest.readUInt32BE(0);
    found.push(rest.subarray(4, 4 + length));
    rest = rest.subarray(4 + length);
  }
  return found;
}

function checkPair({ privateKey, publicKey }: SshKeyPair) {
  const key = createPrivateKey(privateKey);
  assert.match(privateKey, /^-----BEGIN EC PRIVATE KEY-----\n/);
  assert.equal(key.asymmetricKeyDetails?.namedCurve, "prime256v1");
  const [algorithm, curve, point] = fields(publicKey);
  assert.equal(publicKey.split(" ")[0], "ecdsa-sha2-nistp256");
  assert.equal(algorithm?.toString(), "ecdsa-sha2-nistp256");
  assert.equal(curve?.toString(), "nistp256");
  const { x, y } = createPublicKey(key).export({ format: "jwk" });
  assert.deepEqual(
    point,
    Buffer.concat([
      Buffer.from([4]),
      Buffer.from(x ?? "", "base64url"),
      Buffer.from(y ?? "", "base64url"),
    ]),
  );
}

describe("SshKey", () => {
  it("is a pair of which the two halves belong together, another each time", async () => {
    const first = await sshKeyProvider.create({});
    const second = await sshKeyProvider.create({});
    checkPair(first.outs as SshKeyPair);
    assert.notEqual(first.id, second.id);
    assert.notEqual((first.outs as SshKeyPair).privateKey, (second.outs as SshKeyPair).privateKey);
  });

  it("works as the engine runs it: from its text alone, and never changed once made", async () => {
    const { resources } = await record(() => new SshKey("key"));
    const text = named(resources, "key").inputs.__provider as string;
    const exports: { handler?: () => pulumi.dynamic.ResourceProvider } = {};
    (vm.runInThisContext(`(exports) => {${text}}`) as (into: typeof exports) => void)(exports);
    const provider = exports.handler?.();
    assert.ok(provider);
    const { id, outs } = (await provider.create({})) as { id: string; outs: SshKeyPair };
    assert.match(id, /^[0-9a-f]{64}$/);
    checkPair(outs);
    assert.deepEqual(await provider.diff?.(id, outs, {}), { changes: false });
  });

  it("is made up alike for each recorded run, and different for each name", async () => {
    const run = () =>
      record(() => ({
        one: new SshKey("one").publicKey,
        other: new SshKey("other").publicKey,
        pair: new SshKey("pair").privateKey,
      }));
    const { outputs, resources } = await run();
    assert.deepEqual(outputs, (await run()).outputs);
    assert.notEqual(outputs.one, outputs.other);
    assert.match(outputs.pair, /EC PRIVATE KEY/);
    assert.deepEqual(named(resources, "pair").additionalSecretOutputs, ["privateKey"]);
  });
});
