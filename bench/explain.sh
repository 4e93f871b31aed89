#!/usr/bin/env bash
# Questions a second of isolation-netlinkd explain, whole processes: of the policy alone, the kernel alone, and both; with 2, 100 and 1,000
# networks of 100 subnets. In a network namespace of its own. Needs ./build.sh; RUNS=N for another number of runs.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ "${1:-}" != inside ]; then
  exec unshare --map-root-user --net "bench/$(basename "$0")" inside
fi
ip link set lo up
binary=$PWD/artifacts/isolation-netlinkd
runs=${RUNS:-5}
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
export XTABLES_LOCKFILE=$directory/xtables.lock

# Networks n0, n1, … of 100 /28 each; every second one may talk to the next on one port.
policy() { # NETWORKS
  awk -v networks="$1" 'BEGIN {
    print "version: 1\nnetworks:"
    for (n = 0; n < networks; n++) {
      printf "  n%d: {subnets: [", n
      for (i = 0; i < 100; i++) { at = (n * 100 + i) * 32; printf "%s10.%d.%d.%d/28", i ? ", " : "", at / 65536, at / 256 % 256, at % 256 }
      print "]}"
    }
    print "allow:"
    for (n = 0; n < networks; n += 2) printf "  - {from: n%d, to: n%d, ports: [%d]}\n", n, n + 1, n + 1
  }'
}

# Half of the questions are between a network and the next, where something may be allowed.
questions() { # COUNT NETWORKS
  awk -v count="$1" -v networks="$2" 'BEGIN {
    srand(1)
    for (q = 0; q < count; q++) {
      n = int(rand() * networks / 2) * 2; m = rand() < 0.5 ? n + 1 : int(rand() * networks)
      from = (n * 100 + int(rand() * 100)) * 32; to = (m * 100 + int(rand() * 100)) * 32
      printf "10.%d.%d.%d 10.%d.%d.%d %d/tcp\n", from / 65536, from / 256 % 256, from % 256 + 1, to / 65536, to / 256 % 256, to % 256 + 1, n + 1
    }
  }'
}

measure() { # NAME COUNT ARGUMENTS...: whole processes, in questions a second
  local name=$1 count=$2 begin end
  shift 2
  for _ in $(seq "$runs"); do
    begin=$(date +%s%N)
    "$binary" explain "$@" >"$directory/answers"
    end=$(date +%s%N)
    [ "$(wc -l <"$directory/answers")" = "$count" ] || { echo "explain left out answers" >&2; exit 1; }
    echo $((count * 1000000000 / (end - begin)))
  done | sort -n | awk -v name="$name" -v count="$count" '{ rate[NR] = $1 } END {
    printf "| %s | %d | %d | %d | %d |\n", name, count, rate[1], rate[int((NR + 1) / 2)], rate[NR] }'
}

echo "| questions a second | asked | minimum | median | maximum |"
echo "|---|---|---|---|---|"
for networks in 2 100 1000; do
  policy "$networks" >"$directory/policy.yaml"
  title="$networks networks, $((networks / 2)) clauses"
  some=$((40000 / networks))
  questions 200000 "$networks" >"$directory/many"
  questions "$some" "$networks" >"$directory/some"
  "$binary" apply "$directory/policy.yaml" >/dev/null
  measure "$title: the policy alone" 200000 --policy "$directory/policy.yaml" --no-kernel --questions "$directory/many"
  measure "$title: the kernel alone" "$some" --questions "$directory/some"
  measure "$title: both, compared" "$some" --policy "$directory/policy.yaml" --questions "$directory/some"
  "$binary" remove >/dev/null
done
