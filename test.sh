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

filter=() kernels='' qemu='' build=yes
while [ $# -gt 0 ]; do
  case $1 in
    --filter) filter=(--filter "${2:?--filter needs an expression}"); shift 2 ;;
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
problem() { echo "FAILED: $*"; failed=$((failed + 1)); }

# run_tests LABEL PROJECT [COMMAND...]: runs the project's tests, through COMMAND if given, and adds up its results.
run_tests() {
  local label=$1 project=$2 status=0; shift 2
  local dir=$results/$label p f s counts
  say "$project ($label)"
  mkdir -p "$dir"
  "$@" dotnet test "$PWD/tests/$project/bin/Release/net10.0/$project.dll" --results-directory "$dir" --logger "trx;LogFileName=$project.trx" \
    --blame-hang-timeout 5m --blame-hang-dump-type none "${filter[@]}" || status=$?
  if [ ! -s "$dir/$project.trx" ]; then
    # With a filter a project may have nothing to run, and then leaves no results.
    if [ ${#filter[@]} -eq 0 ] || [ "$status" -ne 0 ]; then problem "$project ($label) left no results, exit status $status"; fi
    return
  fi
  counts=$(awk -f eng/trx.awk "$dir/$project.trx")
  sed '$d' <<<"$counts"
  read -r p f s <<<"$(tail -n 1 <<<"$counts")"
  case $label in
    uml | qemu) if [ "$s" -gt 0 ]; then echo "FAILED: $label can run all tests, and $s were skipped"; f=$((f + s)) s=0; fi ;;
  esac
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ $((p + f + s)) -eq 0 ] && [ ${#filter[@]} -eq 0 ]; then problem "$project ($label) has no tests"; fi
  # A crashed test host, a leak, a kernel that panicked.
  if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then problem "$project ($label): exit status $status"; fi
}

for project in tests/*.Tests; do run_tests unit "$(basename "$project")"; done

export ISOLATION_NETLINKD=$PWD/artifacts/isolation-netlinkd
export KEEP_ENV="ISOLATION_NETLINKD ${KEEP_ENV-}"
for kernel in $kernels; do
  mkdir -p "$results/$kernel"
  run_tests "$kernel" DcosIsolation.KernelTests tests/lab/run.sh --kernel "$kernel" --results "$results/$kernel" -- tests/lab/no-leaks.sh
done

echo
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
