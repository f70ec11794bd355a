/** Data is encrypted where it lies and on its way. */
import { at, eachOf, holds, isSet, settingsOf, type Rule } from "../graph";
import { conditionsOf, statementsOf } from "../statements";

/** What must be set, or be just so, for a type's data to be encrypted at rest. */
const atRest: Readonly<Record<string, readonly (readonly [path: string, value?: unknown])[]>> = {
  "aws:msk/cluster:Cluster": [["encryptionInfo.encryptionAtRestKmsKeyArn"]],
  "aws:kinesis/stream:Stream": [["encryptionType", "KMS"], ["kmsKeyId"]],
  "aws:rds/instance:Instance": [["storageEncrypted", true], ["kmsKeyId"]],
  "aws:ec2/instance:Instance": [["rootBlockDevice.encrypted", true]],
  "aws:ebs/volume:Volume": [["encrypted", true]],
  "aws:cloudwatch/logGroup:LogGroup": [["kmsKeyId"]],
  "aws:mwaa/environment:Environment": [["kmsKey"]],
  "aws:sns/topic:Topic": [["kmsMasterKeyId"]],
};

export const dataEncryptedAtRest: Rule = {
  name: "data-encrypted-at-rest",
  reason: "A disk, a snapshot or a log that is copied away must tell nothing.",
  source: "AWS FSBP Kinesis.1, RDS.3, EC2.3, SNS.1; Well-Architected SEC08-BP02",
  check: eachOf(Object.keys(atRest), (resource) => {
    const wanting = (atRest[resource.type] ?? []).filter(
      ([path, value]) =>
        !holds(at(resource, path), (known) =>
          value === undefined ? isSet(known) : known === value,
        ),
    );
    return wanting.length > 0
      ? `is not encrypted at rest: set ${wanting.map(([path]) => path).join(", ")}`
      : undefined;
  }),
};

export const bucketsEncrypted: Rule = {
  name: "buckets-encrypted",
  reason: "What encrypts a bucket's objects is said, not left to a default that may change.",
  source: "AWS FSBP S3.17; CIS AWS 2.1",
  check: eachOf(["aws:s3/bucket:Bucket"], (bucket, stack) =>
    settingsOf(
      stack,
      bucket,
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    ).length === 0
      ? "has no encryption configuration: add one"
      : undefined,
  ),
};

export const bucketsOverTls: Rule = {
  name: "buckets-over-tls",
  reason: "S3 answers plain HTTP unless a bucket's policy forbids it.",
  source: "AWS FSBP S3.5; CIS AWS 2.1.1",
  check: eachOf(["aws:s3/bucket:Bucket"], (bucket, stack) => {
    const policies = settingsOf(stack, bucket, "aws:s3/bucketPolicy:BucketPolicy");
    if (policies.some((policy) => !holds(at(policy, "policy"), () => false))) {
      const denies = statementsOf({ ...stack, resources: policies }, "resource").some(
        ({ statement }) =>
          statement.Effect === "Deny" &&
          conditionsOf(statement).get("aws:securetransport") === "false",
      );
      return denies ? undefined : "takes plain HTTP: deny it in the bucket's policy";
    }
    return policies.length === 0 ? "has no policy that denies plain HTTP: add one" : undefined;
  }),
};

export const brokersOverTls: Rule = {
  name: "brokers-over-tls",
  reason: "Records travel between brokers and to clients through networks that others share.",
  source: "AWS FSBP MSK.1",
  check: eachOf(["aws:msk/cluster:Cluster"], (cluster) =>
    holds(
      at(cluster, "encryptionInfo.encryptionInTransit.clientBroker"),
      (mode) => mode === "TLS",
    ) && holds(at(cluster, "encryptionInfo.encryptionInTransit.inCluster"), (on) => on === true)
      ? undefined
      : "lets records travel unencrypted: set clientBroker to TLS and inCluster to true",
  ),
};

export const connectorsOverTls: Rule = {
  name: "connectors-over-tls",
  reason: "A connector reads every record of its topics.",
  source: "AWS FSBP MSK.3",
  check: eachOf(["aws:mskconnect/connector:Connector"], (connector) =>
    holds(at(connector, "kafkaClusterEncryptionInTransit.encryptionType"), (type) => type === "TLS")
      ? undefined
      : "reads unencrypted: set kafkaClusterEncryptionInTransit to TLS",
  ),
};

export const databasesOverTls: Rule = {
  name: "databases-over-tls",
  reason: "MySQL takes plain connections, passwords and all, unless it is told not to.",
  source: "AWS FSBP RDS.38; Well-Architected SEC09-BP02",
  check: eachOf(["aws:rds/parameterGroup:ParameterGroup"], (group) =>
    holds(at(group, "parameters"), (parameters) =>
      (parameters as { name?: unknown; value?: unknown }[]).some(
        ({ name, value }) => name === "require_secure_transport" && value === "1",
      ),
    )
      ? undefined
      : "takes plain connections: set require_secure_transport to 1",
  ),
};

export const keysRotated: Rule = {
  name: "keys-rotated",
  reason: "The longer a key is used, the more is lost with it.",
  source: "AWS FSBP KMS.4; CIS AWS 3.6",
  check: eachOf(["aws:kms/key:Key"], (key) =>
    holds(at(key, "enableKeyRotation"), (on) => on === true)
      ? undefined
      : "is never rotated: set enableKeyRotation",
  ),
};

export const encryptionRules: readonly Rule[] = [
  dataEncryptedAtRest,
  bucketsEncrypted,
  bucketsOverTls,
  brokersOverTls,
  connectorsOverTls,
  databasesOverTls,
  keysRotated,
];
