/** What runs can be told, watched and paid for by whose it is. */
import { at, eachOf, holds, isSet, settingsOf, unknown, type Rule } from "../graph";

export const logsKept: Rule = {
  name: "logs-kept",
  reason:
    "A log that is kept for ever costs for ever; one that nobody decided on is one or the other by chance.",
  source: "AWS FSBP CloudWatch.16; Well-Architected SEC04-BP01",
  check: eachOf(["aws:cloudwatch/logGroup:LogGroup"], (group) =>
    holds(at(group, "retentionInDays"), (days) => Number(days) > 0)
      ? undefined
      : "is kept for ever: set retentionInDays",
  ),
};

const airflowLogs = ["dagProcessing", "scheduler", "task", "webserver", "worker"];

/** What must be on for a type to log. */
const logging: Readonly<Record<string, readonly string[]>> = {
  "aws:msk/cluster:Cluster": ["loggingInfo.brokerLogs.cloudwatchLogs.enabled"],
  "aws:mskconnect/connector:Connector": ["logDelivery.workerLogDelivery.cloudwatchLogs.enabled"],
  "aws:mwaa/environment:Environment": airflowLogs.map(
    (log) => `loggingConfiguration.${log}Logs.enabled`,
  ),
  "aws:apigateway/stage:Stage": ["accessLogSettings.destinationArn"],
  "aws:rds/instance:Instance": ["enabledCloudwatchLogsExports"],
};

export const servicesLog: Rule = {
  name: "services-log",
  reason: "What happened before the fault is known from logs or not at all.",
  source: "AWS FSBP APIGateway.1, MSK.5, MWAA.2, RDS.9; Well-Architected SEC04-BP01",
  check: eachOf(Object.keys(logging), (resource) => {
    const off = (logging[resource.type] ?? []).filter(
      (path) => !holds(at(resource, path), (value) => isSet(value) && value !== false),
    );
    return off.length > 0 ? `logs nothing: set ${off.join(", ")}` : undefined;
  }),
};

export const networksLog: Rule = {
  name: "networks-log",
  reason: "Who talked to whom is seen in the network when a host can no longer be believed.",
  source: "AWS FSBP EC2.6; CIS AWS 3.7",
  check: eachOf(["aws:ec2/vpc:Vpc"], (vpc, stack) =>
    settingsOf(stack, vpc, "aws:ec2/flowLog:FlowLog").length > 0
      ? undefined
      : "logs no traffic: add a flow log",
  ),
};

/** Types of AWS that take no tags. */
const untaggable = new Set([
  "aws:apigateway/account:Account",
  "aws:apigateway/deployment:Deployment",
  "aws:apigateway/methodSettings:MethodSettings",
  "aws:apigateway/usagePlanKey:UsagePlanKey",
  "aws:appautoscaling/policy:Policy",
  "aws:cloudwatch/dashboard:Dashboard",
  "aws:cloudwatch/logResourcePolicy:LogResourcePolicy",
  "aws:ec2/eipAssociation:EipAssociation",
  "aws:ec2/route:Route",
  "aws:ec2/routeTableAssociation:RouteTableAssociation",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:kms/alias:Alias",
  "aws:lb/targetGroupAttachment:TargetGroupAttachment",
  "aws:msk/configuration:Configuration",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketLogging:BucketLogging",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  "aws:s3/bucketVersioning:BucketVersioning",
  "aws:secretsmanager/secretVersion:SecretVersion",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
]);

export const everythingTagged: Rule = {
  name: "everything-tagged",
  reason: "What bears no tag is in nobody's budget and on nobody's list.",
  source: "Well-Architected COST03-BP02; AWS FSBP EC2.33 to EC2.48 and their like",
  check: ({ resources }) =>
    resources
      .filter(({ type }) => type.startsWith("aws:") && !untaggable.has(type))
      .filter(
        ({ inputs: { tags } }) =>
          tags !== unknown && (typeof tags !== "object" || !Object.keys(tags ?? {}).length),
      )
      .map((resource) => ({ resource, message: "bears no tags: pass the stack's on" })),
};

/** AWS's longest names, in characters, and the property that they are given by; auto-named otherwise. */
const longest: Readonly<Record<string, readonly [property: string, limit: number]>> = {
  "aws:apigateway/restApi:RestApi": ["name", 128],
  "aws:cloudwatch/logGroup:LogGroup": ["name", 512],
  "aws:cloudwatch/metricAlarm:MetricAlarm": ["name", 255],
  "aws:ec2/securityGroup:SecurityGroup": ["name", 255],
  "aws:iam/instanceProfile:InstanceProfile": ["name", 128],
  "aws:iam/role:Role": ["name", 64],
  "aws:iam/rolePolicy:RolePolicy": ["name", 128],
  "aws:kinesis/stream:Stream": ["name", 128],
  "aws:lb/loadBalancer:LoadBalancer": ["name", 32],
  "aws:lb/targetGroup:TargetGroup": ["name", 32],
  "aws:msk/cluster:Cluster": ["clusterName", 64],
  "aws:mskconnect/connector:Connector": ["name", 128],
  "aws:mskconnect/customPlugin:CustomPlugin": ["name", 128],
  "aws:mskconnect/workerConfiguration:WorkerConfiguration": ["name", 128],
  "aws:mwaa/environment:Environment": ["name", 80],
  "aws:rds/instance:Instance": ["identifier", 63],
  "aws:s3/bucket:Bucket": ["bucket", 63],
  "aws:secretsmanager/secret:Secret": ["name", 512],
  "aws:sns/topic:Topic": ["name", 256],
};

/** What auto-naming adds to a logical name: a hyphen and seven hexadecimal digits. */
const autoNaming = "-0123abc".length;

export const namesFit: Rule = {
  name: "names-fit",
  reason: "A name that is too long is refused in the middle of a deployment.",
  source: "AWS's API references of each service",
  check: eachOf(Object.keys(longest), (resource) => {
    const [property = "", limit = Infinity] = longest[resource.type] ?? [];
    const given = resource.inputs[property];
    if (given === unknown) return undefined;
    const length = typeof given === "string" ? given.length : resource.name.length + autoNaming;
    return length > limit
      ? `has a name of ${length} characters, and AWS takes ${limit}: shorten it`
      : undefined;
  }),
};

/** What EC2 takes in the description of a security group or a rule: at most 255 of these. */
const securityGroupDescription = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/;

export const securityGroupDescriptionsFit: Rule = {
  name: "security-group-descriptions-fit",
  reason: "EC2 refuses other characters, an apostrophe say, in the middle of a deployment.",
  source: "Amazon EC2 API Reference: CreateSecurityGroup, IpRange",
  check: eachOf(
    [
      "aws:ec2/securityGroup:SecurityGroup",
      "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
      "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    ],
    ({ inputs: { description = "" } }) =>
      holds(description, (text) => securityGroupDescription.test(String(text)))
        ? undefined
        : `has a description that EC2 does not take: ${String(description)}`,
  ),
};

export const operationRules: readonly Rule[] = [
  logsKept,
  servicesLog,
  networksLog,
  everythingTagged,
  namesFit,
  securityGroupDescriptionsFit,
];
