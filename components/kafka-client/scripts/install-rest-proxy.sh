#!/usr/bin/env bash
# Installs Confluent's REST proxy, runs it as a service that restarts, and waits until it answers.
#
# CONFLUENT_VERSION  version of Confluent Platform, e.g. 7.9.2
# REPOSITORY_URL     RPM repository that has it, with its archive.key
# KEY_FINGERPRINT    of the key that must have signed the packages
# PROPERTIES         text of kafka-rest.properties
# PORT               where it listens
# HEAP_MIB           its heap at most
set -euo pipefail

: "${CONFLUENT_VERSION:?}" "${REPOSITORY_URL:?}" "${KEY_FINGERPRINT:?}" "${PROPERTIES:?}" "${PORT:?}" "${HEAP_MIB:?}"
trusted=/etc/pki/rpm-gpg/RPM-GPG-KEY-confluent

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GNUPGHOME="$work/gnupg"
mkdir -m 0700 "$GNUPGHOME"

# Of the keys that the repository shows, only the pinned one is trusted; each package is checked against it.
curl --fail --silent --show-error --location --retry 5 --retry-all-errors \
  --output "$work/archive.key" "$REPOSITORY_URL/archive.key"
gpg --batch --quiet --import "$work/archive.key"
gpg --batch --armor --export "$KEY_FINGERPRINT" >"$work/pinned.asc"
if [ ! -s "$work/pinned.asc" ]; then
  echo "$REPOSITORY_URL/archive.key has no key with the fingerprint $KEY_FINGERPRINT" >&2
  exit 1
fi
sudo install -m 0644 "$work/pinned.asc" "$trusted"

# Not enabled, so that an update of the host does not change the version.
sudo tee /etc/yum.repos.d/confluent.repo >/dev/null <<REPOSITORY
[confluent]
name=Confluent Platform
baseurl=$REPOSITORY_URL
enabled=0
gpgcheck=1
gpgkey=file://$trusted
REPOSITORY
sudo dnf install --assumeyes --quiet --enablerepo=confluent "confluent-kafka-rest-$CONFLUENT_VERSION" >&2

sudo install -d -m 0755 /etc/kafka-rest
printf '%s\n' "$PROPERTIES" | sudo tee /etc/kafka-rest/kafka-rest.properties >/dev/null

sudo tee /etc/systemd/system/kafka-rest.service >/dev/null <<UNIT
[Unit]
Description=Confluent REST proxy for Kafka
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
ExecStart=/usr/bin/kafka-rest-start /etc/kafka-rest/kafka-rest.properties
Environment=CLASSPATH=/opt/aws-msk-iam-auth/aws-msk-iam-auth.jar
Environment="KAFKAREST_HEAP_OPTS=-Xms128m -Xmx${HEAP_MIB}m"
Environment=LOG_DIR=/var/log/kafka-rest
Restart=always
RestartSec=5
SuccessExitStatus=143
LimitNOFILE=65536
DynamicUser=yes
User=kafka-rest
LogsDirectory=kafka-rest
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateDevices=yes
ProtectSystem=strict
ProtectHome=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
RestrictSUIDSGID=yes
LockPersonality=yes

[Install]
WantedBy=multi-user.target
UNIT
sudo systemctl daemon-reload
sudo systemctl enable --quiet kafka-rest.service
sudo systemctl restart kafka-rest.service

attempt=1
until curl --fail --silent --max-time 5 --output /dev/null "http://127.0.0.1:$PORT/"; do
  if [ "$attempt" -ge 60 ]; then
    echo "the REST proxy does not answer; its last words:" >&2
    sudo journalctl --unit kafka-rest.service --lines 50 --no-pager >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 3
done
