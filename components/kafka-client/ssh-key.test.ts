import assert from "node:assert/strict";
import { createPrivateKey, createPublicKey } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";
import { named, record, type Maker } from "../mocks/recorder";
import { SshKey } from "./ssh-key";

/** Pulumi's own: what a stash was given first is what it answers. */
const stash: Maker = ({ name, inputs }) => ({
  id: name,
  outputs: { ...inputs, output: inputs["input"] },
});

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

function recordPair(make?: Maker) {
  return record(
    () => {
      const { privateKey, publicKey } = new SshKey("key");
      return {
        privateKey,
        publicKey,
        secrets: Promise.all([privateKey, publicKey].map((output) => pulumi.isSecret(output))),
      };
    },
    { make },
  );
}

describe("SshKey", () => {
  it("is a pair of which the two halves belong together", async () => {
    const { privateKey, publicKey } = (await recordPair(stash)).outputs;
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
  });

  it("is another for each stack, and stays what it is in one", async () => {
    const [first, second] = [await recordPair(stash), await recordPair(stash)];
    assert.notEqual(first.outputs.privateKey, second.outputs.privateKey);
    assert.deepEqual(named(first.resources, "key").ignoreChanges, ["input"]);
  });

  it("keeps the private key secret, the public one readable", async () => {
    const { resources, outputs } = await recordPair(stash);
    assert.deepEqual(outputs.secrets, [true, false]);
    const { secrets, additionalSecretOutputs } = named(resources, "key");
    assert.deepEqual(secrets, [["input"]]);
    assert.deepEqual(additionalSecretOutputs, ["output"]);
  });

  it("is made up alike for each recorded run, and different for each name", async () => {
    const run = async () =>
      (
        await record(() => ({
          one: new SshKey("one").publicKey,
          other: new SshKey("other").publicKey,
          pair: new SshKey("pair").privateKey,
        }))
      ).outputs;
    const outputs = await run();
    assert.deepEqual(outputs, await run());
    assert.notEqual(outputs.one, outputs.other);
    assert.match(outputs.pair, /EC PRIVATE KEY/);
  });
});
