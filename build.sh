#!/usr/bin/env bash
# Builds artifacts/isolation-netlinkd, the NativeAOT binary. CI=true restores exactly what the lock files say.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

eng/setup.sh build
restore

case $(uname -m) in
  x86_64) rid=linux-x64 ;;
  aarch64) rid=linux-arm64 ;;
  *) echo "no NativeAOT for $(uname -m)" >&2; exit 1 ;;
esac
say "dotnet publish ($rid, NativeAOT)"
publish=artifacts/publish
log=$(mktemp)
trap 'rm -f "$log"' EXIT
dotnet publish src/isolation-netlinkd -c Release -r "$rid" --no-restore -o "$publish" 2>&1 | tee "$log"
# What the linker and the trimmer warn of fails at run time.
if grep -qE '(^|: )warning ' "$log"; then echo 'the publish has warnings' >&2; exit 1; fi
install -m 755 "$publish/isolation-netlinkd" artifacts/isolation-netlinkd
rm -rf "$publish"
size=$(stat -c %s artifacts/isolation-netlinkd)
printf 'artifacts/isolation-netlinkd: %s bytes\n' "$size"
[ "$size" -le 7000000 ] || { echo "that is more than 7,000,000: publish with -p:IlcGenerateMapFile=true, see what grew, and make it smaller" >&2; exit 1; }
