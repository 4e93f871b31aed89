#!/usr/bin/env bash
# Inside a kernel of the lab: runs the steps of PLAN with PROGRAM under the name ipset, in a copy of TESTS. Leaves for each step, by its
# line, what it wrote and its exit status in $LAB_RESULTS. SECONDS is how long a step may take.
#   tests/peer/steps.sh PROGRAM TESTS SECONDS PLAN
set -eu -o pipefail

program=$1 tests=$2 limit=$3 plan=$4
if [ ! -x "$program" ]; then echo "$program is not a program in here (in uml, /tmp is not the machine's)" >&2; exit 1; fi

# The same names in both worlds: a path in a message is no difference.
here=/run/peer
mkdir -p $here/bin
ln -s "$program" $here/bin/ipset
cp -r "$tests" $here/tests
cd $here/tests
chmod a+x check_* ./*.sh
export PATH=$here/bin:$PATH IPSET_BIN=$here/bin/ipset LC_ALL=C
mkfifo $here/ended
exec 3<>$here/ended

# Each step in a process group of its own, which can be ended as a whole; without timeout(1), because starting a program takes long in UML.
set -m
hung=0
while IFS=$'\t' read -r line want _ command <&4; do
  out=$LAB_RESULTS/$line
  case $want in
    skip)
      if (set +eu +o pipefail; eval "$command") >/dev/null 2>&1 </dev/null; then continue; fi
      echo "$line" >"$LAB_RESULTS/ended"
      break ;;
    [0-9]*) ;;
    *) continue ;;
  esac
  (
    set +eu +o pipefail
    (eval "$command") >"$out.out" 2>"$out.err" </dev/null 3>&- 4<&-
    echo $? >&3
  ) &
  if ! read -r -t "$limit" -u 3 status; then
    kill -KILL -- -$! || true
    status="none within $limit s" hung=$((hung + 1))
  fi
  # Without "Killed".
  wait $! 2>/dev/null || true
  # A status that came in the very last moment is not the next step's.
  while read -r -t 0 -u 3; do read -r -u 3 _; done
  echo "$status" >"$out.status"
  # A script that fails leaves its set behind, in the way of all that follows.
  case $status:$command in 0:*) ;; *:./resize* | *:./cidr.sh* | *:./check_cidrs.sh*) timeout 10 ipset destroy test 2>/dev/null || true ;; esac
  if [ "$hung" -eq 2 ]; then echo "the second step that does not end, in line $line: the rest is not run" >&2; break; fi
done 4<"$plan"
