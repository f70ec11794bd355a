/**
 * The topic that alarms, the budget and Airflow tell of what needs someone: encrypted with a key of its own, open to
 * CloudWatch and AWS Budgets of this account only. The addresses have to confirm their subscriptions.
 */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyPolicy } from "../key-policy";
import type { Tags } from "../tags";

export interface AlarmTopicArgs {
  /** AWS region that the stack is in. */
  region: pulumi.Input<string>;
  /** AWS account that the stack is in, 12 digits. */
  accountId: pulumi.Input<string>;
  /** Addresses that are written to. Default none. */
  emails?: readonly string[];
  /** Tags of everything in it. Default none. */
  tags?: Tags;
}

/** Service principals that publish, beside the account's own roles. */
const publishers = ["cloudwatch.amazonaws.com", "budgets.amazonaws.com"];

/** See the top of this file. */
export class AlarmTopic extends pulumi.ComponentResource {
  /** Known once services may publish to it. */
  readonly arn: pulumi.Output<string>;
  /** The topic's key, which who else publishes must be let use. */
  readonly keyArn: pulumi.Output<string>;

  constructor(name: string, args: AlarmTopicArgs, opts?: pulumi.ComponentResourceOptions) {
    super("pinterest:observability:AlarmTopic", name, {}, opts);
    const { region, accountId, emails = [], tags } = args;
    const child = { parent: this };
    const key = new aws.kms.Key(
      `${name}-key`,
      {
        description: `Encrypts what is published to the topic ${name}`,
        enableKeyRotation: true,
        policy: keyPolicy({ accountId, region, publishers }),
        tags,
      },
      child,
    );
    const topic = new aws.sns.Topic(`${name}-topic`, { kmsMasterKeyId: key.arn, tags }, child);
    const publish = (sid: string, service: string, source: pulumi.Input<string>) => ({
      Sid: sid,
      Effect: "Allow",
      Principal: { Service: service },
      Action: "sns:Publish",
      Resource: topic.arn,
      Condition: {
        StringEquals: { "aws:SourceAccount": accountId },
        ArnLike: { "aws:SourceArn": source },
      },
    });
    const policy = new aws.sns.TopicPolicy(
      `${name}-topic-policy`,
      {
        arn: topic.arn,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            publish(
              "AlarmsOfThisAccount",
              "cloudwatch.amazonaws.com",
              pulumi.interpolate`arn:aws:cloudwatch:${region}:${accountId}:alarm:*`,
            ),
            publish(
              "BudgetsOfThisAccount",
              "budgets.amazonaws.com",
              pulumi.interpolate`arn:aws:budgets::${accountId}:*`,
            ),
          ],
        }),
      },
      child,
    );
    // Named by their addresses: by their places, taking one out of the list would end the subscription of another.
    for (const endpoint of new Set(emails))
      new aws.sns.TopicSubscription(
        `${name}-email-${endpoint}`,
        { topic: topic.arn, protocol: "email", endpoint },
        child,
      );
    this.arn = pulumi.all([topic.arn, policy.id]).apply(([arn]) => arn);
    this.keyArn = key.arn;
    this.registerOutputs({ arn: this.arn, keyArn: this.keyArn });
  }
}
