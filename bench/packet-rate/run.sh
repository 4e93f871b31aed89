#!/usr/bin/env bash
# What a packet pays in a forwarding namespace for sets and rules: nanoseconds above an empty FORWARD. Every packet walks the whole chain, because
# nothing matches it to an end, and is counted by the chain's policy, DROP. No connection tracking. Run it where it can break nothing:
#   tests/lab/run.sh --kernel host|uml -- bench/packet-rate/run.sh [PACKETS [ROUNDS]]
# Needs cc, ip, ipset, iptables-legacy. A kernel without a set type says so in its rows.
set -eu -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
packets=${1:-1280} rounds=${2:-40}
work=$(mktemp -d)
router=pr-router-$$ sender=pr-sender-$$
trap 'ip netns del "$router" 2>/dev/null; ip netns del "$sender" 2>/dev/null; rm -rf "$work"' EXIT
cc -O2 -Wall -o "$work/flood" flood.c
export XTABLES_LOCKFILE=$work/lock

ip netns add "$router"
ip netns add "$sender"
in_router() { ip netns exec "$router" "$@"; }
ip -n "$router" link add in type veth peer name out netns "$sender"
ip -n "$router" link add sink type veth peer name back netns "$sender"
ip -n "$router" address add 10.0.0.1/24 dev in
ip -n "$router" address add 10.9.0.1/16 dev sink
ip -n "$sender" address add 10.0.0.2/24 dev out
for link in in sink lo; do ip -n "$router" link set "$link" up; done
ip -n "$sender" link set out up
ip -n "$sender" link set back up
ip -n "$sender" route add default via 10.0.0.1
in_router sysctl -qw net.ipv4.ip_forward=1

# send: the nanoseconds of a packet from 10.0.0.2 to so many destinations from 10.9.1.0 on in turn, of which all have to arrive.
destinations=1000
send() {
  in_router iptables-legacy -Z FORWARD
  local each arrived
  each=$(ip netns exec "$sender" "$work/flood" 10.9.1.0 "$destinations" "$packets" "$rounds")
  arrived=$(in_router iptables-legacy -nvxL FORWARD | awk 'NR == 1 { print $5 }')
  if [ "$arrived" -lt $((packets * rounds * 99 / 100)) ]; then echo "only $arrived of $((packets * rounds)) packets arrived" >&2; exit 1; fi
  echo "$each"
}

# rules: replaces FORWARD by the rules on standard input.
rules() { { printf '*filter\n:FORWARD DROP\n:other -\n'; cat; echo COMMIT; } | in_router iptables-legacy-restore; }

# row NAME PER UNIT: measures what stands there and then the empty chain, which other work on the machine makes dearer too; divides by PER.
row() {
  local each base
  each=$(send)
  rules </dev/null
  base=$(send)
  awk -v name="$1" -v each="$each" -v base="$base" -v per="$2" -v unit="$3" \
    'BEGIN { printf "| %s | %.0f | %.1f %s |\n", name, each - base, (each - base) / per, unit }'
}

# A rule is a small part of what a packet costs: a hundred of them are not.
hundred() { rules < <(for ((i = 0; i < 100; i++)); do echo "-A FORWARD $1 -j other"; done); }

# A list:set lets go of its members only when the flush's grace period is over.
clear_sets() {
  rules </dev/null
  in_router ipset flush
  for _ in 1 2 3 4 5 6 7 8 9; do if in_router ipset destroy 2>"$work/error"; then return; fi; sleep 0.1; done
  cat "$work/error" >&2
  exit 1
}
sets() { clear_sets; in_router ipset restore; }
has() { clear_sets; in_router ipset create probe "$1" 2>/dev/null; }

# lengths N [FIRST]: entries of N lengths, none of which holds an address of a packet.
lengths() { for ((length = 32; length > 32 - $1; length--)); do echo "172.16.0.0/$length"; done; }

echo "$(uname -sr), $packets packets a round, the fastest of $rounds rounds"
rules </dev/null
echo "an empty chain: $(send) ns a packet"
echo
echo '| FORWARD | ns a packet above the empty chain | |'
echo '|---|---|---|'

for n in 100 1000; do
  rules < <(for ((i = 0; i < n; i++)); do echo '-A FORWARD -d 172.16.0.0/24 -j other'; done)
  row "$n rules that another address ends" "$n" 'a rule'
done

for n in 1 4 8 16 24; do
  sets < <(echo 'create a hash:net'; lengths "$n" | sed 's/^/add a /')
  hundred '-m set --match-set a src'
  row "100 rules over hash:net of $n lengths, a miss" $((100 * n)) 'a length'
