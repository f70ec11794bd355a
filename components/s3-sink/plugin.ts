/** Confluent's S3 sink as a custom plugin of MSK Connect. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import * as path from "node:path";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Fault } from "../faults";
import { remoteScript, type RemoteHost } from "../kafka-client/remote-host";
import type { PrivateBucket } from "../private-bucket";
import type { Tags } from "../tags";
import { contentDigest, contentName } from "../content-name";

/** Which plugin, and the way that it takes into the bucket. */
export interface PluginSource {
  readonly version: string;
  /** Where its zip is. */
  readonly url: string;
  /** Of the zip; undefined: the checksum that Confluent Hub publishes counts. */
  readonly sha256: string | undefined;
  /** The zip on the deploying machine, instead of downloading it. */
  readonly file: string | undefined;
  /** The host that downloads, checks and uploads it. */
  readonly uploadHost: RemoteHost | undefined;
}

const hub = "https://api.hub.confluent.io/api/plugins/confluentinc/kafka-connect-s3/versions";

/** Where Confluent Hub keeps a version's zip. */
export function hubUrl(version: string): string {
  const downloads =
    "https://hub-downloads.confluent.io/api/plugins/confluentinc/kafka-connect-s3/versions";
  return `${downloads}/${version}/confluentinc-kafka-connect-s3-${version}.zip`;
}

function fileSha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** What is wrong with a plugin's source. */
export function pluginFaults({ file, sha256, uploadHost }: PluginSource): Fault[] {
  if (file === undefined)
    return uploadHost
      ? []
      : [
          {
            propertyPath: "uploadHost",
            reason: "must be set where pluginFile is not: something has to download the plugin",
          },
        ];
  if (!existsSync(file))
    return [{ propertyPath: "pluginFile", reason: `there is no file ${file}` }];
  const actual = fileSha256(file);
  return sha256 === undefined || sha256 === actual
    ? []
    : [
        {
          propertyPath: "pluginSha256",
          reason: `is not the checksum of ${file}, which has ${actual}`,
        },
      ];
}

/**
 * Brings the plugin into the bucket and registers it with MSK Connect. Key and name carry a digest of what identifies the
 * zip, so that another zip is another plugin, made before this one goes.
 */
export function makePlugin(
  name: string,
  args: PrivateBucket & { source: PluginSource; namePrefix: string; tags: Tags | undefined },
  opts: pulumi.CustomResourceOptions,
): aws.mskconnect.CustomPlugin {
  const { bucket, closedName, namePrefix, tags } = args;
  const { version, url, file, uploadHost } = args.source;
  const sha256 = file === undefined ? args.source.sha256 : fileSha256(file);
  const identity = sha256 ?? { url };
  const key = `plugins/confluentinc-kafka-connect-s3-${version}-${contentDigest(identity)}.zip`;
  let uploaded: pulumi.Resource | undefined;
  let objectVersion: pulumi.Output<string> | undefined;
  if (file !== undefined) {
    const object = new aws.s3.BucketObjectv2(
      `${name}-plugin-zip`,
      {
        bucket: closedName,
        key,
        // From the program's directory on: no path of this machine is in the state.
        source: new pulumi.asset.FileAsset(path.relative(process.cwd(), file)),
        contentType: "application/zip",
        tags,
      },
      opts,
    );
    uploaded = object;
    objectVersion = object.versionId;
  } else if (uploadHost) {
    uploaded = uploadFrom(name, uploadHost, { bucket, key, version, url, sha256 }, opts);
  }
  return new aws.mskconnect.CustomPlugin(
    `${name}-plugin`,
    {
      name: contentName(namePrefix, identity),
      description: `Confluent's S3 sink ${version}`,
      contentType: "ZIP",
      location: { s3: { bucketArn: bucket.arn, fileKey: key, objectVersion } },
      tags,
    },
    {
      ...opts,
      dependsOn: uploaded ? [uploaded] : [],
      customTimeouts: { create: "15m", delete: "15m" },
    },
  );
}

/** Lets the host write this one object, and has it download, check and upload the zip. */
function uploadFrom(
  name: string,
  host: RemoteHost,
  zip: { bucket: aws.s3.Bucket; key: string; version: string; url: string; sha256?: string },
  opts: pulumi.CustomResourceOptions,
): pulumi.Resource {
  const { bucket, key } = zip;
  const policy = new aws.iam.RolePolicy(
    `${name}-plugin-upload-policy`,
    {
      role: host.roleName,
      policy: pulumi.jsonStringify({
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "UploadPlugin",
            Effect: "Allow",
            Action: ["s3:GetObject", "s3:PutObject"],
            Resource: [pulumi.interpolate`${bucket.arn}/${key}`],
          },
        ],
      }),
    },
    opts,
  );
  return remoteScript(
    `${name}-plugin-upload`,
    {
      script: path.join(__dirname, "scripts", "upload-plugin.sh"),
      variables: {
        URL: zip.url,
        SHA256: zip.sha256 ?? "",
        MANIFEST_URL: `${hub}/${zip.version}`,
        BUCKET: bucket.id,
        KEY: key,
        REGION: bucket.region,
      },
      connection: host.connection,
      instance: host.instance,
    },
    { ...opts, dependsOn: [host.ready, policy] },
  );
}
