#!/usr/bin/env bash
# Measures what a million prefixes and a thousand networks cost: isolation-netlinkd, the library, ipset, nft, iptables, and the floors in
# C, side by side on the machine's own kernel, each run in a network namespace of its own. Writes the figures into bench/README.md and
# bench/scale.svg. Takes about ten minutes and 3 GB of memory, which is nft's. Needs root, artifacts/isolation-netlinkd (./build.sh), the
# .NET SDK, gcc and make; of ipset, nft and iptables-legacy what is missing is left out, and named.
#   bench/scale.sh [--quick]     RUNS=3 for fewer runs than 5; --quick: small sizes, half a minute, nothing is written
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh
PATH=$PATH:/usr/sbin:/sbin
case ${1-} in
  '') prefixes=4040000 ;;
  --quick) prefixes=101000 ;;
  *) echo 'usage: bench/scale.sh [--quick]' >&2; exit 2 ;;
esac
[ "$(id -u)" = 0 ] || { echo 'bench/scale.sh needs root: it makes network namespaces and fills sets in them' >&2; exit 1; }
[ -x artifacts/isolation-netlinkd ] || { echo 'artifacts/isolation-netlinkd is missing: run ./build.sh' >&2; exit 1; }

make -s -C native-tests
dotnet build bench/DcosIsolation.Scale -c Release -v q --nologo -clp:ErrorsOnly >&2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XTABLES_LOCKFILE=$work/xtables.lock
awk -v n="$prefixes" -f bench/prefixes.awk >"$work/all"
dotnet bench/DcosIsolation.Scale/bin/Release/net10.0/DcosIsolation.Scale.dll "$PWD" "$work" "$@"
