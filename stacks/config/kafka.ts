/** The Kafka cluster that is made, or the one to use, and its topics. */
import { arn, identifier, integer, matching, oneOf } from "./forms";
import type { networkKeys } from "./network";
import { elsewhere, rulesOver, type Checked } from "./rules";

export const kafkaKeys = {
  kafkaMode: oneOf("provisioned", "serverless", "existing"),
  /** Versions of which MSK makes clusters in autumn 2026; 3.7 and older are out of its support (MSK: "Supported Apache Kafka versions"). */
  kafkaVersion: matching(
    /^(3\.8|3\.9|4\.0|4\.1)\.x$/,
    "3.8.x, 3.9.x, 4.0.x or 4.1.x, which MSK takes for new clusters; the seed's 2.8.1 can be the client's version only (kafkaClientVersion)",
  ),
  /** 60 is MSK's quota for a cluster that keeps its metadata itself. */
  kafkaBrokerCount: integer(2, 60),
  kafkaBrokerInstanceType: matching(
    /^kafka\.[a-z0-9]+\.[a-z0-9]+$/,
    "an MSK instance type such as kafka.m7g.large",
  ),
  /** MSK's volumes have 1 GiB to 16 TiB. */
  kafkaVolumeGiB: integer(1, 16_384),
  kafkaMaxVolumeGiB: integer(1, 16_384),
  existingKafkaClusterArn: arn("kafka"),
  existingKafkaSecurityGroupId: identifier("sg"),
  existingKafkaBrokerCount: integer(1, 60),
  topicPartitions: integer(1, 1000),
};

const rule = rulesOver<
  Checked<typeof kafkaKeys> & Pick<Checked<typeof networkKeys>, "zoneCount">
>();

export const kafkaRules = [
  rule(
    ["kafkaMode", "kafkaBrokerCount", "zoneCount"],
    ({ kafkaMode, kafkaBrokerCount, zoneCount }) =>
      kafkaMode === "provisioned" &&
      kafkaBrokerCount % zoneCount !== 0 &&
      (kafkaBrokerCount < zoneCount
        ? `kafkaBrokerCount: ${kafkaBrokerCount} brokers are fewer than the ${zoneCount} zones (zoneCount); MSK wants a multiple`
        : `kafkaBrokerCount: ${kafkaBrokerCount} brokers do not spread evenly over ${zoneCount} zones (zoneCount); MSK wants a multiple`),
  ),
  rule(
    ["kafkaVolumeGiB", "kafkaMaxVolumeGiB"],
    ({ kafkaVolumeGiB, kafkaMaxVolumeGiB }) =>
      kafkaMaxVolumeGiB < kafkaVolumeGiB &&
      `kafkaMaxVolumeGiB: ${kafkaMaxVolumeGiB} is less than kafkaVolumeGiB, ${kafkaVolumeGiB}`,
  ),
  rule(
    ["kafkaMode", "existingKafkaClusterArn", "existingKafkaSecurityGroupId"],
    ({ kafkaMode, ...existing }) =>
      Object.values(existing).filter((value) => value !== undefined).length !==
        (kafkaMode === "existing" ? 2 : 0) &&
      "kafkaMode: existing goes with existingKafkaClusterArn and existingKafkaSecurityGroupId; set all three or none",
  ),
  rule(["existingKafkaClusterArn"], ({ existingKafkaClusterArn }, place) =>
    elsewhere("existingKafkaClusterArn", existingKafkaClusterArn, place),
  ),
];
