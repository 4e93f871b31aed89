#!/usr/bin/env bash
# Builds the binary and shows on real packets what examples/hr-it/policy.yaml does. No root: the packets live in a kernel of their own.
#   ./demo.sh [--kernel uml|qemu|host] [--no-build]
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")"
. eng/common.sh

kernel=uml build=yes
while [ $# -gt 0 ]; do
  case $1 in
    --kernel) kernel=${2:?--kernel needs uml, qemu or host}; shift 2 ;;
    --no-build) build=''; shift ;;
    *) sed -n '2,3s/^# *//p' "$0"; [ "$1" = --help ]; exit ;;
  esac
done

# All at once, so that what is missing is named at once.
groups=(test)
if [ -n "$build" ]; then groups+=(build); fi
if [ "$kernel" != host ]; then groups+=("$kernel"); fi
eng/setup.sh "${groups[@]}"
if [ -n "$build" ]; then
  ./build.sh
  build tests/DcosIsolation.Lab
fi
lab=tests/DcosIsolation.Lab/bin/Release/net10.0/DcosIsolation.Lab.dll
for built in artifacts/isolation-netlinkd "$lab"; do
  if [ ! -e "$built" ]; then echo "$built is not built yet: run ./demo.sh without --no-build" >&2; exit 1; fi
done
# Colours where someone sees them.
if [ -t 1 ]; then export KEEP_ENV="TERM ${KEEP_ENV-}"; fi
ISOLATION_NETLINKD=$PWD/artifacts/isolation-netlinkd KEEP_ENV="ISOLATION_NETLINKD ${KEEP_ENV-}" \
  tests/lab/run.sh --kernel "$kernel" --timeout "${LAB_TIMEOUT:-300}" -- dotnet "$lab" demo
