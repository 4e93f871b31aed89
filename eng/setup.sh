#!/usr/bin/env bash
# Installs what is missing for building, testing (test), the lab's kernels (uml, qemu), the ipset and iptables
# programs' own tests (peer), the pages in a browser (browser), or CI's checks (check) if it may, and says what to install if it may not.
#   eng/setup.sh build|test|uml|qemu|peer|browser|check ...
set -eu

declare -A packages=(
  [build]='gcc libc6-dev zlib1g-dev'          # NativeAOT links with clang or gcc
  [test]='gcc libc6-dev make linux-libc-dev iproute2 ipset iptables libip4tc2 libip6tc2 libxtables12 libxtables-dev strace systemd'
  [uml]='user-mode-linux kmod'
  [qemu]='qemu-system-x86 busybox-static cpio kmod iproute2 ipset iptables'
  [peer]='ipset iptables dpkg-dev netmask'    # source packages are fetched; some of ipset's tests compute with netmask
  [browser]='chromium'                        # what matrix --html writes is tried with clicks and keys
  [check]='shellcheck vagrant'                # what CI looks at the scripts and the Vagrantfile with
)
# The same as programs, where packages have other names.
declare -A programs=(
  [build]='gcc'
  [test]='gcc make ip ipset iptables strace systemd-analyze'
  [uml]='linux.uml depmod'
  [qemu]='qemu-system-x86_64 busybox cpio depmod'
  [peer]='ipset iptables dpkg-source netmask'
  [browser]='chromium'
  [check]='shellcheck vagrant'
)

PATH=$PATH:/usr/sbin:/sbin
wanted=() needed=()
for group; do
  if [ -z "${packages[$group]-}" ]; then echo "usage: eng/setup.sh build|test|uml|qemu|peer|browser|check ..." >&2; exit 2; fi
  read -ra names <<<"${packages[$group]}"; wanted+=("${names[@]}")
  read -ra names <<<"${programs[$group]}"; needed+=("${names[@]}")
done

if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
  echo 'missing: the .NET 10 SDK (https://dot.net/download, or apt-get install dotnet-sdk-10.0 where the distribution has it)' >&2
  exit 1
fi

# Groups share packages.
mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | awk '!seen[$0]++')
mapfile -t needed < <(printf '%s\n' "${needed[@]}" | awk '!seen[$0]++')

missing=()
if command -v dpkg-query >/dev/null; then
  present=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null | sed -n 's/^installed //p' || true)
  for name in "${wanted[@]}"; do grep -qx "$name" <<<"$present" || missing+=("$name"); done
else
  for name in "${needed[@]}"; do command -v "$name" >/dev/null || missing+=("$name"); done
fi
if [ "${#missing[@]}" -eq 0 ]; then exit 0; fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "missing: ${missing[*]} (install them, on Debian and Ubuntu: apt-get install ${missing[*]})" >&2
  exit 1
fi
echo "installing ${missing[*]}"
install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}")
"${install[@]}" </dev/null || { "${as_root[@]}" apt-get update -q && "${install[@]}" </dev/null; } || {
  echo "missing: ${missing[*]} (apt-get could not install them)" >&2
  exit 1
}
