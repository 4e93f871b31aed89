# The stock kernel of the distribution under QEMU without KVM; sourced by run.sh. Everything that kernel has, nf_tables included, two CPUs.
# The machine's files are the root through 9p, under a writable overlay that is thrown away. About 15 s to boot.
# KERNEL_DIR keeps the unpacked linux-image package: it is downloaded once, never installed.
# shellcheck shell=bash disable=SC2154

for program in qemu-system-x86_64 cpio depmod; do
  command -v "$program" >/dev/null || PATH=$PATH:/sbin:/usr/sbin command -v "$program" >/dev/null ||
    fail "$program is missing: apt-get install qemu-system-x86 busybox-static cpio kmod"
done
if ! /bin/busybox --help 2>/dev/null | grep -q insmod; then fail 'busybox is missing: apt-get install busybox-static'; fi

dir=${KERNEL_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/dcos-isolation-lab}
if [ ! -e "$dir/complete" ]; then
  package=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: //p' | head -n 1)
  rm -rf "$dir"; mkdir -p "$dir"
  (cd "$dir" && apt-get download "$package" >&2 && dpkg -x "$package"_*.deb . && rm -f "$package"_*.deb) || fail "cannot download $package"
  PATH=$PATH:/sbin:/usr/sbin depmod -b "$dir" "$(ls "$dir/lib/modules")"
  touch "$dir/complete"
fi
dir=$(cd "$dir" && pwd -P)
version=$(ls "$dir/lib/modules")

mkdir -p "$work/root/bin" "$work/root/mods"
cp /bin/busybox "$work/root/bin/"
for module in virtio virtio_ring virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci netfs fscache 9pnet 9pnet_virtio 9p overlay; do
  find "$dir/lib/modules/$version/kernel" -name "$module.ko*" -exec cp {} "$work/root/mods/" \;
done
cat >"$work/root/init" <<'INIT'
#!/bin/busybox sh
B=/bin/busybox
$B mkdir -p /proc /ro /rw /new
$B mount -t proc proc /proc
# In dependency order after at most a few passes.
for pass in 1 2 3 4; do for m in /mods/*; do $B insmod $m 2>/dev/null; done; done
$B mount -t 9p -o ro,trans=virtio,version=9p2000.L,msize=512000,cache=loose root /ro
$B mount -t tmpfs -o size=2g rw /rw; $B mkdir -p /rw/u /rw/w
$B mount -t overlay -o lowerdir=/ro,upperdir=/rw/u,workdir=/rw/w ov /new
$B cp /lab-init /new/.lab-init
exec $B switch_root /new /bin/bash /.lab-init
INIT
chmod 755 "$work/root/init"
{
  cat <<'INIT'
mount -t proc proc /proc; mount -t sysfs sys /sys; mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts; mount -t tmpfs shm /dev/shm; mount -t devpts pts /dev/pts
ln -sf /proc/self/fd /dev/fd; ln -sf fd/0 /dev/stdin; ln -sf fd/1 /dev/stdout; ln -sf fd/2 /dev/stderr
mount -t tmpfs run /run; mkdir /run/lab; mount -t 9p -o rw,trans=virtio,version=9p2000.L shared /run/lab
INIT
  printf 'mkdir -p /lib/modules; ln -sfn %q /lib/modules/%q\n' "$dir/lib/modules/$version" "$version"
  if [ -n "$results" ]; then printf 'mkdir -p %q; mount -t 9p -o rw,trans=virtio,version=9p2000.L results %q\n' "$results" "$results"; fi
  echo "echo lab-begin; bash /run/lab/command; echo \$? >/run/lab/status; $power_off"
} >"$work/root/lab-init"
mv "$work/command" "$work/shared/"
(cd "$work/root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"

# QEMU's option parser takes ',' for a separator and ',,' for a comma.
share() { printf 'local,path=%s,mount_tag=%s,security_model=none,multidevs=remap%s' "${1//,/,,}" "$2" "${3-}"; }
shares=(-virtfs "$(share / root ,readonly=on)" -virtfs "$(share "$work/shared" shared)")
if [ -n "$results" ]; then shares+=(-virtfs "$(share "$results" results)"); fi
run_kernel_with_console qemu-system-x86_64 -accel tcg,thread=multi -smp 2 -cpu max -m "${MEM:-3G}" -display none -nodefaults -serial stdio \
  -no-reboot -kernel "$dir/boot/vmlinuz-$version" -initrd "$work/initrd" -append 'console=ttyS0 quiet panic=-1' "${shares[@]}"
