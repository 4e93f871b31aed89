#!/bin/bash
# Prints ipv4.txt or ipv6.txt: rules made by the real iptables, and their bytes as the kernel returns them. Needs root of a kernel with all
# set types; does everything in a network namespace of its own.
#   cc -o /var/tmp/dump4 dump.c -lip4tc; cc -DIPV6 -o /var/tmp/dump6 dump.c -lip6tc; unshare -n ./capture.sh 4 /var/tmp/dump4
set -eu
family=$1 dump=$2
export XTABLES_LOCKFILE=/dev/null

# Sets before the ones that count, so that their indexes take two bytes: 259, 260, 261.
for i in $(seq 0 258); do echo "create filler$i list:set size 1"; done | ipset restore
case $family in
4) iptables=iptables-legacy sets=inet prefix=10.1.0.0/16 host=10.1.2.3/32 odd=172.16.0.0/13 icmp=icmp
   icmp_echo='-m icmp --icmp-type 8' icmp_code='-m icmp --icmp-type 3/4' ;;
6) iptables=ip6tables-legacy sets=inet6 prefix=fd01::/16 host=fd01::2:3/128 odd=fd80:8000::/33 icmp=ipv6-icmp
   icmp_echo='-m icmp6 --icmpv6-type 128' icmp_code='-m icmp6 --icmpv6-type 1/4' ;;
esac
ipset create net hash:net family $sets
ipset create netnet hash:net,net family $sets
ipset create netportnet hash:net,port,net family $sets
$iptables -N elsewhere

while read -r rule; do
  [ -n "$rule" ] || continue
  $iptables -F FORWARD
  # shellcheck disable=SC2086
  eval "$iptables -A FORWARD $rule"
  echo "# $iptables -A FORWARD $rule"
  $dump
  echo
done <<RULES
-j DROP
-j ACCEPT
-j RETURN
-j REJECT
-j elsewhere
-s $prefix -j DROP
-d $host -j DROP
-s $odd -d $prefix -j DROP
-p tcp -j DROP
-m set --match-set net src -j DROP
-m set --match-set net dst -j DROP
-m set ! --match-set netnet src,dst -j DROP
-m set --match-set netportnet src,dst,dst -j DROP
-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-m conntrack ! --ctstate INVALID,NEW,UNTRACKED,SNAT,DNAT -j RETURN
-m comment --comment "policy 0123456789abcdef" -j DROP
-p tcp -m multiport --dports 22,80,8000:8010,443 -j DROP
-p udp -m multiport ! --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,65535 -j DROP
-p $icmp $icmp_echo -j DROP
-p $icmp $icmp_code -j DROP
-s $prefix -p tcp -m multiport --dports 443 -m set --match-set net src -m set ! --match-set netportnet src,dst,dst -m comment --comment "web" -j REJECT
-p tcp -m multiport --sports 22,8000:8010 -j DROP
-p udp -m multiport ! --ports 53 -j DROP
-m limit --limit 10/second -j LOG --log-prefix "denied: "
-m limit --limit 7/hour --limit-burst 9 -j NFLOG --nflog-prefix "denied: " --nflog-group 7
-j LOG --log-prefix 12345678901234567890123456789 --log-level 7
-j LOG
-j NFLOG
RULES
