#!/usr/bin/env bash
# Runs COMMAND as root of a real kernel in which it can break nothing. The exit status is COMMAND's; 124 when the time is up,
# 125 when the kernel could not run it at all.
set -eu

usage() {
  cat <<'USAGE'
usage: tests/lab/run.sh [--kernel uml|qemu|host] [--results DIR] [--timeout SECONDS] [--] COMMAND [ARG...]

  --kernel uml    Linux 6.1 as an ordinary process (User Mode Linux): every set type, legacy xtables. No privileges. The default.
  --kernel qemu   the distribution's stock kernel, emulated: nf_tables too, two CPUs. No privileges, slow.
  --kernel host   the machine's own kernel in fresh namespaces: root, or user namespaces.
  --results DIR   a directory that COMMAND may write to and that survives, at the same path inside. Nothing else survives.
  --timeout N     seconds after which the kernel is ended (default 1800, LAB_TIMEOUT).

COMMAND sees the machine's files, in uml read-only; /run, and in uml /tmp, are empty and its own. Its environment is PATH, an empty HOME,
LAB_KERNEL, LAB_RESULTS, and the variables that KEEP_ENV="A B" names. It has no standard input. MEM=2G is the memory of uml and qemu.
USAGE
}

fail() { echo "lab: $*" >&2; exit 125; }

kernel=${LAB_KERNEL:-uml} results='' timeout=${LAB_TIMEOUT:-1800}
while [ $# -gt 0 ]; do
  case $1 in
    --kernel) kernel=${2-}; shift 2 || break ;;
    --results) results=${2-}; shift 2 || break ;;
    --timeout) timeout=${2-}; shift 2 || break ;;
    --help | -h) usage; exit 0 ;;
    --) shift; break ;;
    -*) usage >&2; exit 125 ;;
    *) break ;;
  esac
done
if [ $# -eq 0 ]; then usage >&2; exit 125; fi
if [ -n "$results" ]; then mkdir -p "$results"; results=$(cd "$results" && pwd -P); fi

lab=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
root=$(cd "$lab/../.." && pwd -P)

# Short, and without spaces whatever TMPDIR says: its name goes on a kernel command line. shared/ is what the kernel may write to.
work=$(TMPDIR='' mktemp -d -p /tmp dcos-lab.XXXXXX)
mkdir "$work/shared"
runner=''
# The runner is timeout(1): told to end, it ends the kernel and everything in its process group, at last by SIGKILL.
# shellcheck disable=SC2317  # called by the trap
end_runner() { if [ -n "$runner" ]; then kill -TERM "$runner" 2>/dev/null || true; wait "$runner" 2>/dev/null || true; fi; }
trap 'end_runner; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
trap 'exit 129' HUP

# An empty HOME of COMMAND's own.
home=/tmp/home; if [ "$kernel" = host ]; then home=$work/home; fi

# What every kernel runs once its file systems are there.
{
  printf 'export PATH=%q HOME=%q TMPDIR=%q TERM=dumb LANG=C.UTF-8 LAB_KERNEL=%q LAB_RESULTS=%q\n' "$PATH:/usr/sbin:/sbin" "$home" "$home" \
    "$kernel" "$results"
  printf 'export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE=true\n'
  for name in DOTNET_ROOT ${KEEP_ENV:-}; do
    if [ -n "${!name+set}" ]; then printf 'export %s=%q\n' "$name" "${!name}"; fi
  done
  printf 'mkdir -p %q; ip link set lo up; cd %q\n' "$home" "$PWD"
  printf '%q ' "$@"
} >"$work/command"

# Runs a program as the kernel, in the background so that a signal to this script is seen at once.
run_kernel() {
  timeout --kill-after=5 "$timeout" "$@" &
  runner=$!
  status=0
  wait "$runner" || status=$?
  runner=''
  if [ "$status" -eq 124 ]; then echo "lab: ended after $timeout s" >&2; exit 124; fi
}

# What a kernel of our own does last: power off without a word on the console.
power_off='sync; echo 0 >/proc/sys/kernel/printk; poweroff -f >/dev/null 2>&1 || echo o >/proc/sysrq-trigger; sleep 60'

# The same for a kernel with a console, whose messages before COMMAND are kept from the output. COMMAND's status comes through shared/.
run_kernel_with_console() {
  mkfifo "$work/console"
  sed -u 's/\r$//' <"$work/console" | tee "$work/console.log" | sed -u '0,/^lab-begin$/d' &
  local reader=$!
  run_kernel "$@" </dev/null >"$work/console" 2>"$work/kernel.err"
  wait "$reader" || true
  if [ ! -s "$work/shared/status" ]; then
    echo "lab: the $kernel kernel ended without running the command to its end; its last lines:" >&2
    tail -n 20 "$work/kernel.err" "$work/console.log" >&2
    exit 125
  fi
  status=$(cat "$work/shared/status")
}

case $kernel in
  uml | qemu | host) ;;
  *) fail "unknown kernel '$kernel': uml, qemu or host" ;;
esac
# shellcheck source-path=SCRIPTDIR source=uml.sh
. "$lab/$kernel.sh"
exit "$status"
