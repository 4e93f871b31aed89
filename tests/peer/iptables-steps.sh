#!/usr/bin/env bash
# Inside a kernel of the lab: restores each line of PLAN as a table of its own with the program that WHO names, and then has the table
# saved by both. Writes for each line: its name, the exit status, what the program said, and, if it was accepted, the two tables.
#   tests/peer/iptables-steps.sh real|ours OURS PLAN LOG
set -eu -o pipefail

who=$1 ours=$2 plan=$3 log=$4
if [ ! -x "$ours" ]; then echo "$ours is no program in here (in uml, /tmp is not the machine's)" >&2; exit 1; fi
export LC_ALL=C
# Lines about sets have some to name; where the kernel has none, they are refused alike.
{ ipset create peer4 hash:ip && ipset create peer6 hash:ip family inet6 && ipset create peerlist list:set; } >/dev/null 2>&1 || true

restore() {
  case $who$1 in
    real4) iptables-legacy-restore -c ;;
    real6) ip6tables-legacy-restore -c ;;
    ours4) "$ours" iptables-restore -c ;;
    ours6) "$ours" iptables-restore -6 -c ;;
  esac
}

failed() { printf 'exit status %s: %s\n' "$1" "$(cat $here/said)"; }

here=/run/peer number=0
mkdir -p $here
while IFS=$'\t' read -r family name _ table chains before rule <&4; do
  if [ "$family" = run ]; then eval "$rule" </dev/null >/dev/null 2>&1 || true; continue; fi
  number=$((number + 1)) status=0
  if [ "$before" = - ]; then before=''; else printf -v before '%b\n' "$before"; fi
  {
    printf '*%s\n%s' "$table" "$before"
    for chain in ${chains//,/ }; do printf '[%s:%s] -A %s %s\n' $number $((number * 60)) "$chain" "$rule"; done
    echo COMMIT
  } >$here/table
  printf '\1case %s\n' "$name"
  restore "$family" <$here/table >$here/said 2>&1 || status=$?
  printf '\1status %s\n' $status
  while read -r line || [ -n "$line" ]; do printf '%s\n' "$line"; done <$here/said
  if [ $status -ne 0 ]; then continue; fi
  if [ "$family" = 4 ]; then save=iptables-legacy-save option=''; else save=ip6tables-legacy-save option=-6; fi
  printf '\1real\n'
  "$save" -c -t "$table" 2>$here/said || failed $?
  printf '\1ours\n'
  # shellcheck disable=SC2086  # no option is no word
  "$ours" iptables-save $option -c -t "$table" 2>$here/said || failed $?
done 4<"$plan" >"$log"
printf '\1end\n' >>"$log"
