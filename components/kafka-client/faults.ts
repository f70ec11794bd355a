/** What can be wrong with a Kafka client's arguments. */
import { refuseFaults, type Fault } from "../faults";
import type { KafkaClientArgs } from "./arguments";
import { sshRangeFault } from "./ssh-range";
import {
  iamAuthDownload,
  kafkaDownload,
  knownIamAuthVersions,
  knownKafkaVersions,
  type Download,
} from "./versions";

/** The archives to install. */
export interface Downloads {
  readonly kafka: Download;
  readonly iamAuth: Download;
}

/**
 * Checks the arguments, as far as can be told before anything is made.
 *
 * @throws pulumi.InputPropertiesError naming every argument that is wrong.
 */
export function checkArguments(
  name: string,
  args: KafkaClientArgs,
  versions: { kafka: string; iamAuth: string },
): Downloads {
  const { sshCidrs, topics, publicSubnetIds, privateSubnetIds, instanceCount = 1 } = args;
  const faults: Fault[] = [];
  const fault = (propertyPath: string, reason: string) => faults.push({ propertyPath, reason });
  if (sshCidrs.length === 0)
    fault("sshCidrs", "is empty; without the deploying machine's range no host can be set up");
  sshCidrs.forEach((cidr, index) => {
    const reason = sshRangeFault(cidr);
    if (reason !== undefined) fault(`sshCidrs[${index}]`, reason);
  });
  if (publicSubnetIds.length === 0) fault("publicSubnetIds", "is empty; the hosts need one");
  if (privateSubnetIds.length === 0)
    fault("privateSubnetIds", "is empty; the load balancer needs one");
  if (!Number.isInteger(instanceCount) || instanceCount < 1)
    fault("instanceCount", `must be a whole number from 1, and is ${instanceCount}`);
  if (topics.length === 0) fault("topics", "is empty");
  topics.forEach(({ name: topic }, index) => {
    if (typeof topic !== "string") return;
    if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic))
      fault(`topics[${index}].name`, `${topic} is no topic name that Kafka takes`);
    if (topics.findIndex((other) => other.name === topic) < index)
      fault(`topics[${index}].name`, `${topic} stands twice`);
  });
  const kafka = kafkaDownload(versions.kafka, args.kafkaSha512);
  if (!kafka)
    fault(
      "kafkaSha512",
      `the checksum of Kafka ${versions.kafka} is not known here; give it, or take one of ${knownKafkaVersions.join(", ")}`,
    );
  const iamAuth = iamAuthDownload(versions.iamAuth, args.iamAuthSha256);
  if (!iamAuth)
    fault(
      "iamAuthSha256",
      `the checksum of aws-msk-iam-auth ${versions.iamAuth} is not known here; give it, or take one of ${knownIamAuthVersions.join(", ")}`,
    );
  refuseFaults(`KafkaClient "${name}"`, faults);
  if (!kafka || !iamAuth) throw new Error("a fault was not refused");
  return { kafka, iamAuth };
}
