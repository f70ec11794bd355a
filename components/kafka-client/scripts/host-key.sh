#!/usr/bin/env bash
# Runs once, as root, at a host's first boot: gives its SSH server the host key that the commands pin.
# The key comes from Secrets Manager by the instance's role, so that it stands in no user data.
#
# SECRET_ARN  secret that holds the private key, PEM
# REGION      region of the secret
# PUBLIC_KEY  what the commands pin, as a line of authorized_keys
set -euo pipefail

: "${SECRET_ARN:?}" "${REGION:?}" "${PUBLIC_KEY:?}"
server=/etc/ssh/sshd_config
key=/etc/ssh/ssh_host_ecdsa_key

umask 077
fetched=$(mktemp)
trap 'rm -f "$fetched"' EXIT

# The elastic address and the role's policy may arrive a little after the host itself.
attempt=1
until aws secretsmanager get-secret-value --region "$REGION" --secret-id "$SECRET_ARN" \
  --query SecretString --output text >"$fetched" &&
  [ "$(ssh-keygen -y -f "$fetched")" = "$PUBLIC_KEY" ]; do
  if [ "$attempt" -ge 60 ]; then
    echo "$SECRET_ARN could not be read, or does not hold the key whose public half is $PUBLIC_KEY" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 10
done

install -m 0600 -o root -g root "$fetched" "$key"
ssh-keygen -y -f "$key" >"$key.pub"
chmod 0644 "$key.pub"

# The only host key: no other that was generated at boot may answer in its place.
sed -i '/^HostKey /d' "$server"
sed -i "1i HostKey $key" "$server"
sshd -t
systemctl restart sshd
