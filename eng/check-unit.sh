#!/usr/bin/env bash
# What systemd says of the service: that it understands each line, and how much of the machine it leaves open, 0 to 10, at most 2.0.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/systemd"
unit=isolation-netlinkd.service

if ! command -v systemd-analyze >/dev/null; then echo 'systemd-analyze is not installed: left out'; exit 0; fi

# The program need not be installed here, so that another stands for it.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
sed 's|^ExecStart=/usr/local/sbin/isolation-netlinkd|ExecStart=/bin/true|' "$unit" >"$copy/$unit"
complaints=$(systemd-analyze verify --man=no --recursive-errors=no "$copy/$unit" 2>&1) || { echo "$complaints"; exit 1; }
if grep -F "$unit" <<<"$complaints"; then exit 1; fi
systemd-analyze security --offline=true --threshold=20 --no-pager "$unit" | tail -n 1
