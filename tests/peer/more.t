# Lines in the format of the package's extensions/*.t, of what those leave out: sets, which the world has when it begins, and what the text
# of a rule is made of.
:INPUT,FORWARD,OUTPUT
-m set --match-set peer4 src;=;OK
-m set ! --match-set peer4 dst;=;OK
-m set --match-set peer4 src --return-nomatch;=;OK
-m set --match-set peer4 src ! --update-counters;=;OK
-m set --match-set peer4 src --packets-gt 5 --bytes-lt 100;=;OK
-m set --match-set peer4 src -m set --match-set peer4 dst -j ACCEPT;=;OK
-m set --match-set peer4 src,dst;;OK
-m set --match-set peer4 src,dst,src,dst,src,dst,src;;FAIL
-m set --match-set peer6 src;=;FAIL
-m set --match-set peer6 src -m tcp -p tcp --dport 80;=;FAIL
-m set --match-set peerlist src,dst;=;OK
-m set --match-set none src;;FAIL
-j SET --add-set peer4 src;=;OK
-j SET --add-set peer4 src --exist --timeout 9;=;OK
-j SET --del-set peer4 src;=;OK
-m comment --comment "two words" -j ACCEPT;=;OK
-m comment --comment "a \"quoted\" word";=;OK
-m comment --comment "a \\ backslash";=;OK
-m comment --comment 'single';=;OK
-m comment --comment "";=;OK
-m comment --comment "%n%s%d";=;OK
-p tcp --dport 80 -j ACCEPT;=;OK
-p tcp --dport http;=;OK
-p 6 -m tcp --dport 80;=;OK
-p udp -m multiport --dports 1,2,3:5 -j DROP;=;OK
-p all;=;OK
-p 0;=;OK
-p 255;=;OK
-p 256;;FAIL
! -p tcp;=;OK
-p ! tcp;;FAIL
-s 10.1.2.3/24 -d 10.9.0.0/255.255.0.0;=;OK
-s 10.1.2.3/255.0.255.0;=;OK
! -s 10.0.0.0/8;=;OK
-s 10.0.0.1,10.0.0.2 -d 10.1.0.0/16,10.2.0.0/16;=;OK
-s fd00::1/64 -d fd00::/ffff::;=;FAIL
! -d fd00::1;=;FAIL
-s ::/0;=;FAIL
-s 0.0.0.0/0;=;OK
-f;=;OK
! -f;=;OK
-j ACCEPT -p tcp;=;OK
-j RETURN;=;OK
-g INPUT;;FAIL
-j NONE;;FAIL
-j;;FAIL
-m;;FAIL
-m none;;FAIL
-p tcp --dpor 80;=;OK
--protocol tcp --destination-port 80 --jump ACCEPT;=;OK
--proto tcp;=;OK
--source 10.0.0.1 --in-interface eth0;=;OK
-p tcp -m conntrack --ctstate NEW,ESTABLISHED -m limit --limit 5/sec -j ACCEPT;=;OK
-p icmp -m icmp --icmp-type 8;=;OK
-p icmpv6 -m icmp6 --icmpv6-type 128;=;OK
-p ipv6-icmp;=;OK
-c 3 180 -j ACCEPT;=;OK
-c 3;;FAIL
-m tcp --dport 80;;FAIL
-p tcp --dport 80 extra;;FAIL
-p tcp -m tcp -m tcp --dport 80;=;OK
-p tcp --dport 80 -m multiport --dports 80;=;OK
