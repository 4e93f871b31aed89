#!/usr/bin/env bash
# Runs the tests of the ipset program's own source package twice, with the program and with ours, and compares step by step.
# The last line is: N passed, N failed, N skipped
set -eu -o pipefail

usage() {
  cat <<'USAGE'
usage: tests/peer/ipset.sh [--real PATH] [--ours PATH] [--kernel uml|host] [--all] [--list] [FILE...]

  --real PATH    the program to compare with (default: the ipset in PATH)
  --ours PATH    the program under test (default: artifacts/isolation-netlinkd); started as ipset
  --kernel NAME  the kernel for all files (default: the machine's own where it has the file's set types, uml for the others)
  --all          the steps that take minutes in uml as well
  --list         what would run where, and nothing else
  FILE           of the package's tests, like hash:net.t (default: those of the set types that ours speaks)

A step passes if ours ends as the package's tests expect and writes what the real program writes. Where the real program does not end so,
the step is skipped, by name. Compared are the exit status, standard error and, sorted, standard output, after this normalisation:
"timeout N" and "initval N" on standard output (time passes; random) and the heads of diffs there; "ipset vN:" on standard error (each has
its own version). In uml, timeouts of 4 s and the sleeps that outlast them are 10 s longer.
USAGE
}

real='' ours='' kernel='' all='' list='' files=()
while [ $# -gt 0 ]; do
  case $1 in
    --real) real=${2:?--real needs a path}; shift 2 ;;
    --ours) ours=${2:?--ours needs a path}; shift 2 ;;
    --kernel) kernel=${2:?--kernel needs a name}; shift 2 ;;
    --all) all=yes; shift ;;
    --list) list=yes; shift ;;
    --help | -h) usage; exit 0 ;;
    -*) usage >&2; exit 2 ;;
    *) files+=("${1%.t}.t"); shift ;;
  esac
done
if [ "${#files[@]}" -eq 0 ]; then
  # shellcheck disable=SC2054  # the names of set types have commas
  files=(nethash.t hash:net.t hash:net6.t hash:net,net.t hash:net6,net6.t hash:net,port,net.t hash:net6,port,net6.t)
fi

case $kernel in '' | host | uml | qemu) ;; *) usage >&2; exit 2 ;; esac

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
lab=$root/tests/lab/run.sh cache=$root/artifacts/peer
PATH=$PATH:/usr/sbin:/sbin
real=$(realpath -s "${real:-$(command -v ipset || echo ipset)}")
ours=$(realpath -s "${ours:-$root/artifacts/isolation-netlinkd}")
passed=0 failed=0 skipped=0
finish() { echo; echo "$passed passed, $failed failed, $skipped skipped"; if [ "$failed" -gt 0 ]; then exit 1; fi; exit 0; }

for program in "$real" "$ours"; do if [ ! -x "$program" ]; then echo "$program is no program" >&2; exit 2; fi; done
"$root/eng/setup.sh" peer || echo 'steps that need these are skipped'
if ! tests=$("$root/tests/peer/fetch.sh" "$cache" ipset tests 2>&1); then
  echo "SKIPPED: the tests of the ipset program: $tests"; skipped=1; finish
fi
for file in "${files[@]}"; do if [ ! -f "$tests/$file" ]; then echo "$tests has no $file" >&2; exit 2; fi; done
# shellcheck source-path=SCRIPTDIR source=compare.sh
. "$root/tests/peer/compare.sh"

# Where each set type is to be had. Empty: there are no namespaces here.
host_types=''
if [ -z "$kernel" ]; then
  # shellcheck disable=SC2016
  host_types=$("$lab" --kernel host -- bash -c 'for type in hash:net hash:net,net hash:net,port,net hash:ip list:set; do
    if "$0" create probe "$type" && "$0" destroy probe; then echo "$type"; fi; done' "$real" 2>/dev/null || true)
fi
kernel_for() {
  local type
  if [ -n "$kernel" ]; then echo "$kernel"; return; fi
  case $1 in
    nethash.t | hash:net.t | hash:net6.t) type=hash:net ;;
    hash:net,net.t | hash:net6,net6.t | comment.t) type=hash:net,net ;;
    hash:net,port,net.t | hash:net6,port,net6.t) type=hash:net,port,net ;;
    setlist.t) type=list:set ;;
    *) type=many ;;
  esac
  if grep -qxF "$type" <<<"$host_types"; then echo host; else echo uml; fi
}

limit=180 lab_limit=480
if [ -n "$all" ]; then limit=900 lab_limit=5400; fi
results=$cache/results
exec 9>"$cache/lock"
if ! flock -n 9; then echo 'another run is under way in this tree' >&2; exit 2; fi
if [ -z "$list" ]; then rm -rf "$results"; fi

# start KERNEL PROGRAM DIR: the steps of the plan beside DIR, in a kernel or namespaces of their own.
start() {
  rm -rf "$3"; mkdir -p "$3"
  (exec "$lab" --kernel "$1" --results "$3" --timeout "$lab_limit" -- \
    "$root/tests/peer/steps.sh" "$2" "$tests" "$limit" "${3%/*}/plan" >"$3/log" 2>&1) &
  worlds+=($!)
}

# Both at once: a sleep is slept once.
both() {
  worlds=()
  start "$1" "$real" "$2/real"
  start "$1" "$ours" "$2/ours"
  wait "${worlds[0]}" || echo "exit status $?" >>"$2/real/log"
  wait "${worlds[1]}" || echo "exit status $?" >>"$2/ours/log"
  worlds=()
}
worlds=()
trap 'if [ "${#worlds[@]}" -gt 0 ]; then kill "${worlds[@]}" 2>/dev/null || true; fi' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

for file in "${files[@]}"; do
  in=$(kernel_for "$file") dir=$results/$file
  mkdir -p "$dir"
  plan "$tests/$file" "$in" "$all" >"$dir/plan"
  printf '\n== %s (%s): %s steps, %s left out\n' "$file" "$in" "$(cut -f 2 "$dir/plan" | grep -cv skip)" "$(cut -f 2 "$dir/plan" | grep -cE 'long|unloads')"
  if [ -n "$list" ]; then continue; fi
  started=$SECONDS
  both "$in" "$dir"
  compare "$file" "$dir" >"$dir/report"
  if grep -q '^FAILED' "$dir/report" && [ $((SECONDS - started)) -lt 120 ] && [ "$SECONDS" -lt 400 ]; then
    # Entries with a timeout of some seconds are gone early on a machine that is busy; a program that differs does so twice.
    first=$(sed -n 's/^FAILED: //p' "$dir/report")
    both "$in" "$dir"
    compare "$file" "$dir" >"$dir/report"
    echo 'run twice, because steps failed; those that failed the first time only:'
    grep -vxFf <(sed -n 's/^FAILED: //p' "$dir/report") <<<"$first" | sed 's/^/  /' || echo '  none'
  fi
  sed '$d' "$dir/report"
  read -r p f s <<<"$(tail -n 1 "$dir/report")"
  echo "$file ($in): $p passed, $f failed, $s skipped, $((SECONDS - started)) s"
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
if [ -z "$list" ]; then finish; fi
