/** One host of the Kafka client: an EC2 instance with a stable address, a known host key and a way to run commands on it. */
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { withName, type Tags } from "../tags";
import { remoteScript, scriptText, type RemoteHost } from "./remote-host";
import type { SshKey } from "./ssh-key";

export interface HostArgs {
  subnetId: pulumi.Input<string> | undefined;
  securityGroupIds: pulumi.Input<string>[];
  instanceType: string;
  /** Amazon Linux 2023 image; a host keeps the one that it was made from. */
  imageId: pulumi.Input<string>;
  userData: pulumi.Input<string>;
  profile: aws.iam.InstanceProfile;
  roleName: pulumi.Output<string>;
  /** PEM of the key that logs in. */
  loginPrivateKey: pulumi.Output<string>;
  /** The host key that commands pin, as a line of `authorized_keys`. */
  hostPublicKey: pulumi.Output<string>;
  tags: Tags | undefined;
}

/** Absolute path of one of the scripts that hosts run. */
export function hostScript(name: string): string {
  return path.join(__dirname, "scripts", `${name}.sh`);
}

/** An instance type's processors, as AWS names them: Graviton types have a `g` behind the generation. */
function processorsOf(instanceType: string): "arm64" | "x86_64" {
  return /^[a-z]+\d+g/.test(instanceType) ? "arm64" : "x86_64";
}

/** The name under which AWS publishes the latest Amazon Linux 2023 image for an instance type's processors. */
export function imageParameter(instanceType: string): string {
  return `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${processorsOf(instanceType)}`;
}

/** cloud-init's settings: who may log in, which host key the host has, and where it gets it from. */
export function hostUserData(
  login: SshKey,
  hostKey: SshKey,
  hostKeySecretArn: pulumi.Output<string>,
): pulumi.Output<string> {
  const bootScript = scriptText(hostScript("host-key"), {
    SECRET_ARN: hostKeySecretArn,
    REGION: hostKeySecretArn.apply((arn) => arn.split(":")[3] ?? ""),
    // With it another key is another host, and a host takes no key that is not yet, or no more, the pinned one.
    PUBLIC_KEY: hostKey.publicKey,
  });
  return pulumi.all([login.publicKey, bootScript]).apply(([publicKey, content]) => {
    const file = "/var/lib/cloud/host-key.sh";
    const settings = {
      ssh_authorized_keys: [publicKey],
      ssh_pwauth: false,
      write_files: [{ path: file, permissions: "0700", content }],
      runcmd: [["bash", file]],
    };
    // cloud-init reads YAML, of which JSON is a part.
    return `#cloud-config\n${JSON.stringify(settings, undefined, 2)}\n`;
  });
}

/** Makes a host, and waits until it can be worked on. */
export function makeHost(
  name: string,
  args: HostArgs,
  opts: pulumi.CustomResourceOptions,
): RemoteHost {
  const { tags } = args;
  const arm = processorsOf(args.instanceType) === "arm64";
  const instance = new aws.ec2.Instance(
    // AWS changes no instance's processors, and this one keeps its image: with others it is another instance.
    arm ? `${name}-arm64` : name,
    {
      ami: args.imageId,
      instanceType: args.instanceType,
      subnetId: args.subnetId,
      vpcSecurityGroupIds: args.securityGroupIds,
      iamInstanceProfile: args.profile.name,
      metadataOptions: {
        httpEndpoint: "enabled",
        httpTokens: "required",
        httpPutResponseHopLimit: 1,
      },
      rootBlockDevice: { volumeType: "gp3", volumeSize: 20, encrypted: true, tags },
      userData: args.userData,
      // Without it a changed text would only stop and start the host, and never be read.
      userDataReplaceOnChange: true,
      tags: withName(tags, name),
    },
    pulumi.mergeOptions(opts, { ignoreChanges: ["ami"] }),
  );
  const address = new aws.ec2.Eip(
    `${name}-address`,
    { domain: "vpc", tags: withName(tags, name) },
    { parent: opts.parent },
  );
  const association = new aws.ec2.EipAssociation(
    `${name}-association`,
    // A host that replaces another takes its address over before the other goes.
    { allocationId: address.id, instanceId: instance.id, allowReassociation: true },
    { parent: opts.parent },
  );
  const connection = {
    host: address.publicIp,
    user: "ec2-user",
    privateKey: args.loginPrivateKey,
    hostKey: args.hostPublicKey,
    // A host may take minutes to boot and to get its pinned key; the command's customTimeouts end the wait.
    dialErrorLimit: -1,
  };
  const ready = remoteScript(
    `${name}-host`,
    {
      script: hostScript("wait-for-host"),
      variables: { INSTANCE_ID: instance.id },
      connection,
      instance,
    },
    {
      parent: opts.parent,
      dependsOn: [association],
      customTimeouts: { create: "15m", update: "15m" },
    },
  );
  return { connection, address: address.publicIp, instance, ready, roleName: args.roleName };
}
