import { arn, hexadecimal, physicalName, region, textInput, uuid } from "../identity";
import type { Recorded } from "../recorded";
import type { OutputsByType } from "./outputs-by-type";

/** Settings of a bucket bear the bucket's name as their id. */
function ofBucket(resource: Recorded) {
  return { id: textInput(resource, "bucket") };
}

/** A thing of MSK Connect: its ARN ends in a UUID and the number of its cell. */
function connectArn(resource: Recorded, kind: string) {
  const name = physicalName(resource);
  const thingArn = arn("kafkaconnect", `${kind}/${name}/${uuid(resource.urn)}-2`);
  return { id: thingArn, arn: thingArn, name };
}

export const sink: OutputsByType = {
  "aws:s3/bucket:Bucket": (resource) => {
    const bucket = physicalName(resource, "bucket");
    return {
      id: bucket,
      bucket,
      arn: `arn:aws:s3:::${bucket}`,
      region,
      bucketDomainName: `${bucket}.s3.amazonaws.com`,
      bucketRegionalDomainName: `${bucket}.s3.${region}.amazonaws.com`,
      hostedZoneId: "Z3AQBSTGFYJSTF",
    };
  },
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ofBucket,
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": ofBucket,
  "aws:s3/bucketVersioning:BucketVersioning": ofBucket,
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    ofBucket,
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": ofBucket,
  "aws:s3/bucketPolicy:BucketPolicy": ofBucket,
  "aws:s3/bucketLogging:BucketLogging": ofBucket,
  "aws:s3/bucketObjectv2:BucketObjectv2": (resource) => {
    const key = textInput(resource, "key");
    return {
      id: key,
      arn: `arn:aws:s3:::${textInput(resource, "bucket")}/${key}`,
      etag: hexadecimal(resource.urn, 32),
      versionId: hexadecimal(resource.urn, 32),
    };
  },
  "aws:mskconnect/customPlugin:CustomPlugin": (resource) => ({
    ...connectArn(resource, "custom-plugin"),
    latestRevision: 1,
    state: "ACTIVE",
  }),
  "aws:mskconnect/workerConfiguration:WorkerConfiguration": (resource) => ({
    ...connectArn(resource, "worker-configuration"),
    latestRevision: 1,
  }),
  "aws:mskconnect/connector:Connector": (resource) => ({
    ...connectArn(resource, "connector"),
    version: "K3EUFVYAKE1Q3N",
  }),
};
