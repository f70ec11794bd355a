/** The role that the sink connector works with. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { clusterLocation, kafkaResourceArn } from "../kafka-resource-arn";
import type { Tags } from "../tags";

export interface SinkRoleArgs {
  clusterArn: pulumi.Input<string>;
  /** Names of the topics that are read; the dead letter topic may be among them, and is not. */
  topics: pulumi.Input<pulumi.Input<string>[]>;
  deadLetterTopic: pulumi.Input<string>;
  consumerGroup: pulumi.Input<string>;
  bucketArn: pulumi.Input<string>;
  topicsDirectory: string;
  /** Name of the connector that may take the role. */
  connectorName: string;
  tags: Tags | undefined;
}

/** Topics and groups of MSK Connect's own: settings, offsets and status of its workers (AWS: "Service execution role"). */
const internalNames = "__amazon_msk_connect_*";

/** Makes the role, which only this stack's connector may take. Its ARN is known once it may do its work. */
export function makeSinkRole(
  name: string,
  args: SinkRoleArgs,
  opts: pulumi.CustomResourceOptions,
): pulumi.Output<string> {
  const role = new aws.iam.Role(
    `${name}-role`,
    {
      description: "The S3 sink connector",
      assumeRolePolicy: pulumi.output(args.clusterArn).apply((clusterArn) => {
        const { partition, region, accountId } = clusterLocation(clusterArn);
        const connector = `arn:${partition}:kafkaconnect:${region}:${accountId}:connector/${args.connectorName}/*`;
        return JSON.stringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: "kafkaconnect.amazonaws.com" },
              Action: ["sts:AssumeRole"],
              Condition: {
                StringEquals: { "aws:SourceAccount": accountId },
                ArnLike: { "aws:SourceArn": connector },
              },
            },
          ],
        });
      }),
      tags: args.tags,
    },
    opts,
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-role-policy`,
    { role: role.name, policy: sinkAccess(args) },
    opts,
  );
  return pulumi.all([role.arn, policy.id]).apply(([arn]) => arn);
}

/** Read these topics as this group, write to the dead letter topic, and write objects under one folder of the bucket. */
function sinkAccess(args: SinkRoleArgs): pulumi.Output<string> {
  return pulumi
    .all([
      args.clusterArn,
      pulumi.output(args.topics),
      args.deadLetterTopic,
      args.consumerGroup,
      args.bucketArn,
    ])
    .apply(([cluster, topics, deadLetterTopic, consumerGroup, bucketArn]) => {
      const allow = (Sid: string, Action: string[], Resource: string[]) => ({
        Sid,
        Effect: "Allow",
        Action,
        Resource,
      });
      const topicArn = (topic: string) => kafkaResourceArn(cluster, "topic", topic);
      const groupArn = (group: string) => kafkaResourceArn(cluster, "group", group);
      return JSON.stringify({
        Version: "2012-10-17",
        Statement: [
          allow("Connect", ["kafka-cluster:Connect", "kafka-cluster:DescribeCluster"], [cluster]),
          allow(
            "ReadTopics",
            ["kafka-cluster:DescribeTopic", "kafka-cluster:ReadData"],
            topics.filter((topic) => topic !== deadLetterTopic).map(topicArn),
          ),
          allow(
            "WriteDeadLetters",
            ["kafka-cluster:DescribeTopic", "kafka-cluster:WriteData"],
            [topicArn(deadLetterTopic)],
          ),
          allow(
            "KeepWorkerState",
            [
              "kafka-cluster:CreateTopic",
              "kafka-cluster:DescribeTopic",
              "kafka-cluster:ReadData",
              "kafka-cluster:WriteData",
            ],
            [topicArn(internalNames)],
          ),
          allow(
            "JoinGroups",
            ["kafka-cluster:AlterGroup", "kafka-cluster:DescribeGroup"],
            [groupArn(internalNames), groupArn(consumerGroup)],
          ),
          allow(
            "FindBucket",
            ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            [bucketArn],
          ),
          allow(
            "WriteObjects",
            [
              "s3:AbortMultipartUpload",
              "s3:GetObject",
              "s3:ListMultipartUploadParts",
              "s3:PutObject",
            ],
            [`${bucketArn}/${args.topicsDirectory}/*`],
          ),
        ],
      });
    });
}
