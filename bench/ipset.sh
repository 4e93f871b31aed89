#!/usr/bin/env bash
# Times `isolation-netlinkd ipset` beside the real ipset with a million prefixes: medians over RUNS runs (5) in seconds, peak memory, ratios.
# Each run has a network namespace of its own on the machine's own kernel. Needs artifacts/isolation-netlinkd (./build.sh), ipset, time.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
runs=${RUNS:-5} count=${COUNT:-1000000}
ours="$PWD/artifacts/isolation-netlinkd ipset" real=$(command -v ipset || true)
[ -x artifacts/isolation-netlinkd ] || { echo 'artifacts/isolation-netlinkd is missing: run ./build.sh' >&2; exit 1; }
for program in "${real:-ipset}" /usr/bin/time; do
  command -v "$program" >/dev/null || { echo "$program is missing: apt-get install ipset time" >&2; exit 1; }
done
namespace=(unshare -n)
[ "$(id -u)" = 0 ] || namespace=(unshare -rn)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# In no order, and no hashsize, so that the table grows unless one looks ahead.
{ echo "create big hash:net maxelem $((2 * count))"; awk -v n="$count" -f bench/prefixes.awk | sed 's/^/add big /'; } >"$work/million"

# measure NAME BEFORE COMMAND: BEFORE fills the namespace and is not timed. Leaves the median in $seconds.
measure() {
  local name=$1 before=$2 command=$3
  for _ in $(seq "$runs"); do
    # shellcheck disable=SC2016  # expanded by the inner shell
    "${namespace[@]}" bash -c "$before"'; /usr/bin/time -f "%e %M" -o "$0" bash -c "exec $1" >/dev/null' "$work/one" "$command"
    tail -n 1 "$work/one"
  done | sort -n >"$work/all"
  read -r seconds memory < <(awk '{ s[NR] = $1; if ($2 > m) m = $2 } END { print s[int((NR + 1) / 2)], m / 1024 }' "$work/all")
  printf '%-34s %8s %8s %8s %9.1f\n' "$name" "$(head -n 1 "$work/all" | cut -d' ' -f1)" "$seconds" "$(tail -n 1 "$work/all" | cut -d' ' -f1)" "$memory"
}

ratio() { awk -v what="$1" -v a="$2" -v b="$3" 'BEGIN { printf "%-34s %8.2f times as fast\n", what, a / b }'; }

echo "$(uname -sr), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $($real version), $count prefixes, $runs runs"
printf '%-34s %8s %8s %8s %9s\n' seconds min median max 'peak MB'
fill="$ours restore <'$work/million'"
measure 'ipset restore' true "$real restore <'$work/million'"; theirs=$seconds
measure 'isolation-netlinkd ipset restore' true "$fill"; restore=$seconds
measure '  the same from a pipe' true "cat '$work/million' | $ours restore"
measure 'ipset save' "$fill" "$real save"; their_save=$seconds
measure 'isolation-netlinkd ipset save' "$fill" "$ours save"; save=$seconds
measure 'isolation-netlinkd ipset save -s' "$fill" "$ours save -sorted"
echo
ratio restore "$theirs" "$restore"
ratio save "$their_save" "$save"
echo 'ipset save -sorted is not waited for: it was not done with a million after ten minutes'
