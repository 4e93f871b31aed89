#!/bin/bash
# Recaptures tests/DcosIsolation.Netlink.Tests/Golden/ipset/*.txt: what the ipset program and a kernel say to each other, taken
# by strace. A developer's tool; CI doesn't run it.
#   native-tests/capture-golden.sh [RUNNER...]
# RUNNER runs a command as root on a kernel that has every set type, for instance a lab kernel; without one, the command runs on
# this machine in a new network namespace (unshare -n). Needed: ipset, strace, awk, make, a C compiler.
# A recapture differs from the last one in sequence numbers, port ids, the random seeds of hash tables and what follows from those: the
# order of entries and the size in memory.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
golden=$here/../tests/DcosIsolation.Netlink.Tests/Golden/ipset

if [ "${1-}" != --inside ]; then
  make -s -C "$here" build/exchange
  mkdir -p "$golden"
  rm -f "$golden"/*.txt
  [ $# -gt 0 ] || set -- unshare -n
  "$@" bash "$here/capture-golden.sh" --inside |
    awk -v into="$golden" '/^=== / { close(file); file = into "/" $2 ".txt"; printf "" > file; next } file { print > file }'
  exit
fi

trace=$(mktemp)
about="$(ipset version | head -1); $(uname -srm)"

# fresh COMMAND-LINE...: no sets but those that these command lines make; the file says so.
fresh() {
  ipset flush; ipset destroy
  given=$(printf '# given: ipset %s\n' "$@")
  for line; do eval "ipset $line"; done
}
none() { ipset flush; ipset destroy; given=; }

# capture NAME COMMAND...: one golden file. What the command reads on its standard input is part of the file's comment.
capture() {
  local name=$1 input='' status=0; shift
  [ -t 0 ] || input=$(cat)
  strace -o "$trace" -e trace=sendto,recvmsg -e signal=none -e read=all -e write=all "$@" <<<"$input" >/tmp/output 2>&1 || status=$?
  echo "=== $name"
  local program=${1##*/}; shift
  echo "# command:" "$program" "$@"
  [ -z "$input" ] || printf '# input: %s\n' "${input//$'\n'/$'\n'# input: }"
  [ -z "$given" ] || echo "$given"
  echo "# with: $about"
  sed 's/^/# printed: /; s/ *$//' /tmp/output
  echo "# exit status: $status"
  awk -f "$here/strace-to-golden.awk" "$trace"
}
ipset_() { local name=$1; shift; capture "$name" ipset "$@" </dev/null; }

none
ipset_ protocol version

# A set type under test: its short name in file names, the type, and for each family the members that are added.
types=(
  "net hash:net"
  "net-net hash:net,net"
  "net-port-net hash:net,port,net"
)
member() { # SHORT FAMILY: a member of that type
  case $1-$2 in
    net-inet) echo 10.1.2.0/24 ;;
    net-inet6) echo 2001:db8:1::/48 ;;
    net-net-inet) echo 10.1.0.0/16,192.168.7.0/24 ;;
    net-net-inet6) echo 2001:db8:1::/48,2001:db8:2:3::/64 ;;
    net-port-net-inet) echo 10.1.0.0/16,tcp:443,192.168.7.0/24 ;;
    net-port-net-inet6) echo 2001:db8:1::/48,tcp:443,2001:db8:2:3::/64 ;;
    *) return 1 ;;
  esac
}
host() { # SHORT FAMILY: a single-host member, whose prefix lengths ipset leaves out
  case $1-$2 in
    net-inet) echo 10.1.2.3 ;;
    net-inet6) echo 2001:db8:1::7 ;;
    net-net-inet) echo 10.1.2.3,192.168.7.9 ;;
    net-net-inet6) echo 2001:db8:1::7,2001:db8:2::9 ;;
    net-port-net-inet) echo 10.1.2.3,udp:53,192.168.7.9 ;;
    net-port-net-inet6) echo 2001:db8:1::7,udp:53,2001:db8:2::9 ;;
    *) return 1 ;;
  esac
}

