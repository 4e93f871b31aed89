#!/usr/bin/env bash
# Times whole commands, each run in a network namespace of its own: medians over RUNS runs (21), in milliseconds, and peak memory.
# The machine's own kernel is used; run it elsewhere through tests/lab/run.sh. Needs artifacts/isolation-netlinkd (./build.sh).
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
runs=${RUNS:-21}
binary=$PWD/artifacts/isolation-netlinkd
policy=$PWD/examples/hr-it/policy.yaml
[ -x "$binary" ] || { echo "$binary is missing: run ./build.sh" >&2; exit 1; }
namespace=(unshare -n)
[ "$(id -u)" = 0 ] || namespace=(unshare -rn)
XTABLES_LOCKFILE=$(mktemp)
export XTABLES_LOCKFILE
trap 'rm -f "$XTABLES_LOCKFILE"' EXIT

# median NAME BEFORE COMMAND: BEFORE prepares the namespace and is not timed.
median() {
  local name=$1 before=$2 command=$3 times
  times=$(for _ in $(seq "$runs"); do
    "${namespace[@]}" bash -c "$before >/dev/null || exit 1
      start=\$EPOCHREALTIME; $command >/dev/null; end=\$EPOCHREALTIME
      echo \$((\${end/[.,]/} - \${start/[.,]/}))"
  done | sort -n)
  awk -v name="$name" '{ t[NR] = $1 / 1000 } END { printf "%-44s %8.1f %8.1f %8.1f\n", name, t[1], t[int((NR + 1) / 2)], t[NR] }' <<<"$times"
}

echo "$(uname -sr), $(nproc) cores, $runs runs"
printf '%-44s %8s %8s %8s\n' 'milliseconds' min median max
median 'isolation-netlinkd version' true "'$binary' version"
median 'isolation-netlinkd validate' true "'$binary' validate '$policy'"
median 'isolation-netlinkd apply, first' true "'$binary' apply '$policy'"
median 'isolation-netlinkd apply, nothing to do' "'$binary' apply '$policy'" "'$binary' apply '$policy'"
median 'isolation-netlinkd remove' "'$binary' apply '$policy'" "'$binary' remove"
if command -v ipset >/dev/null && command -v iptables-legacy >/dev/null; then
  median 'the same by hand: ipset, iptables, ip6tables' true "bash '$PWD/bench/by-hand.sh'"
else
  echo 'ipset and iptables-legacy are not installed: no comparison'
fi
echo
echo "binary: $(stat -c %s "$binary") bytes"
if [ -x /usr/bin/time ]; then
  echo "apply, peak memory: $("${namespace[@]}" /usr/bin/time -f '%M KiB' "$binary" apply "$policy" 2>&1 >/dev/null)"
fi