done

# Each packet to another address, so that the buckets come from further and further away.
for n in 1000 100000 1000000; do
  sets < <(echo "create a hash:net maxelem $n hashsize $((n / 2))"
    awk -v n=$n 'BEGIN { for (i = 0; i < n; i++) { l = 25 + i % 8
      print "add a 11." int(i / 65536) "." int(i / 256) % 256 "." i % 256 - (i % 256) % 2 ^ (32 - l) "/" l } }' | sort -u)
  rules < <(echo '-A FORWARD -m set --match-set a dst -j other')
  destinations=50000
  row "1 rule over a hash:net of up to $n entries and 8 lengths, ever other addresses" 8 'a length'
  destinations=1000
done

for n in 100 1000; do
  sets < <(printf 'create a hash:net\nadd a 172.16.0.0/24\ncreate b hash:net\nadd b 10.0.0.0/24\n')
  rules < <(for ((i = 0; i < n; i++)); do echo '-A FORWARD -m set --match-set a src -m set --match-set a dst -j other'; done)
  row "$n rules over two hash:net of one length, the first misses" "$n" 'a rule'
  rules < <(for ((i = 0; i < n; i++)); do echo '-A FORWARD -m set --match-set b src -m set --match-set a dst -j other'; done)
  row "$n rules over two hash:net of one length, the second misses" "$n" 'a rule'
  rules < <(for ((i = 0; i < n; i++)); do echo '-A FORWARD -p udp -m multiport --dports 80,443 -m set --match-set a src -j other'; done)
  row "$n rules whose multiport misses" "$n" 'a rule'
done

sets < <(for ((i = 0; i < 1000; i++)); do printf 'create a%d hash:net hashsize 64\nadd a%d 172.16.0.0/24\n' $i $i; done)
rules < <(for ((i = 0; i < 1000; i++)); do echo "-A FORWARD -m set --match-set a$i src -m set --match-set a$i dst -j other"; done)
row '1000 rules over 1000 different hash:net' 1000 'a rule'

for n in 1 2 4 8 16 32; do
  sets < <(for ((i = 0; i < n; i++)); do printf 'create a%d hash:net\nadd a%d 172.16.%d.0/24\n' $i $i $i; done
    echo 'create l list:set size 64'; for ((i = 0; i < n; i++)); do echo "add l a$i"; done)
  hundred '-m set --match-set l src'
  row "100 rules over list:set of $n hash:net of one length, a miss" $((100 * n)) 'a member'
done

# square TYPE K M BEFORE-SECOND: a set of K x M length pairs.
square() {
  sets < <(echo "create a $1"; for ((i = 0; i < $2; i++)); do for ((j = 0; j < $3; j++)); do echo "add a 172.16.0.0/$((32 - i)),${4}172.16.0.0/$((32 - j))"; done; done)
}
for type in net,net net,port,net; do
  port='' direction=src,dst
  if [ $type = net,port,net ]; then port=udp:4242, direction=src,dst,dst; fi
  if ! has "hash:$type"; then echo "| hash:$type | not on this kernel | |"; continue; fi
  for pair in '1 1' '1 4' '2 2' '4 4' '8 8' '1 16' '16 16' '24 24'; do
    read -r k m <<<"$pair"
    square "hash:$type" "$k" "$m" "$port"
    hundred "-m set --match-set a $direction"
    row "100 rules over hash:$type of $k x $m lengths, a miss" $((100 * k * m)) 'a pair'
  done
done

echo
echo '| set | entries | bytes an entry, as the kernel reports them |'
echo '|---|---|---|'
for family in inet inet6; do
  for type in net net,net net,port,net; do
    if ! has "hash:$type"; then echo "| hash:$type $family | | not on this kernel |"; continue; fi
    for n in 1000 10000 100000; do
      awk -v type=$type -v n=$n -v family=$family 'BEGIN {
        print "create a hash:" type " family " family " maxelem 1000000 hashsize " n / 2
        for (i = 0; i < n; i++) {
          p = family == "inet" ? sprintf("10.%d.%d.%d", i / 65536, i / 256 % 256, i % 256) : sprintf("fd00::%x:%x", i / 65536, i % 65536)
          if (type == "net") print "add a " p; else if (type == "net,net") print "add a " p "," p; else print "add a " p ",tcp:80," p
        }
      }' >"$work/sets"
      sets <"$work/sets"
      in_router ipset list -t a | awk -v type=$type -v n=$n -v family=$family '/^Size in memory/ { printf "| hash:%s %s | %d | %.1f |\n", type, family, n, $4 / n }'
    done
  done
done