for entry in "${types[@]}"; do
  read -r short type <<<"$entry"
  for family in inet inet6; do
    one=$(member "$short" "$family") single=$(host "$short" "$family")
    none
    ipset_ "create-$short-$family" create s "$type" family "$family"
    none
    ipset_ "create-$short-$family-sized" create s "$type" family "$family" hashsize 4096 maxelem 100000
    none
    ipset_ "create-$short-$family-options" create s "$type" family "$family" bucketsize 8 initval 0x12345678 timeout 300 counters comment

    fresh "create s $type family $family"
    ipset_ "add-$short-$family" add s "$one"
    ipset_ "test-$short-$family-true" test s "$one"
    ipset_ "del-$short-$family" del s "$one"
    ipset_ "test-$short-$family-false" test s "$one"
    ipset_ "add-$short-$family-host" add s "$single"
    ipset_ "del-$short-$family-missing" del s "$one"
    ipset_ "add-$short-$family-nomatch" add s "$one" nomatch
    ipset_ "add-$short-$family-exists" add s "$one"
    ipset_ "add-$short-$family-exist" add -exist s "$one"

    fresh "create s $type family $family" "add s $one" "add s $single nomatch"
    ipset_ "list-$short-$family" list s
    ipset_ "save-$short-$family" save s
    fresh "create s $type family $family timeout 300 counters comment" "add s $one timeout 100 packets 3 bytes 400 comment first-of-two"
    ipset_ "list-$short-$family-extensions" list s
    ipset_ "add-$short-$family-extensions" add s "$single" timeout 100 packets 3 bytes 400 comment second-of-two
  done
done

for family in inet inet6; do
  [ $family = inet ] && near=10.1.0.0/16 far=192.168.7.0/24 icmp=icmp:echo-request
  [ $family = inet6 ] && near=2001:db8:1::/48 far=2001:db8:2:3::/64 icmp=icmpv6:echo-request
  fresh "create s hash:net,port,net family $family"
  ipset_ "add-net-port-net-$family-udp" add s "$near,udp:53,$far"
  ipset_ "add-net-port-net-$family-sctp" add s "$near,sctp:132,$far"
  ipset_ "add-net-port-net-$family-icmp" add s "$near,$icmp,$far"
  ipset_ "add-net-port-net-$family-protocol" add s "$near,47:0,$far"
  ipset_ "add-net-port-net-$family-range" add s "$near,tcp:8000-8010,$far"
  fresh "create s hash:net,port,net family $family" "add s $near,tcp:443,$far" "add s $near,udp:53,$far" "add s $near,$icmp,$far" \
    "add s $near,47:0,$far"
  ipset_ "list-net-port-net-$family-protocols" list s
done

# list:set. A list has no family of its own.
none
ipset_ create-list create l list:set
none
ipset_ create-list-sized create l list:set size 16
fresh "create a hash:net" "create b hash:net" "create c hash:net family inet6" "create l list:set"
ipset_ add-list add l a
ipset_ add-list-before add l b before a
ipset_ add-list-after add l c after a
ipset_ test-list-true test l a
ipset_ list-list list l
ipset_ list-list-member list a
ipset_ save-list save l
ipset_ del-list del l b
ipset_ test-list-false test l b
ipset_ del-list-missing del l b
ipset_ add-list-exists add l a
ipset_ destroy-referenced destroy a
ipset_ rename-referenced rename a z
fresh "create l list:set" "create m list:set"
ipset_ add-list-missing-member add l nothing
ipset_ add-list-loop add l m

