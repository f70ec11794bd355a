/** Counterparts of S3: buckets and objects of MiniStack. */
import { readFile } from "node:fs/promises";
import {
  CreateBucketCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  type BucketVersioningStatus,
} from "@aws-sdk/client-s3";
import { textInput } from "../../components/mocks/identity";
import { cloudOutputs } from "../../components/mocks/outputs";
import type { Handlers } from "../handler";
import type { Machine } from "../machine";
import { awsOf } from "../services/aws";

async function withS3<T>(machine: Machine, work: (s3: S3Client) => Promise<T>): Promise<T> {
  const { endpoint, region, ...credentials } = await awsOf(machine);
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    return await work(s3);
  } finally {
    s3.destroy();
  }
}

export const storage: Handlers = {
  "aws:s3/bucket:Bucket": async (resource, machine) => {
    const made = cloudOutputs(resource);
    await withS3(machine, (s3) => s3.send(new CreateBucketCommand({ Bucket: made.id })));
    return made;
  },

  "aws:s3/bucketVersioning:BucketVersioning": async (resource, machine) => {
    const { status } = resource.inputs.versioningConfiguration as {
      status: BucketVersioningStatus;
    };
    await withS3(machine, (s3) =>
      s3.send(
        new PutBucketVersioningCommand({
          Bucket: textInput(resource, "bucket"),
          VersioningConfiguration: { Status: status },
        }),
      ),
    );
    return cloudOutputs(resource);
  },

  "aws:s3/bucketObjectv2:BucketObjectv2": async (resource, machine) => {
    const { source, content, contentType } = resource.inputs;
    const { VersionId: versionId, ETag: etag } = await withS3(machine, async (s3) =>
      s3.send(
        new PutObjectCommand({
          Bucket: textInput(resource, "bucket"),
          Key: textInput(resource, "key"),
          Body:
            typeof content === "string"
              ? content
              : await readFile((source as { path: string }).path),
          ...(typeof contentType === "string" && { ContentType: contentType }),
        }),
      ),
    );
    const { id, outputs } = cloudOutputs(resource);
    return {
      id,
      outputs: { ...outputs, versionId: versionId ?? "", etag: etag?.replaceAll('"', "") ?? "" },
    };
  },
};
