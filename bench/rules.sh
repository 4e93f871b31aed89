#!/usr/bin/env bash
# Times `isolation-netlinkd iptables-restore` and `iptables-save` beside iptables-legacy's with many rules, and `apply` beside many rules of
# others: whole processes in turn, medians over RUNS runs (11) of milliseconds that passed and that the processor worked, and the ratios. Counts
# the table commits of an `apply`. Each run has a network namespace of its own on the machine's own kernel. Needs artifacts/isolation-netlinkd
# (./build.sh), iptables-legacy, and strace for the commits. OURS=iptables-legacy compares the peer with itself: what it then says is noise.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
PATH=$PATH:/usr/sbin:/sbin
runs=${RUNS:-11} few=${FEW:-1000} many=${MANY:-20000}
binary=$PWD/artifacts/isolation-netlinkd policy=$PWD/examples/hr-it/policy.yaml peer=iptables-legacy
ours=${OURS:-$binary iptables}
[ -x "$binary" ] || { echo "$binary is missing: run ./build.sh" >&2; exit 1; }
command -v iptables-legacy-restore >/dev/null || { echo 'iptables-legacy-restore is missing: apt-get install iptables' >&2; exit 1; }
namespace=(unshare -n)
[ "$(id -u)" = 0 ] || namespace=(unshare -rn)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XTABLES_LOCKFILE=$work/lock

# rules COUNT: a filter table, ten kinds of rules in ten chains.
rules() {
  awk -v n="$1" '
    BEGIN {
      print "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]"
      for (i = 0; i < 10; i++) print ":part" i " - [0:0]"
      for (i = 0; i < n; i++) {
        at = "10." int(i / 65536) % 256 "." int(i / 256) % 256 "." i % 256
        rule[0] = "-s " at "/32 -p tcp -m tcp --dport " i % 60000 + 1 " -j ACCEPT"
        rule[1] = "-d " at "/32 -p udp -m multiport --dports 53,123,1000:" 1001 + i % 60000 " -j ACCEPT"
        rule[2] = "-s " at "/32 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
        rule[3] = "-s " at "/32 -m comment --comment \"rule " i "\" -j RETURN"
        rule[4] = "-d " at "/32 -p icmp -m icmp --icmp-type 8 -j ACCEPT"
        rule[5] = "-s " at "/32 -m limit --limit 5/sec --limit-burst 9 -j ACCEPT"
        rule[6] = "-m iprange --src-range " at "-10.255.255.255 -j DROP"
        rule[7] = "-d " at "/32 -i eth0 -j REJECT --reject-with icmp-port-unreachable"
        rule[8] = "! -s " at "/32 -m mark --mark 0x" i % 10 "/0xff -j DROP"
        rule[9] = "-s " at "/32 -p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -m comment --comment \"rule " i "\" -j DROP"
        print "-A part" i % 10 " " rule[int(i / 10) % 10]
      }
      print "COMMIT"
    }'
}

# time_one BEFORE COMMAND: how long COMMAND took, and its processor time; BEFORE fills the namespace and is not timed.
time_one() {
  "${namespace[@]}" bash -c "{ $1; } >/dev/null || exit 1
    TIMEFORMAT='%3R %3U %3S'
    { time $2 >/dev/null 2>&3; } 3>&2 2>&1" | awk '{ print $1 * 1000, ($2 + $3) * 1000 }'
}