# Commands upon whole sets.
fresh "create a hash:net" "create b hash:net" "create n hash:net,net" "add a 10.0.0.0/8" "add b 172.16.0.0/12"
ipset_ list-names list -n
ipset_ list-terse list -t a
ipset_ list-terse-all list -t
ipset_ list-all list
ipset_ save-all save
ipset_ swap swap a b
ipset_ swap-type-mismatch swap a n
ipset_ swap-missing swap a nothing
ipset_ swap-missing-first swap nothing a
ipset_ rename rename b c
ipset_ rename-exists rename a c
ipset_ rename-missing rename nothing z
ipset_ flush flush a
ipset_ flush-all flush
ipset_ flush-missing flush nothing
ipset_ create-exists create a hash:net
ipset_ create-exists-same create -exist a hash:net
ipset_ create-exists-other create -exist a hash:net maxelem 7
ipset_ destroy destroy a
ipset_ destroy-missing destroy a
ipset_ destroy-missing-exist destroy -exist a
ipset_ destroy-all destroy
ipset_ list-missing list nothing
ipset_ list-empty list
ipset_ add-missing add nothing 10.0.0.0/8
ipset_ test-missing test nothing 10.0.0.0/8
fresh "create full hash:net maxelem 1" "add full 10.0.0.0/8"
ipset_ add-full add full 11.0.0.0/8
fresh "create s hash:net" "create t hash:net,port,net"
ipset_ add-hash-net-default-route add s 0.0.0.0/0
ipset_ add-range add s 10.0.0.1-10.0.0.6
ipset_ add-counters-without add s 10.0.0.0/8 packets 1 bytes 2
ipset_ add-timeout-without add s 10.0.0.0/8 timeout 5
ipset_ add-comment-without add s 10.0.0.0/8 comment nothing

# A dump longer than one datagram.
none
{ echo create s hash:net; for i in {0..255}; do echo "add s 10.0.$i.0/24"; done; } | ipset restore
given="# given: create s hash:net, and 256 times add s 10.0.N.0/24"
ipset_ list-long list s

# Batches.
none
capture restore-create ipset restore <<'END'
create a hash:net family inet hashsize 1024 maxelem 65536
create b hash:net family inet6 hashsize 1024 maxelem 65536
END
fresh "create s hash:net"
capture restore-add ipset restore <<'END'
add s 10.0.0.0/24
add s 10.0.1.0/24
add s 10.0.2.0/24 nomatch
add s 10.0.3.4
add s 10.0.4.0/22
END
capture restore-del ipset restore <<'END'
del s 10.0.0.0/24
del s 10.0.1.0/24
END
fresh "create s hash:net family inet6"
capture restore-add-inet6 ipset restore <<'END'
add s 2001:db8:1::/48
add s 2001:db8:2::/48
add s 2001:db8:3::7
END
fresh "create s hash:net,port,net"
capture restore-add-net-port-net ipset restore <<'END'
add s 10.0.0.0/24,tcp:80,10.1.0.0/24
add s 10.0.0.0/24,udp:53,10.1.0.0/24
add s 10.0.0.0/24,icmp:echo-request,10.1.0.0/24 nomatch
END
none
capture restore-whole ipset restore <<'END'
create a hash:net family inet
add a 10.0.0.0/24
add a 10.0.1.0/24
create l list:set size 8
add l a
END
fresh "create s hash:net"
capture restore-entry-exists ipset restore <<'END'
add s 10.0.0.0/24
add s 10.0.1.0/24
add s 10.0.0.0/24
add s 10.0.2.0/24
END
fresh "create s hash:net"
capture restore-exist ipset -exist restore <<'END'
add s 10.0.0.0/24
add s 10.0.0.0/24
END

