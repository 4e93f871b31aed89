#!/usr/bin/env bash
# Rewrites the library's public API baseline from the code: run it when a change of the API is meant, and review the diff.
set -euo pipefail
cd "$(dirname "$0")/.."
project=src/DcosIsolation.Netlink
baseline=$project/PublicAPI.Unshipped.txt
log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo '#nullable enable' >"$baseline"
# With an empty baseline the analyzer reports every public symbol, and its log holds the lines that the baseline wants. A primary
# constructor is reported only once its type is in the baseline, hence the second pass.
for _ in 1 2; do
  dotnet build "$project" --no-incremental -p:TreatWarningsAsErrors=false "-p:ErrorLog=$log" -v q >/dev/null
  sed -n 's/^ *"APIName": "\(.*\)",\{0,1\}$/\1/p' "$log" | sed 's/\\u003c/</g; s/\\u003e/>/g; s/\\"/"/g' >>"$baseline"
done
{ echo '#nullable enable' && grep -v '^#' "$baseline" | LC_ALL=C sort -u; } >"$log" && cp "$log" "$baseline"
