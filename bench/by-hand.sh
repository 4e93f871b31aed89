#!/usr/bin/env bash
# The HR/IT example typed by hand, as the operators of DC/OS did, with its mistakes mended and for both families: what `apply` replaces.
set -eu
for family in inet inet6; do
  if [ "$family" = inet ]; then iptables=iptables-legacy suffix='' hr=192.168.0.0/16 it=10.250.0.0/16
  else iptables=ip6tables-legacy suffix=6 hr=fd00:1::/64 it=fd00:2::/64; fi
  ipset create "hr$suffix" hash:net family $family
  ipset add "hr$suffix" $hr
  ipset create "it$suffix" hash:net family $family
  ipset add "it$suffix" $it
  ipset create "overlays$suffix" list:set
  ipset add "overlays$suffix" "hr$suffix"
  ipset add "overlays$suffix" "it$suffix"
  $iptables -N dcos-isolation
  $iptables -A dcos-isolation -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
  $iptables -A dcos-isolation -m set --match-set "hr$suffix" src -m set --match-set "hr$suffix" dst -j RETURN
  $iptables -A dcos-isolation -m set --match-set "it$suffix" src -m set --match-set "it$suffix" dst -j RETURN
  $iptables -A dcos-isolation -p tcp --dport 80 -m set --match-set "hr$suffix" src -m set --match-set "it$suffix" dst -j RETURN
  $iptables -A dcos-isolation -j REJECT
  $iptables -I FORWARD -m set --match-set "overlays$suffix" src -m set --match-set "overlays$suffix" dst -j dcos-isolation
done
