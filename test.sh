#!/usr/bin/env bash
# Builds everything and runs every test. The last line is: N passed, N failed, N skipped
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

usage() {
  cat <<'USAGE'
usage: ./test.sh [--filter EXPRESSION] [--kernels "uml host"] [--qemu] [--no-build]

  --filter EXPRESSION  only these tests (dotnet test --filter)
  --kernels LIST       the kernels that the kernel tests run on: uml host qemu (default: uml, and host where namespaces can be made)
  --qemu               the stock kernel under QEMU as well (slow)
  --no-build           what is built is good enough

In uml and qemu, whose abilities are known, a skipped kernel test counts as failed. On the machine's own kernel it is named.
USAGE
}

filter='' kernels='' qemu='' build=yes
while [ $# -gt 0 ]; do
  case $1 in
    --filter) filter=${2:?--filter needs an expression}; shift 2 ;;
    --kernels) kernels=${2:?--kernels needs a list}; shift 2 ;;
    --qemu) qemu=qemu; shift ;;
    --no-build) build=''; shift ;;
    --help | -h) usage; exit 0 ;;
    *) usage >&2; exit 2 ;;
  esac
done
if [ -z "$kernels" ]; then
  kernels=uml
  # Where neither root nor a user namespace is to be had the machine's own kernel is not tested, and this says so.
  if tests/lab/run.sh --kernel host true; then kernels+=' host'; else echo "the machine's own kernel is left out"; fi
fi
kernels="$kernels $qemu"

groups=(test)
if [ -n "$build" ]; then groups+=(build); fi
for kernel in $kernels; do if [ "$kernel" != host ]; then groups+=("$kernel"); fi; done
eng/setup.sh "${groups[@]}"

if [ -n "$build" ]; then
  ./build.sh
  build DcosIsolation.Netlink.sln
  # The C programs that the tests compare the managed code with.
  if [ -d native-tests ]; then say 'native-tests'; make -C native-tests; fi
fi

results=$PWD/artifacts/test-results
rm -rf "$results"
passed=0 failed=0 skipped=0
# What went wrong, said again above the last line: who reads the end of a log reads this.
failures=()
complain() { echo "FAILED: $*"; failures+=("$*"); }
problem() { complain "$*"; failed=$((failed + 1)); }

# execute LABEL PROJECT EXPRESSION [COMMAND...]: runs the project's tests, or those that the expression selects, through COMMAND if given.
execute() {
  local label=$1 project=$2 expression=$3 status=0; shift 3
  local dir=$results/$label
  say "$project ($label)"
  mkdir -p "$dir"
  "$@" dotnet test "$PWD/tests/$project/bin/Release/net10.0/$project.dll" --results-directory "$dir" --logger "trx;LogFileName=$project.trx" \
    --blame-hang-timeout 10m --blame-hang-dump-type none ${expression:+--filter "$expression"} || status=$?
  echo "$status" >"$dir/$project.status"
}

# count LABEL PROJECT: adds up what the run has left.
count() {
  local label=$1 project=$2 dir=$results/$1 status p f s counts
  status=$(cat "$dir/$project.status" 2>/dev/null || echo unknown)
  if [ ! -s "$dir/$project.trx" ]; then
    # With a filter a project may have nothing to run, and then leaves no results.
    if [ -z "$filter" ] || [ "$status" != 0 ]; then problem "$project ($label) left no results, exit status $status"; fi
    return
  fi
  counts=$(awk -f eng/trx.awk "$dir/$project.trx")
  sed '$d' <<<"$counts"
  while read -r line; do failures+=("$project ($label): ${line#failed }"); done < <(grep '^failed ' <<<"$counts" || true)
  read -r p f s <<<"$(tail -n 1 <<<"$counts")"
  case $label in
    uml* | qemu*) if [ "$s" -gt 0 ]; then complain "$label can run all tests, and $s were skipped"; f=$((f + s)) s=0; fi ;;
  esac
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ $((p + f + s)) -eq 0 ] && [ -z "$filter" ]; then problem "$project ($label) has no tests"; fi
  # A crashed test host, a leak, a kernel that panicked.
  if [ "$status" != 0 ] && [ "$f" -eq 0 ]; then problem "$project ($label): exit status $status"; fi
}

# in_lab LABEL KERNEL EXPRESSION: the kernel tests on that kernel.
in_lab() {
  mkdir -p "$results/$1"
  execute "$1" DcosIsolation.KernelTests "$3" tests/lab/run.sh --kernel "$2" --results "$results/$1" -- tests/lab/no-leaks.sh
}

for project in tests/*.Tests; do
  execute unit "$(basename "$project")" "$filter"
  count unit "$(basename "$project")"
done

export ISOLATION_NETLINKD=$PWD/artifacts/isolation-netlinkd
export KEEP_ENV="ISOLATION_NETLINKD IPSET_FUZZ_SECONDS IPSET_FUZZ_SEED IPSET_UNDER_TEST RULE_FUZZ_COUNT RULE_FUZZ_SEED TRAFFIC_FACTOR \
FOREIGN_CHANGES LOCK_SECONDS SOAK_SECONDS ${KEEP_ENV-}"
for kernel in $kernels; do
  if [ "$kernel" = uml ] && [ -z "$filter" ]; then
    # A User Mode Linux has one CPU, and these take as long as all the others: each half has a kernel of its own.
    long='' others=''
    for class in KillTests TrafficTests IptablesCommand HostileTextTests RestartTests ConfirmTests InjectionTests DaemonFaultTests; do
      long+="${long:+|}FullyQualifiedName~$class" others+="${others:+&}FullyQualifiedName!~$class"
    done
    in_lab uml-long uml "$long" >"$results/uml-long.log" 2>&1 &
    running=$!
    in_lab uml uml "$others"
    count uml DcosIsolation.KernelTests
    wait "$running" || true
    cat "$results/uml-long.log"
    count uml-long DcosIsolation.KernelTests
  else
    in_lab "$kernel" "$kernel" "$filter"
    count "$kernel" DcosIsolation.KernelTests
  fi
done

# The ipset and iptables programs' own tests, which name what fails and what is skipped. On uml they choose between that and the machine's
# own kernel.
peer=()
case " $kernels " in *' uml '*) ;; *' host '*) peer=(--kernel host) ;; *) peer=(--kernel qemu) ;; esac
for program in ipset iptables; do
  if [ -n "$filter" ] || [ ! -x "$ISOLATION_NETLINKD" ] || ! PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null; then continue; fi
  say "tests/peer/$program.sh"
  status=0
  "tests/peer/$program.sh" "${peer[@]}" | tee "$results/peer-$program.log" || status=$?
  numbers='^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$'
  if [[ $(tail -n 1 "$results/peer-$program.log") =~ $numbers ]]; then
    passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2])) skipped=$((skipped + BASH_REMATCH[3]))
    while read -r line; do failures+=("$program's own tests: ${line#FAILED: }"); done < <(grep '^FAILED' "$results/peer-$program.log" || true)
  else
    problem "tests/peer/$program.sh: exit status $status"
  fi
done

echo
for failure in ${failures[@]+"${failures[@]}"}; do echo "FAILED: $failure"; done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
