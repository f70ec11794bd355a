/** The Kafka clients: their programs, their number, and who may log in. */
import { sshRangeFault } from "../../components/kafka-client/ssh-range";
import { kafkaDownload, knownKafkaVersions } from "../../components/kafka-client/versions";
import { checksum, eachOf, integer, matching, optionallyMatching } from "./forms";
import type { kafkaKeys } from "./kafka";
import { rulesOver, type Checked } from "./rules";

export const kafkaClientKeys = {
  /** As in the names of Apache's archives. */
  kafkaClientVersion: matching(
    /^2\.1[23]-\d+\.\d+\.\d+$/,
    "a Scala and a Kafka version such as 2.13-3.9.1",
  ),
  kafkaClientSha512: checksum(128),
  confluentVersion: matching(/^\d+\.\d+\.\d+$/, "a Confluent Platform version such as 7.9.2"),
  /** By HTTPS only, although the packages are signed: a mirror that is tampered with could keep old ones. */
  confluentRepositoryUrl: optionallyMatching(
    /^https:\/\/[^\s]+[^/\s]$/,
    "an https:// URL without a slash at the end",
  ),
  kafkaClientInstanceType: matching(
    /^[a-z0-9-]+\.[a-z0-9]+$/,
    "an EC2 instance type such as t3.small",
  ),
  kafkaClientCount: integer(1, 10),
  /** Blocks of addresses that someone owns, and never a share of the internet. */
  sshCidrs: eachOf(sshRangeFault).refine(
    (value) => value.length > 0,
    "must name at least one range, that of the deploying machine",
  ),
};

const rule = rulesOver<
  Checked<typeof kafkaClientKeys> & Pick<Checked<typeof kafkaKeys>, "kafkaMode" | "kafkaVersion">
>();

/** Whether a version such as `2.8.1` is older than another. */
function older(version: string, than: string): boolean {
  const [one = [], other = []] = [version, than].map((text) => text.split(".").map(Number));
  const differs = one.findIndex((number, index) => number !== other[index]);
  return differs >= 0 && (one[differs] ?? 0) < (other[differs] ?? 0);
}

export const kafkaClientRules = [
  rule(
    ["kafkaClientVersion", "kafkaClientSha512"],
    ({ kafkaClientVersion, kafkaClientSha512 }) =>
      kafkaDownload(kafkaClientVersion, kafkaClientSha512) === undefined &&
      `kafkaClientSha512: the checksum of Kafka ${kafkaClientVersion} is not known here; set it, or kafkaClientVersion to one of ${knownKafkaVersions.join(", ")}`,
  ),
  // Apache has built Kafka for Scala 2.13 since 2.4, and for nothing else since 4.0.
  rule(["kafkaClientVersion"], ({ kafkaClientVersion }) => {
    const [scala, kafka = ""] = kafkaClientVersion.split("-");
    const exists = scala === "2.12" ? older(kafka, "4.0.0") : !older(kafka, "2.4.0");
    return (
      !exists &&
      `kafkaClientVersion: there is no Kafka ${kafka} for Scala ${scala}; Apache has none`
    );
  }),
  // Brokers of Kafka 4 no longer speak to clients before 2.1, which is Confluent 5.1 (Kafka 4.0: "Compatibility").
  rule(
    ["kafkaMode", "kafkaVersion", "kafkaClientVersion"],
    ({ kafkaMode, kafkaVersion, kafkaClientVersion }) =>
      kafkaMode === "provisioned" &&
      kafkaVersion.startsWith("4.") &&
      older(kafkaClientVersion.split("-")[1] ?? "", "2.1.0") &&
      `kafkaClientVersion: ${kafkaClientVersion} cannot talk to brokers of Kafka ${kafkaVersion} (kafkaVersion), which take clients from 2.1.0 on`,
  ),
  rule(
    ["kafkaMode", "kafkaVersion", "confluentVersion"],
    ({ kafkaMode, kafkaVersion, confluentVersion }) =>
      kafkaMode === "provisioned" &&
      kafkaVersion.startsWith("4.") &&
      older(confluentVersion, "5.1.0") &&
      `confluentVersion: the REST proxy of ${confluentVersion} cannot talk to brokers of Kafka ${kafkaVersion} (kafkaVersion), which take Confluent's from 5.1.0 on`,
  ),
];
