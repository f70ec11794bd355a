/**
 * An SSH key pair, made once and kept in the stack's state, so that no one has to make one by hand and no provider besides
 * the program's own is needed.
 *
 * Defaults: ECDSA on P-256, which OpenSSH and Go's SSH library both take as PEM; the private key is secret.
 */
import type { KeyObject } from "node:crypto";
import * as pulumi from "@pulumi/pulumi";

/** A key pair as the programs of SSH read it. */
export interface SshKeyPair {
  /** PEM. */
  readonly privateKey: string;
  /** A line as in `authorized_keys`, without comment. */
  readonly publicKey: string;
}

/** Writes an ECDSA private key on P-256, and the public key that belongs to it, as SSH reads them. */
export function sshKeyPair(key: KeyObject): SshKeyPair {
  // The engine runs this far from this module, with the function's text alone: nothing imported may be used in it.
  const { x, y } = key.export({ format: "jwk" });
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
  return {
    privateKey: key.export({ format: "pem", type: "sec1" }).toString(),
    publicKey: `ecdsa-sha2-nistp256 ${Buffer.concat(parts).toString("base64")}`,
  };
}

/** What the engine runs; the pair never changes once it is made, whatever becomes of this code. */
export const sshKeyProvider: pulumi.dynamic.ResourceProvider = {
  create() {
    const { createHash, generateKeyPairSync } = process.getBuiltinModule("node:crypto");
    const pair = sshKeyPair(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey);
    const id = createHash("sha256").update(pair.publicKey).digest("hex");
    return Promise.resolve({ id, outs: pair });
  },
  diff() {
    return Promise.resolve({ changes: false });
  },
};

export class SshKey extends pulumi.dynamic.Resource {
  /** PEM; secret. */
  declare readonly privateKey: pulumi.Output<string>;
  /** A line as in `authorized_keys`, without comment. */
  declare readonly publicKey: pulumi.Output<string>;

  constructor(name: string, opts?: pulumi.CustomResourceOptions) {
    super(
      sshKeyProvider,
      name,
      { privateKey: undefined, publicKey: undefined },
      pulumi.mergeOptions(opts, { additionalSecretOutputs: ["privateKey"] }),
    );
  }
}
