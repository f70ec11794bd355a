/** A bucket that no one outside reaches: encrypted, versioned, over TLS only, without public access. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Tags } from "./tags";

export interface PrivateBucketArgs {
  forceDestroy: boolean;
  protect: boolean;
  /** Days that replaced and deleted objects are kept. */
  noncurrentDays: pulumi.Input<number>;
  /** Bucket for the access log; none is written where it is undefined. */
  accessLogBucketName: pulumi.Input<string> | undefined;
  tags: Tags | undefined;
}

export interface PrivateBucket {
  readonly bucket: aws.s3.Bucket;
  /** Its name, known once it is versioned and closed: an object that is put there earlier may have no version, and MWAA takes no open bucket. */
  readonly closedName: pulumi.Output<string>;
}

/**
 * Makes the bucket.
 *
 * Encrypted by S3's own keys (SSE-S3) rather than by a KMS key: whoever may read the objects by IAM may read them, Databricks'
 * instance profile and the workers of MSK Connect and MWAA included, with no second policy to keep in step and no key to lose.
 */
export function makePrivateBucket(
  name: string,
  args: PrivateBucketArgs,
  opts: pulumi.CustomResourceOptions,
): PrivateBucket {
  const bucket = new aws.s3.Bucket(
    `${name}-bucket`,
    { forceDestroy: args.forceDestroy, tags: args.tags },
    { ...opts, protect: args.protect },
  );
  new aws.s3.BucketOwnershipControls(
    `${name}-ownership`,
    { bucket: bucket.id, rule: { objectOwnership: "BucketOwnerEnforced" } },
    opts,
  );
  const publicAccessBlock = new aws.s3.BucketPublicAccessBlock(
    `${name}-public-access`,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    opts,
  );
  const versioning = new aws.s3.BucketVersioning(
    `${name}-versioning`,
    { bucket: bucket.id, versioningConfiguration: { status: "Enabled" } },
    opts,
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-encryption`,
    {
      bucket: bucket.id,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
    },
    opts,
  );
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-lifecycle`,
    {
      bucket: bucket.id,
      rules: [
        {
          id: "abort-unfinished-uploads",
          status: "Enabled",
          filter: {},
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
        {
          id: "expire-noncurrent-versions",
          status: "Enabled",
          filter: {},
          noncurrentVersionExpiration: { noncurrentDays: args.noncurrentDays },
          expiration: { expiredObjectDeleteMarker: true },
        },
      ],
    },
    // S3 refuses rules on versions where there are none yet.
    { ...opts, dependsOn: [versioning] },
  );
  new aws.s3.BucketPolicy(
    `${name}-policy`,
    { bucket: bucket.id, policy: tlsOnly(bucket.arn) },
    // S3 refuses two changes of a bucket's access at once.
    { ...opts, dependsOn: [publicAccessBlock] },
  );
  if (args.accessLogBucketName !== undefined)
    new aws.s3.BucketLogging(
      `${name}-access-log`,
      {
        bucket: bucket.id,
        targetBucket: args.accessLogBucketName,
        targetPrefix: pulumi.interpolate`${bucket.id}/`,
      },
      opts,
    );
  const closedName = pulumi
    .all([bucket.id, versioning.id, publicAccessBlock.id])
    .apply(([bucketName]) => bucketName);
  return { bucket, closedName };
}

/** Refuses everyone whose connection is not encrypted, or by a TLS older than 1.2. */
function tlsOnly(bucketArn: pulumi.Output<string>): pulumi.Output<string> {
  const everything = {
    Effect: "Deny",
    Principal: "*",
    Action: "s3:*",
    Resource: [bucketArn, pulumi.interpolate`${bucketArn}/*`],
  };
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "DenyPlainHttp",
        ...everything,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Sid: "DenyOldTls",
        ...everything,
        Condition: { NumericLessThan: { "s3:TlsVersion": "1.2" } },
      },
    ],
  });
}
