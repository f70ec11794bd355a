/** Where the programs on a Kafka client come from, and how each is known to be the right one. */

/** A file to download, and what it must be. */
export interface Download {
  readonly url: string;
  /** Checksum, hexadecimal in lower case. */
  readonly checksum: string;
}

/** SHA-512 of Apache's archives by Scala and Kafka version, as published beside each on archive.apache.org. */
const kafkaSha512: Readonly<Record<string, string>> = {
  "2.12-2.8.1":
    "287cf3b43cc723e9a2dacc83e153152a74cf9c39d86eb0702cc8d237be95577098e0b984687f3f7ea37bb2782f7df23dd597fd618af03a48460e6b3f4931b6c2",
  "2.13-2.8.1":
    "91fcd1061247ad0ddb63fa2b5c0251ee0e58e60cc9e1a3ebe2e84e9a31872448a36622dd15868de2c6d3f7e26020a8c61477bc764e2fb6776a25e4344eb8892d",
  "2.13-3.8.1":
    "b43fada353b7dca51c0f90acf594ec1ce06b2344c046d4059d4deab0615e0e3e76e92eccdbdfa1adad1fbde76c5f25e71acd0db013fb4b1778827448b5285edf",
  "2.13-3.9.1":
    "1ea204ba73411737a275429ca976d440f007ff0957b90b19be41dc5a4bae52617267769be9f0b5791714d0b3c4c760605bd426faea39edd90763585523fa2cfe",
  "2.13-4.0.1":
    "23b241098672d828ca86a6dd1dd99102fcdb9de8680ecf213b47251a7ae7a342343cf41adf6fee9f920d171ae13f94c39475165f5a246e1a46609a7d9d5a6811",
  "2.13-4.1.1":
    "eb2433e5330e4915a777fcc47447780e81a5041aacf0f787e5b5d06d767da7d484afb9f2ca8651e61769f2256f36967f6481baf17429b289bc2b1e6962640deb",
};

/** SHA-256 of aws-msk-iam-auth with all that it needs, by version, as published on Maven Central. */
const iamAuthSha256: Readonly<Record<string, string>> = {
  "1.1.9": "16b3fbb2fbc7f0a5e60f2b8152b85c4892ed2459595a6400bc29126d98dcdf78",
  "2.3.5": "bcd6020ce1ca2c3f1a65e087057dc8c0757185ba1f169b38e0eda54b617e4225",
  "2.3.9": "922064f312ddc8a5f3dbe65fcef3d02ddbd588a02e3a6f0fca4b5a4dbec1ba43",
};

/** The key that signs Confluent's packages since 2021 (Confluent: "Confluent Signing Keys"). */
export const confluentKeyFingerprint = "CBBB821E8FAF364F79835C438B1DA6120C2BF624";

export const knownKafkaVersions = Object.keys(kafkaSha512);
export const knownIamAuthVersions = Object.keys(iamAuthSha256);

/** Apache Kafka's archive of a version such as `2.13-3.9.1`; undefined where its checksum is neither known nor given. */
export function kafkaDownload(version: string, sha512?: string): Download | undefined {
  const checksum = sha512 ?? kafkaSha512[version];
  const release = version.split("-")[1] ?? "";
  const url = `https://archive.apache.org/dist/kafka/${release}/kafka_${version}.tgz`;
  return checksum === undefined ? undefined : { url, checksum };
}

/** The jar of aws-msk-iam-auth; undefined where its checksum is neither known nor given. */
export function iamAuthDownload(version: string, sha256?: string): Download | undefined {
  const checksum = sha256 ?? iamAuthSha256[version];
  const folder = `https://repo1.maven.org/maven2/software/amazon/msk/aws-msk-iam-auth/${version}`;
  const url = `${folder}/aws-msk-iam-auth-${version}-all.jar`;
  return checksum === undefined ? undefined : { url, checksum };
}

/** Confluent's RPM repository of a version such as `7.9.2`: one for all patches of a minor version. */
export function confluentRepository(version: string): string {
  return `https://packages.confluent.io/rpm/${version.split(".").slice(0, 2).join(".")}`;
}