# pair NAME BEFORE COMMAND NAME BEFORE COMMAND: ours first, the peer second, in turn; the order changes with each round.
pair() {
  local run first second
  : >"$work/pairs"
  for run in $(seq "$runs"); do
    if [ $((run % 2)) = 0 ]; then
      first=$(time_one "$2" "$3"); second=$(time_one "$5" "$6")
    else
      second=$(time_one "$5" "$6"); first=$(time_one "$2" "$3")
    fi
    echo "$first $second" >>"$work/pairs"
  done
  line "$1" 1 2
  line "$4" 3 4
  printf '%-50s %18.2f %17.2f\n\n' '  the first / the second, median of the rounds' \
    "$(awk '{ print $1 / $3 }' "$work/pairs" | median)" "$(awk '{ print $2 / $4 }' "$work/pairs" | median)"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

# line NAME WALL CPU: from two columns of the pairs.
line() {
  local sorted
  sorted=$(cut -d' ' -f"$2" "$work/pairs" | sort -n)
  printf '%-50s %8.0f %8.0f %8.0f %8.0f\n' "$1" "$(head -n 1 <<<"$sorted")" "$(median <<<"$sorted")" "$(tail -n 1 <<<"$sorted")" \
    "$(cut -d' ' -f"$3" "$work/pairs" | median)"
}

# What is restored must be what the peer would have made of it.
same() {
  "${namespace[@]}" bash -c "$1-restore <'$2' && $peer-save" | grep -v '^#' >"$work/made"
  "${namespace[@]}" bash -c "$peer-restore <'$2' && $peer-save" | grep -v '^#' >"$work/expected"
  cmp "$work/made" "$work/expected" || { echo "$1-restore did not make of $2 what $peer-restore makes of it" >&2; exit 1; }
}

rules "$few" >"$work/few"
rules "$many" >"$work/many"
same "$ours" "$work/few"
same "$ours" "$work/many"
sed 's/80\/tcp/81\/tcp/' "$policy" >"$work/changed"
cmp -s "$policy" "$work/changed" && { echo "$policy has no 80/tcp to change" >&2; exit 1; }

echo "$(uname -sr), $(nproc) cores, load $(cut -d' ' -f1 /proc/loadavg), $($peer --version), $("$binary" version | head -n 1), $runs runs"
printf '%-50s %8s %8s %8s %8s\n' milliseconds min median max CPU
filled="$peer-restore <'$work/many'"
pair "iptables-restore, $few rules" true "$ours-restore <'$work/few'" \
  "$peer-restore, $few rules" true "$peer-restore <'$work/few'"
pair "iptables-save, $many rules" "$filled" "$ours-save" "$peer-save, $many rules" "$filled" "$peer-save"
pair "iptables-restore, $many rules" true "$ours-restore <'$work/many'" \
  "$peer-restore, $many rules" true "$peer-restore <'$work/many'"
in_force="'$binary' apply '$policy' && $peer-restore --noflush <'$work/many'"
pair "apply, one port changed, beside $many rules of others" "$in_force" "'$binary' apply '$work/changed'" \
  "$peer -A, one rule beside as many" "$in_force" "$peer -A part0 -s 192.0.2.1 -j DROP"

# What a program pays that has the library in itself, such as a daemon: no process to start, extensions loaded.
library=bench/DcosIsolation.Scale/bin/Release/net10.0/DcosIsolation.Scale.dll
if [ -e "$library" ]; then
  for table in "$work/few" "$work/many"; do "${namespace[@]}" dotnet "$library" --rules "$table" "$runs"; done
  echo
else
  echo "$library is missing: the library in process is left out; dotnet build -c Release bench/DcosIsolation.Scale"
fi

if command -v strace >/dev/null; then
  "${namespace[@]}" bash -c "$in_force && strace -f -X raw -e trace=setsockopt -o '$work/trace' '$binary' apply '$work/changed'" >/dev/null
  # Levels 0 and 0x29 are IPv4 and IPv6; options 0x40 and 0x41 are SO_SET_REPLACE and SO_SET_ADD_COUNTERS.
  awk -F'[(, ]+' '
    /setsockopt\(/ { for (i = 1; i <= NF; i++) if ($i == "setsockopt" || $i ~ /setsockopt$/) { n[$(i + 2) " " $(i + 3)]++; break } }
    END {
      printf "table commits of that apply: IPv4 %d, IPv6 %d; counters added: IPv4 %d, IPv6 %d\n",
        n["0 0x40"] + n["0x0 0x40"], n["0x29 0x40"], n["0 0x41"] + n["0x0 0x41"], n["0x29 0x41"]
    }' "$work/trace"
else
  echo 'strace is not installed: the commits of an apply are not counted'
fi