# What the ipset program never sends, from exchange: the requests are the project's own, the replies the kernel's.
# 0106 PROTOCOL, 0206 CREATE, 0306 DESTROY, 0706 LIST, 0906 ADD, 0c06 HEADER, 0d06 TYPE, 0e06 GET_BYNAME, 0f06 GET_BYINDEX.
exchange() { capture "$1" "$here/build/exchange" "${@:2}"; }
fresh "create s hash:net"
exchange header <<'END'
24000000 0c06 0100 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000
END
exchange header-missing <<'END'
24000000 0c06 0100 01000000 00000000 02000000 0500 0100 07000000 0600 0200 7a000000
END
exchange get-byname <<'END'
24000000 0e06 0100 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000
END
exchange get-byname-missing <<'END'
24000000 0e06 0100 01000000 00000000 02000000 0500 0100 07000000 0600 0200 7a000000
END
exchange get-byindex <<'END'
24000000 0f06 0100 01000000 00000000 02000000 0500 0100 07000000 0600 0b40 00000000
END
exchange get-byindex-missing <<'END'
24000000 0f06 0100 01000000 00000000 02000000 0500 0100 07000000 0600 0b40 00ff0000
END
exchange error-protocol-5 <<'END'
24000000 0c06 0500 01000000 00000000 02000000 0500 0100 05000000 0600 0200 73000000
END
exchange error-no-protocol <<'END'
1c000000 0c06 0500 01000000 00000000 02000000 0600 0200 73000000
END
exchange list-missing-with-ack <<'END'
24000000 0706 0503 01000000 00000000 02000000 0500 0100 07000000 0600 0200 7a000000
END
exchange type-unknown <<'END'
30000000 0d06 0100 01000000 00000000 02000000 0500 0100 07000000 0b00 0300 686173683a7800 00 0500 0500 02000000
END
exchange create-unknown-revision <<'END'
48000000 0206 0506 01000000 00000000 02000000 0500 0100 07000000 0600 0200 6e000000 0d00 0300 686173683a6e657400 000000 0500 0400 63000000 0500 0500 02000000 0400 0780
END
exchange add-other-family <<'END'
48000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 2400 0780 1800 0180 1400 0240 20010db8000000000000000000000000 0500 0300 20000000
END
exchange add-batch-without-lineno <<'END'
40000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 1c00 0880 1800 0780 0c00 0180 0800 0140 0a000000 0500 0300 08000000
END
exchange add-data-not-nested <<'END'
3c000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 1800 0700 0c00 0180 0800 0140 0a000000 0500 0300 08000000
END
exchange add-unknown-attribute <<'END'
44000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 2000 0780 0c00 0180 0800 0140 0b000000 0500 0300 08000000 0500 2800 01000000
END
exchange flush-unknown-attribute <<'END'
2c000000 0406 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 0500 2800 01000000
END
exchange flush-name-without-nul -x <<'END'
24000000 0406 0500 01000000 00000000 02000000 0500 0100 07000000 0500 0200 73000000
END
exchange request-without-request-flag <<'END'
24000000 0406 0400 01000000 00000000 02000000 0500 0100 07000000 0600 0200 7a000000
END
exchange add-prefix-too-long <<'END'
3c000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 1800 0780 0c00 0180 0800 0140 0a000000 0500 0300 21000000
END
exchange add-prefix-too-long-ext-ack -x <<'END'
3c000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000 1800 0780 0c00 0180 0800 0140 0a000000 0500 0300 21000000
END
exchange error-name-too-long <<'END'
44000000 0c06 0500 01000000 00000000 02000000 0500 0100 07000000 2500 0200 6161616161616161 6161616161616161 6161616161616161 6161616161616161 00000000
END
exchange error-name-too-long-ext-ack -x <<'END'
44000000 0c06 0500 01000000 00000000 02000000 0500 0100 07000000 2500 0200 6161616161616161 6161616161616161 6161616161616161 6161616161616161 00000000
END
exchange error-name-too-long-ext-ack-capped '-x -c' <<'END'
44000000 0c06 0500 01000000 00000000 02000000 0500 0100 07000000 2500 0200 6161616161616161 6161616161616161 6161616161616161 6161616161616161 00000000
END
exchange two-messages-one-datagram <<'END'
24000000 0406 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 7a000000 24000000 0406 0500 02000000 00000000 02000000 0500 0100 07000000 0600 0200 73000000
END
fresh "create t hash:net,port,net"
exchange add-protocol-missing <<'END'
48000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 74000000 2400 0780 0c00 0180 0800 0140 0a000000 0600 0440 00500000 0c00 1480 0800 0140 0b000000
END
exchange add-protocol-zero <<'END'
50000000 0906 0500 01000000 00000000 02000000 0500 0100 07000000 0600 0200 74000000 2c00 0780 0c00 0180 0800 0140 0a000000 0600 0440 00500000 0500 0700 00000000 0c00 1480 0800 0140 0b000000
END
none
