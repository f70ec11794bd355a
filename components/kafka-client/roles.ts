/** The Kafka client's roles, and what each may do, action by action. */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { kafkaResourceArn } from "../kafka-resource-arn";
import type { Tags } from "../tags";

export interface RolesArgs {
  clusterArn: pulumi.Input<string>;
  /** Names of the topics to make and fill. */
  topics: pulumi.Input<string>[];
  /** The secret that holds the hosts' SSH host key. */
  hostKeySecretArn: pulumi.Input<string>;
  tags: Tags | undefined;
}

export interface Roles {
  /** What programs on the hosts act with. */
  readonly hostRole: aws.iam.Role;
  readonly hostPolicy: aws.iam.RolePolicy;
  readonly profile: aws.iam.InstanceProfile;
  /** What the cluster lets in: taken by the hosts' role, as `awsRoleArn` in client.properties says. */
  readonly accessRole: aws.iam.Role;
  readonly accessPolicy: aws.iam.RolePolicy;
}

/** Makes the role of the hosts, and the role that they sign in to Kafka as. */
export function makeRoles(
  name: string,
  args: RolesArgs,
  opts: pulumi.CustomResourceOptions,
): Roles {
  const { tags } = args;
  const hostRole = new aws.iam.Role(
    `${name}-host-role`,
    {
      description: "Hosts of the Kafka client",
      assumeRolePolicy: trust({ Service: "ec2.amazonaws.com" }),
      tags,
    },
    opts,
  );
  const accessRole = new aws.iam.Role(
    `${name}-access-role`,
    {
      description: "What the Kafka client does on the cluster",
      assumeRolePolicy: trust({ AWS: hostRole.arn }),
      tags,
    },
    opts,
  );
  return {
    hostRole,
    accessRole,
    hostPolicy: new aws.iam.RolePolicy(
      `${name}-host-policy`,
      { role: hostRole.name, policy: hostAccess(accessRole.arn, args.hostKeySecretArn) },
      opts,
    ),
    accessPolicy: new aws.iam.RolePolicy(
      `${name}-access-policy`,
      { role: accessRole.name, policy: clusterAccess(args.clusterArn, args.topics) },
      opts,
    ),
    profile: new aws.iam.InstanceProfile(`${name}-profile`, { role: hostRole.name, tags }, opts),
  };
}

/**
 * What Kafka's tools and the REST proxy do: make, grow, describe and set these topics, and write to them. Nothing is read
 * and nothing deleted.
 */
function clusterAccess(
  clusterArn: pulumi.Input<string>,
  topics: pulumi.Input<string>[],
): pulumi.Output<string> {
  return pulumi.all([clusterArn, pulumi.all(topics)]).apply(([cluster, names]) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Connect",
          Effect: "Allow",
          // Producers are idempotent by default since Kafka 3.0.
          Action: [
            "kafka-cluster:Connect",
            "kafka-cluster:DescribeCluster",
            "kafka-cluster:WriteDataIdempotently",
          ],
          Resource: [cluster],
        },
        {
          Sid: "MakeAndFillTopics",
          Effect: "Allow",
          Action: [
            "kafka-cluster:AlterTopic",
            "kafka-cluster:AlterTopicDynamicConfiguration",
            "kafka-cluster:CreateTopic",
            "kafka-cluster:DescribeTopic",
            "kafka-cluster:DescribeTopicDynamicConfiguration",
            "kafka-cluster:WriteData",
          ],
          Resource: names.map((topic) => kafkaResourceArn(cluster, "topic", topic)),
        },
      ],
    }),
  );
}

/** What the hosts themselves do: take the role that Kafka lets in, and read their own host key. */
function hostAccess(
  accessRoleArn: pulumi.Input<string>,
  hostKeySecretArn: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "SignInToKafka",
        Effect: "Allow",
        Action: ["sts:AssumeRole"],
        Resource: [accessRoleArn],
      },
      {
        Sid: "ReadHostKey",
        Effect: "Allow",
        Action: ["secretsmanager:GetSecretValue"],
        Resource: [hostKeySecretArn],
      },
    ],
  });
}

/** Lets one principal, and no other, take a role. */
function trust(principal: Record<string, pulumi.Input<string>>): pulumi.Output<string> {
  return pulumi.jsonStringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: principal, Action: ["sts:AssumeRole"] }],
  });
}
