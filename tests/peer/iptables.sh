#!/usr/bin/env bash
# Restores every line of the tests of the iptables program's own source package with that program and with ours, and compares what becomes
# of it. The last line is: N passed, N failed, N skipped
set -eu -o pipefail

usage() {
  cat <<'USAGE'
usage: tests/peer/iptables.sh [--ours PATH] [--kernel uml|host|qemu] [FILE...]

  --ours PATH    the program under test (default: artifacts/isolation-netlinkd)
  --kernel NAME  the kernel for all lines (default: the machine's own, and uml for the lines that the machine's own refuses)
  FILE           of the package's tests, like libxt_tcp.t, or more.t, which is ours (default: all that are about IPv4 and IPv6)

A line is tried in each chain and table that its file names; those of libxt_*.t and of more.t in both families. It passes if iptables-legacy
and ours both refuse it, or both accept it and the table, with counters, is then the same text in all four ways: either program's restore
read by either program's save. What the tests expect does not count: the real program on the same kernel does. Differences that are meant
are in iptables-deviations.
USAGE
}

ours='' kernel='' files=()
while [ $# -gt 0 ]; do
  case $1 in
    --ours) ours=${2:?--ours needs a path}; shift 2 ;;
    --kernel) kernel=${2:?--kernel needs a name}; shift 2 ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) files+=("${1%.t}.t"); shift ;;
  esac
done
case $kernel in '' | host | uml | qemu) ;; *) usage >&2; exit 2 ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
peer=$root/tests/peer lab=$root/tests/lab/run.sh cache=$root/artifacts/peer
PATH=$PATH:/usr/sbin:/sbin
ours=$(realpath -s "${ours:-$root/artifacts/isolation-netlinkd}")
passed=0 failed=0 skipped=0
finish() { echo; echo "$passed passed, $failed failed, $skipped skipped"; if [ "$failed" -gt 0 ]; then exit 1; fi; exit 0; }

if [ ! -x "$ours" ]; then echo "$ours is no program" >&2; exit 2; fi
"$root/eng/setup.sh" peer || echo 'lines that need these are refused'
if ! command -v iptables-legacy-restore >/dev/null; then echo 'SKIPPED: there is no iptables-legacy here'; skipped=1; finish; fi
if ! tests=$("$peer/fetch.sh" "$cache" iptables extensions 2>&1); then
  echo "SKIPPED: the tests of the iptables program: $tests"; skipped=1; finish
fi
if [ "${#files[@]}" -eq 0 ]; then
  for file in "$tests"/{iptables,libxt_*,libipt_*,libip6t_*}.t more.t; do files+=("${file##*/}"); done
fi
ipv4=() ipv6=()
for file in "${files[@]}"; do
  path=$tests/$file; if [ "$file" = more.t ]; then path=$peer/$file; fi
  if [ ! -f "$path" ]; then echo "$tests has no $file" >&2; exit 2; fi
  case $file in libip6t_*) ;; *) ipv4+=("$path") ;; esac
  case $file in libipt_*) ;; *) ipv6+=("$path") ;; esac
done

results=$cache/iptables
mkdir -p "$cache"
exec 9>"$cache/iptables.lock"
if ! flock -n 9; then echo 'another run is under way in this tree' >&2; exit 2; fi
rm -rf "$results"
mkdir -p "$results"

worlds=()
trap 'if [ "${#worlds[@]}" -gt 0 ]; then kill "${worlds[@]}" 2>/dev/null || true; fi' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# run DIR KERNEL PROGRAM: the lines of DIR/plan on that kernel, in one world with the real program and in another with PROGRAM.
run() {
  local who
  worlds=()
  for who in real ours; do
    mkdir -p "$1/$who"
    (exec "$lab" --kernel "$2" --results "$1/$who" --timeout 600 -- \
      "$peer/iptables-steps.sh" $who "$3" "$1/plan" "$1/$who/log" >"$1/$who/said" 2>&1) &
    worlds+=($!)
  done
  for who in real ours; do
    wait "${worlds[0]}" || echo "$who: exit status $?: $(tail -n 3 "$1/$who/said")"
    worlds=("${worlds[@]:1}")
  done
  touch "$1/real/log" "$1/ours/log"
}

compare() { awk -v deviations="$peer/iptables-deviations" "${@:2}" -f "$peer/iptables-compare.awk" "$1/plan" "$1/real/log" "$1/ours/log"; }

plan() {
  if [ "${#ipv4[@]}" -gt 0 ]; then awk -v family=4 -f "$peer/iptables-plan.awk" "${ipv4[@]}"; fi
  if [ "${#ipv6[@]}" -gt 0 ]; then awk -v family=6 -f "$peer/iptables-plan.awk" "${ipv6[@]}"; fi
}

# report DIR KERNEL [-v lacking=FILE]
report() {
  local started=$SECONDS p f s
  run "$1" "$2" "$ours"
  compare "$1" "${@:3}" >"$1/report"
  sed '$d' "$1/report"
  read -r p f s < <(tail -n 1 "$1/report")
  echo "$2: $p passed, $f failed, $s skipped, $((SECONDS - started)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

first=${kernel:-host}
if [ -z "$kernel" ] && ! "$lab" --kernel host true 2>/dev/null; then first=uml; fi
mkdir "$results/$first"
plan >"$results/$first/plan"
printf '\n== %s lines and chains of %s files\n' "$(grep -cv '^run' "$results/$first/plan")" "${#files[@]}"
if [ -z "$kernel" ] && [ "$first" = host ] && "$lab" --kernel uml true 2>/dev/null; then
  mkdir "$results/uml"
  report "$results/host" host -v lacking="$results/uml/plan"
  if [ -s "$results/uml/plan" ]; then report "$results/uml" uml; fi
else
  report "$results/$first" "$first"
fi
finish
