/** What may pass the S3 gateway endpoint. */
import * as pulumi from "@pulumi/pulumi";

/** What reading and writing objects takes, multipart uploads included, and what MWAA asks of its bucket and the files in it. */
const bucketActions = [
  "s3:AbortMultipartUpload",
  "s3:GetBucketLocation",
  "s3:GetBucketPublicAccessBlock",
  "s3:GetBucketVersioning",
  "s3:GetEncryptionConfiguration",
  "s3:GetObject",
  "s3:GetObjectVersion",
  "s3:ListBucket",
  "s3:ListBucketMultipartUploads",
  "s3:ListBucketVersions",
  "s3:ListMultipartUploadParts",
  "s3:PutObject",
];

/**
 * The policy as JSON: this account's principals in this account's buckets, and the layers of MWAA's images, which ECR keeps in a
 * bucket of AWS (MWAA: "Security in your VPC"). It bounds what leaves the network; who may do what is for the roles to say.
 *
 * The principal has to be `*`: gateway endpoints take an account there for its root user alone, so conditions name it.
 */
export function s3EndpointPolicy(
  accountId: pulumi.Input<string>,
  region: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "OwnBuckets",
        Effect: "Allow",
        Principal: "*",
        Action: bucketActions,
        Resource: "arn:aws:s3:::*",
        Condition: {
          StringEquals: { "aws:PrincipalAccount": accountId, "aws:ResourceAccount": accountId },
        },
      },
      {
        // MWAA asks it before it takes a bucket; it is of the account, and of no bucket.
        Sid: "OwnAccount",
        Effect: "Allow",
        Principal: "*",
        Action: "s3:GetAccountPublicAccessBlock",
        Resource: "*",
        Condition: { StringEquals: { "aws:PrincipalAccount": accountId } },
      },
      {
        Sid: "ImageLayers",
        Effect: "Allow",
        Principal: "*",
        Action: "s3:GetObject",
        Resource: pulumi.interpolate`arn:aws:s3:::prod-${region}-starport-layer-bucket/*`,
      },
    ],
  });
}
