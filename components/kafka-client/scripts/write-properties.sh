#!/usr/bin/env bash
# Writes client.properties, with which Kafka's tools sign in to the cluster.
#
# PROPERTIES  the file's text
set -euo pipefail

: "${PROPERTIES:?}"

sudo install -d -m 0755 /etc/kafka-client
printf '%s\n' "$PROPERTIES" | sudo tee /etc/kafka-client/client.properties >/dev/null
