# The machine's own kernel, in namespaces that end with COMMAND; sourced by run.sh. Root, or a kernel that lets users make user namespaces.
# shellcheck shell=bash disable=SC2154

# A process namespace, so that nothing COMMAND started outlives it, and its own /run, where they can be had.
user=(); if [ "$(id -u)" -ne 0 ]; then user=(--map-root-user); fi
isolate=(unshare "${user[@]}" --net --mount --pid --fork --kill-child --mount-proc)
if ! "${isolate[@]}" true 2>/dev/null; then isolate=(unshare "${user[@]}" --net --mount); fi
"${isolate[@]}" true 2>"$work/err" || fail "no namespaces here: $(tail -n 1 "$work/err")"

{
  echo 'mount -t tmpfs run /run'
  echo 'export XTABLES_LOCKFILE=/run/xtables.lock'
  cat "$work/command"
} >"$work/init"
run_kernel env -i "${isolate[@]}" bash "$work/init" </dev/null
