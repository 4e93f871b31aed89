#!/usr/bin/env bash
# The real program with the command line of ours, which must agree with itself. With BROKEN it is wrong in one way, which must be found:
# it accepts or refuses everything (accept, refuse), restores other counters (restore), or saves another text (save).
set -eu

command=$1; shift
if [ "${1-}" = -6 ]; then command=${command/ip/ip6}; shift; fi
program=${command/tables-/tables-legacy-}
case $program:${BROKEN-} in
  *-restore:accept) exit 0 ;;
  *-restore:refuse) exit 1 ;;
  *-restore:restore) sed 's/^\[/[1/' | "$program" "$@" ;;
  *-save:save) "$program" "$@" | sed 's/ -m / -m  /' ;;
  *) exec "$program" "$@" ;;
esac
