#!/usr/bin/env bash
# Adds what is new in the library's public API to its baseline: run it when that is meant, and review the diff. Lines of what is gone are
# reported by the build (RS0017) and deleted by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
project=src/DcosIsolation.Netlink
baseline=$project/PublicAPI.Unshipped.txt
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A record's constructor is reported only once the record is in the baseline, hence the repetition.
for _ in 1 2 3; do
  dotnet build "$project" --no-incremental -p:TreatWarningsAsErrors=false "-p:ErrorLog=$log" -v q >/dev/null
  new=$(sed -n 's/^ *"APIName": "\(.*\)",\{0,1\}$/\1/p' "$log" | sed 's/\\u003c/</g; s/\\u003e/>/g; s/\\"/"/g')
  [ -n "$new" ] || break
  all=$(printf '%s\n' "$new" | cat "$baseline" - | grep -v '^#' | LC_ALL=C sort -u)
  printf '#nullable enable\n%s\n' "$all" >"$baseline"
done
