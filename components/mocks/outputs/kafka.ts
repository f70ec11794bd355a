import { accountId, arn, hexadecimal, physicalName, region, textInput, uuid } from "../identity";
import type { OutputsByType } from "./outputs-by-type";

export const kafka: OutputsByType = {
  "aws:msk/configuration:Configuration": (resource) => {
    const name = physicalName(resource);
    const configurationArn = arn("kafka", `configuration/${name}/${uuid(resource.urn)}-7`);
    return { id: configurationArn, name, arn: configurationArn, latestRevision: 1 };
  },
  "aws:msk/cluster:Cluster": (resource) => {
    const clusterName = physicalName(resource, "clusterName");
    const clusterUuid = `${uuid(resource.urn)}-7`;
    const clusterArn = arn("kafka", `cluster/${clusterName}/${clusterUuid}`);
    const domain = `${clusterName}.${hexadecimal(resource.urn, 6)}.c7.kafka.${region}.amazonaws.com`;
    // MSK names three brokers at most, enough to find the others by.
    const brokers = Math.min(3, Number(resource.inputs.numberOfBrokerNodes));
    return {
      id: clusterArn,
      arn: clusterArn,
      clusterName,
      clusterUuid,
      currentVersion: "K3P5ROKL5A1OLE",
      storageMode: "LOCAL",
      bootstrapBrokersSaslIam: Array.from(
        { length: brokers },
        (_, index) => `b-${index + 1}.${domain}:9098`,
      ).join(","),
    };
  },
  "aws:msk/serverlessCluster:ServerlessCluster": (resource) => {
    const clusterName = physicalName(resource, "clusterName");
    const clusterUuid = `${uuid(resource.urn)}-s1`;
    const clusterArn = arn("kafka", `cluster/${clusterName}/${clusterUuid}`);
    return {
      id: clusterArn,
      arn: clusterArn,
      clusterName,
      clusterUuid,
      bootstrapBrokersSaslIam: `boot-${hexadecimal(resource.urn, 8)}.c1.kafka-serverless.${region}.amazonaws.com:9098`,
    };
  },
  "aws:appautoscaling/target:Target": (resource) => ({
    id: textInput(resource, "resourceId"),
    arn: arn("application-autoscaling", `scalable-target/${hexadecimal(resource.urn, 28)}`),
    roleArn: `arn:aws:iam::${accountId}:role/aws-service-role/kafka.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_KafkaCluster`,
  }),
  "aws:appautoscaling/policy:Policy": (resource) => {
    const name = physicalName(resource);
    const resourceId = textInput(resource, "resourceId");
    const policyArn = `scalingPolicy:${uuid(resource.urn)}:resource/kafka/${resourceId}:policyName/${name}`;
    return { id: name, name, arn: arn("autoscaling", policyArn), alarmArns: [] };
  },
};
