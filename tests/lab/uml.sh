# User Mode Linux; sourced by run.sh. Debian's user-mode-linux brings the kernel and its modules. About 2 s to boot, one CPU.
# The machine's files are the root through hostfs, read-only: the kernel acts with the rights of whoever started it.
# shellcheck shell=bash disable=SC2154

command -v linux.uml >/dev/null || fail 'linux.uml is missing: apt-get install user-mode-linux kmod iproute2'
modules=$(find /usr/lib/uml/modules -mindepth 1 -maxdepth 1 -type d | sort | tail -n 1)

{
  cat <<INIT
#!/bin/bash
mount -t proc proc /proc; mount -t sysfs sys /sys
mkdir -p /dev/shm /dev/pts; mount -t tmpfs shm /dev/shm; mount -t devpts pts /dev/pts
ln -s /proc/self/fd /dev/fd; ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr
for dir in /tmp /var/tmp /run; do mount -t tmpfs tmp \$dir; done
mkdir /run/lab; mount -t hostfs lab /run/lab -o $work/shared
# The kernel loads modules by itself, through this script, from where the package keeps them.
mkdir -p /run/m/lib/modules; ln -s $modules /run/m/lib/modules/\$(uname -r)
printf '#!/bin/sh\nexec /sbin/modprobe -d /run/m "\$@"\n' >/run/modprobe; chmod +x /run/modprobe
echo /run/modprobe >/proc/sys/kernel/modprobe; /run/modprobe ipv6
INIT
  # A tree that lies under /tmp is seen nevertheless.
  printf 'for dir in %q %q; do\n' "$root" "$PWD"
  # shellcheck disable=SC2016
  echo 'if [ ! -d "$dir" ]; then mkdir -p "$dir"; mount -t hostfs -o ro tree "$dir" -o "$dir"; fi; done'
  if [ -n "$results" ]; then printf 'mkdir -p %q; mount -t hostfs results %q -o %q\n' "$results" "$results" "$results"; fi
  echo "echo lab-begin; bash /run/lab/command; echo \$? >/run/lab/status; $power_off"
} >"$work/init"
mv "$work/command" "$work/shared/"
chmod 755 "$work/init"

# UML keeps its memory in a file: on /dev/shm if it can, which containers make small and noexec.
if [ "$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)" -gt 2000000 ] 2>/dev/null && ! grep -q ' /dev/shm [^ ]* [^ ]*noexec' /proc/mounts; then
  export TMPDIR=/dev/shm
else
  export TMPDIR=$work
fi
run_kernel_with_console linux.uml mem="${MEM:-2G}" uml_dir="$work" root=/dev/root rootfstype=hostfs hostfs=/ ro init="$work/init" \
  con=null con0=fd:0,fd:1 quiet loglevel=3 panic=1
