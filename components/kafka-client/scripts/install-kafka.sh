#!/usr/bin/env bash
# Installs Java 17, Kafka's command line tools and the library that signs in to MSK by IAM. A second run downloads nothing.
#
# KAFKA_VERSION    Scala and Kafka version, e.g. 2.13-3.9.1
# KAFKA_URL        its archive, .tgz
# KAFKA_SHA512     checksum of that archive
# IAM_AUTH_URL     aws-msk-iam-auth with all that it needs, .jar
# IAM_AUTH_SHA256  checksum of that jar
set -euo pipefail

: "${KAFKA_VERSION:?}" "${KAFKA_URL:?}" "${KAFKA_SHA512:?}" "${IAM_AUTH_URL:?}" "${IAM_AUTH_SHA256:?}"
kafka="/opt/kafka_$KAFKA_VERSION"
library="/opt/aws-msk-iam-auth/$IAM_AUTH_SHA256.jar"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # url file
  curl --fail --silent --show-error --location --retry 5 --retry-all-errors --output "$2" "$1"
}

sudo dnf install --assumeyes --quiet java-17-amazon-corretto-headless >&2

if [ ! -f "$kafka/.checked-$KAFKA_SHA512" ]; then
  fetch "$KAFKA_URL" "$work/kafka.tgz"
  echo "$KAFKA_SHA512  $work/kafka.tgz" | sha512sum --check --status || {
    echo "$KAFKA_URL does not have the SHA-512 $KAFKA_SHA512" >&2
    exit 1
  }
  mkdir "$work/kafka"
  tar --extract --gzip --file "$work/kafka.tgz" --directory "$work/kafka" --strip-components 1 --no-same-owner
  touch "$work/kafka/.checked-$KAFKA_SHA512"
  sudo rm -rf "$kafka"
  sudo mv "$work/kafka" "$kafka"
  sudo chown -R root:root "$kafka"
  sudo chmod 0755 "$kafka"
fi

if [ ! -f "$library" ]; then
  fetch "$IAM_AUTH_URL" "$work/library.jar"
  echo "$IAM_AUTH_SHA256  $work/library.jar" | sha256sum --check --status || {
    echo "$IAM_AUTH_URL does not have the SHA-256 $IAM_AUTH_SHA256" >&2
    exit 1
  }
  sudo install -D -m 0644 "$work/library.jar" "$library"
fi

# One name for each, whatever the version; Kafka's scripts take all that stands in libs/.
sudo ln -sfn "$library" /opt/aws-msk-iam-auth/aws-msk-iam-auth.jar
sudo ln -sfn "$library" "$kafka/libs/aws-msk-iam-auth.jar"
sudo ln -sfn "$kafka" /opt/kafka
