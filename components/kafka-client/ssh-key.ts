/**
 * An SSH key pair, made once and kept in the stack's state, so that no one has to make one by hand and no provider besides
 * the program's own is needed.
 *
 * Defaults: ECDSA on P-256, which OpenSSH and Go's SSH library both take as PEM; the private key is secret.
 */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

function makePrivateKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return privateKey.export({ format: "pem", type: "sec1" }).toString();
}

/** The public key of an ECDSA private key on P-256, as `authorized_keys` holds it (RFC 5656, section 3.1). */
function publicKeyOf(privateKey: string): string {
  const { x, y } = createPublicKey(privateKey).export({ format: "jwk" });
  const point = Buffer.concat([
    Buffer.from([4]),
    Buffer.from(x ?? "", "base64url"),
    Buffer.from(y ?? "", "base64url"),
  ]);
  const parts = [Buffer.from("ecdsa-sha2-nistp256"), Buffer.from("nistp256"), point].flatMap(
    (part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    },
  );
  return `ecdsa-sha2-nistp256 ${Buffer.concat(parts).toString("base64")}`;
}

/** Each run makes a key; the stack keeps its first (https://www.pulumi.com/docs/iac/concepts/stash/). */
export class SshKey extends pulumi.Stash {
  /** PEM; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** A line as in `authorized_keys`, without comment. */
  readonly publicKey: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    super(
      name,
      { input: pulumi.secret(makePrivateKey()) },
      pulumi.mergeOptions(opts, {
        // A stash shows each run's input beside what it keeps: an update of each deployment, for a key of no use.
        ignoreChanges: ["input"],
        additionalSecretOutputs: ["output"],
      }),
    );
    this.privateKey = pulumi.secret(this.output as pulumi.Output<string>);
    this.publicKey = pulumi.unsecret(this.privateKey.apply(publicKeyOf));
  }
}
