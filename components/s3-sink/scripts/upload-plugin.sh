#!/usr/bin/env bash
# Brings the sink connector's plugin from Confluent into the bucket, checked. A second run finds it there and does nothing.
#
# URL           the plugin's zip
# SHA256        checksum of the zip; empty where it is not pinned, and then MANIFEST_URL's checksum counts
# MANIFEST_URL  what Confluent Hub says of that version of the plugin, with the zip's checksums
# BUCKET, KEY   where it goes; only a zip that was checked is ever put there
# REGION        of the bucket
set -euo pipefail

: "${URL:?}" "${SHA256?}" "${MANIFEST_URL:?}" "${BUCKET:?}" "${KEY:?}" "${REGION:?}"

if aws s3api head-object --region "$REGION" --bucket "$BUCKET" --key "$KEY" >/dev/null 2>&1; then
  echo "s3://$BUCKET/$KEY is there already" >&2
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fetch() { # url file
  curl --fail --silent --show-error --location --retry 5 --retry-all-errors --output "$2" "$1"
}

fetch "$URL" "$work/plugin.zip"
if [ -n "$SHA256" ]; then
  algorithm=sha256 checksum=$SHA256
else
  fetch "$MANIFEST_URL" "$work/manifest.json"
  # The strongest checksum that the manifest has.
  published=$(python3 -c '
import json, sys
archive = json.load(sys.stdin)["archive"]
print(next(f"{name} {archive[name]}" for name in ("sha512", "sha256", "sha1") if archive.get(name)))
' <"$work/manifest.json") || {
    echo "$MANIFEST_URL gives no checksum; pin one" >&2
    exit 1
  }
  algorithm=${published%% *} checksum=${published#* }
fi
echo "$checksum  $work/plugin.zip" | "${algorithm}sum" --check --status || {
  echo "$URL does not have the checksum $algorithm $checksum" >&2
  exit 1
}

# The role's leave to write may not hold at once.
attempt=1
until aws s3api put-object --region "$REGION" --bucket "$BUCKET" --key "$KEY" --body "$work/plugin.zip" \
  --checksum-algorithm SHA256 >/dev/null; do
  if [ "$attempt" -ge 12 ]; then
    echo "s3://$BUCKET/$KEY could not be written" >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep 10
done
