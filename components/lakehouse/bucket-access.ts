/** What the notebooks need of the bucket, whoever reaches it for them: the clusters' role, or Unity Catalog's. */
import * as pulumi from "@pulumi/pulumi";

export interface BucketAccess {
  readonly bucketArn: pulumi.Input<string>;
  readonly topicsDirectory: pulumi.Input<string>;
  /** ARN of the KMS key that encrypts the bucket's objects, where it has one of its own. */
  readonly kmsKeyArn: pulumi.Input<string> | undefined;
}

/** Folders of the bucket that the notebooks write. */
const writtenFolders = ["tables", "checkpoints", "results"];

/** IAM statements: list the bucket, read the topics' folder, write the notebooks' own, use the key through S3 only. */
export function bucketStatements({ bucketArn, topicsDirectory, kmsKeyArn }: BucketAccess) {
  const below = (folder: pulumi.Input<string>) => pulumi.interpolate`${bucketArn}/${folder}/*`;
  return [
    {
      // Not bound to prefixes: the mount and the volume are of the bucket's root, which is checked and listed without one.
      Sid: "ListBucket",
      Effect: "Allow",
      Action: ["s3:GetBucketLocation", "s3:ListBucket"],
      Resource: bucketArn,
    },
    {
      Sid: "ReadTopics",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: below(topicsDirectory),
    },
    {
      Sid: "WriteTables",
      Effect: "Allow",
      Action: [
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:GetObject",
        "s3:ListMultipartUploadParts",
        "s3:PutObject",
      ],
      Resource: writtenFolders.map(below),
    },
    ...(kmsKeyArn === undefined
      ? []
      : [
          {
            Sid: "UseBucketKeyThroughS3",
            Effect: "Allow",
            Action: ["kms:Decrypt", "kms:GenerateDataKey"],
            Resource: kmsKeyArn,
            Condition: through("s3", kmsKeyArn),
          },
        ]),
  ];
}

/** The condition that a key is used through one service only, in the key's own region. */
export function through(service: string, keyArn: pulumi.Input<string>) {
  return {
    StringEquals: {
      "kms:ViaService": pulumi
        .output(keyArn)
        .apply((arn) => `${service}.${arn.split(":")[3] ?? ""}.amazonaws.com`),
    },
  };
}
