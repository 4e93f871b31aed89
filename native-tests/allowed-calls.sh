#!/usr/bin/env bash
# The numbers of the system calls that a unit's SystemCallFilter= lines allow, a line each: its groups are systemd's.
#   native-tests/allowed-calls.sh eng/systemd/isolation-netlinkd.service
set -eu -o pipefail
export LC_ALL=C
unit=${1:?the unit file}

# expand NAME...: the calls of groups and groups of groups.
expand() {
  local name
  for name; do
    case $name in
      @*) systemd-analyze syscall-filter "$name" | sed -n 's/^ \{1,\}\([@a-z0-9_-]*\)$/\1/p' | while read -r inner; do expand "$inner"; done ;;
      *) echo "$name" ;;
    esac
  done
}

allowed=() denied=()
while read -r line; do
  read -ra names <<<"${line#"~"}"
  case $line in '~'*) denied+=("${names[@]}") ;; *) allowed+=("${names[@]}") ;; esac
done < <(sed -n 's/^SystemCallFilter=//p' "$unit")

numbers=$(gcc -E -dM -include asm/unistd.h -x c /dev/null | sed -n 's/^#define __NR_\([a-z0-9_]*\) \([0-9]*\)$/\1 \2/p' | sort)
comm -23 <(expand "${allowed[@]}" | sort -u) <(expand "${denied[@]}" | sort -u) | join - <(echo "$numbers") | cut -d' ' -f2
