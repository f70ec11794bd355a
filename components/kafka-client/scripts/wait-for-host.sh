#!/usr/bin/env bash
# Waits until the host has finished its first boot.
#
# INSTANCE_ID  the instance that must answer; its address may still lead to the one that it replaces
set -euo pipefail

: "${INSTANCE_ID:?}"

# 2 means finished, with warnings.
cloud-init status --wait >&2 || [ $? -eq 2 ]

answering=$(cloud-init query instance_id)
if [ "$answering" != "$INSTANCE_ID" ]; then
  echo "the address leads to $answering, not yet to $INSTANCE_ID" >&2
  exit 1
fi
