/** What may pass the S3 gateway endpoint. */
import * as pulumi from "@pulumi/pulumi";

/** What reading and writing objects takes, multipart uploads included. */
const objectActions = [
  "s3:AbortMultipartUpload",
  "s3:GetBucketLocation",
  "s3:GetObject",
  "s3:ListBucket",
  "s3:ListBucketMultipartUploads",
  "s3:ListMultipartUploadParts",
  "s3:PutObject",
];

/**
 * The policy as JSON: this account's principals in this account's buckets, and the packages of Amazon Linux 2023, which lie in
 * a bucket of AWS and are read without credentials. It bounds what leaves the network; who may do what is for the roles to say.
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
        Action: objectActions,
        Resource: "arn:aws:s3:::*",
        Condition: {
          StringEquals: { "aws:PrincipalAccount": accountId, "aws:ResourceAccount": accountId },
        },
      },
      {
        Sid: "AmazonLinuxPackages",
        Effect: "Allow",
        Principal: "*",
        Action: "s3:GetObject",
        Resource: pulumi.interpolate`arn:aws:s3:::al2023-repos-${region}-de612dc2/*`,
      },
    ],
  });
}
