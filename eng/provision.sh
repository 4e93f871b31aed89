#!/usr/bin/env bash
# Makes a machine ready for the project, builds it, and tests it on the machine's own kernel: root of a Debian, Ubuntu, Fedora, or a
# relative of theirs. What a distribution does not have is named, not passed over. BENCH=1 runs the benchmarks as well; --no-tests leaves out
# ./test.sh, so that CI can run the rest of this script in the lab.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. eng/common.sh

tests=yes
if [ "${1-}" = --no-tests ]; then tests=''; fi
if [ "$(id -u)" -ne 0 ]; then echo 'eng/provision.sh: needs root' >&2; exit 1; fi
# shellcheck source=/dev/null
. /etc/os-release
say "provisioning ${PRETTY_NAME:-this machine}, kernel $(uname -r)"

# One by one where all at once fails, so that one missing package is one line.
install_each() {
  "$@" "${packages[@]}" && return
  for package in "${packages[@]}"; do "$@" "$package" >/dev/null 2>&1 || echo "NOT AVAILABLE on ${ID:-this system}: $package"; done
}

case " ${ID:-} ${ID_LIKE:-} " in
  *' debian '* | *' ubuntu '*)
    export DEBIAN_FRONTEND=noninteractive
    packages=(curl ca-certificates libicu-dev gcc libc6-dev zlib1g-dev make linux-libc-dev
      iproute2 ipset iptables libip4tc2 libip6tc2 libxtables12)
    # Nothing is fetched where nothing is missing: the lab has no network.
    if ! dpkg-query -W "${packages[@]}" >/dev/null 2>&1; then
      apt-get update -q
      install_each apt-get install -y -q --no-install-recommends
    fi
    ;;
  *' fedora '* | *' rhel '*)
    # The legacy programs and libip4tc are a package of their own, which RHEL's relatives have in EPEL; set types and legacy tables are
    # in the modules package that small images leave out.
    packages=(curl ca-certificates tar libicu gcc glibc-devel zlib-devel make kernel-headers
      iproute ipset iptables-legacy iptables-libs "kernel-modules-extra-$(uname -r)")
    if [ "${ID:-}" != fedora ]; then dnf install -y -q epel-release || echo "NOT AVAILABLE on $ID: epel-release"; fi
    install_each dnf install -y -q
    ;;
  *) echo "NOT KNOWN: the packages of ${ID:-this system}; what is installed has to do" ;;
esac

export PATH=$PATH:/usr/local/share/dotnet
if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
  say 'the .NET 10 SDK'
  script=$(mktemp)
  curl -fsSL https://dot.net/v1/dotnet-install.sh -o "$script"
  bash "$script" --channel 10.0 --install-dir /usr/local/share/dotnet
  rm -f "$script"
fi
DOTNET_ROOT=$(dirname "$(readlink -f "$(command -v dotnet)")")
export DOTNET_ROOT

say 'what this kernel can do'
for module in ip_set_hash_net ip_set_hash_netnet ip_set_hash_netportnet ip_set_list_set xt_set ip_tables ip6_tables nf_tables; do
  answer='no module (built in, or missing)'
  if modprobe "$module" 2>/dev/null || [ -d "/sys/module/$module" ]; then answer=yes; fi
  echo "$module: $answer"
done

if [ -n "$tests" ]; then ./test.sh --kernels host; fi
# The same example as in the lab, on this kernel.
./demo.sh --kernel host --no-build

if [ -n "${BENCH-}" ]; then
  say 'benchmarks'
  bench/whole-process.sh
  results=$PWD/artifacts/benchmarks
  tests/lab/run.sh --kernel host --results "$results" --timeout 3600 -- \
    dotnet bench/DcosIsolation.Benchmarks/bin/Release/net10.0/DcosIsolation.Benchmarks.dll --filter '*' --artifacts "$results"
fi
