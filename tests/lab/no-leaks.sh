#!/usr/bin/env bash
# Runs COMMAND and says what of the network it left behind: namespaces, links, sets, rules. Exit status: COMMAND's, or 1 for a leak.
set -eu

left() {
  ip netns list | sed 's/ .*//; s/^/namespace /'
  ip -o link | sed -E 's/^[0-9]+: ([^:@]+).*/link \1/'
  ipset list -name | sed 's/^/set /'
  for program in iptables-legacy-save ip6tables-legacy-save; do
    if command -v "$program" >/dev/null; then
      # Rules and chains of users; a table that merely exists by now, and counters, are no leaks.
      { "$program" 2>/dev/null || true; } | grep -E '^-A|^:[^ ]+ - ' | sed "s/ \[.*//; s/^/$program /" || true
    fi
  done
}

before=$(left)
status=0
"$@" || status=$?
if ! leaks=$(diff <(echo "$before") <(left)); then
  echo 'left behind (>) or taken away (<):'
  echo "$leaks"
  if [ "$status" -eq 0 ]; then status=1; fi
fi
exit "$status"
