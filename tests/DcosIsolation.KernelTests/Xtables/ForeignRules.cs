using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>Somebody else's table: many extensions, counters, jumps, gotos, a policy; and what of it must never change.</summary>
internal static class ForeignRules
{
    public static void Load(NetfilterFamily family)
    {
        bool isIpv4 = family == NetfilterFamily.Inet;
        string net = isIpv4 ? "192.0.2.0/24" : "2001:db8::/32";
        string icmp = isIpv4 ? "-p icmp -m icmp --icmp-type 8" : "-p ipv6-icmp -m icmp6 --icmpv6-type 128";
        string own = isIpv4
            ? "[9:90] -A FORWARD -f -j DROP\n[1:2] -A zulu -m ttl --ttl-eq 3 -j ACCEPT\n[1:3] -A zulu -m addrtype --dst-type LOCAL\n"
            : "[1:4] -A zulu -p tcp -m length --length 60 -j ACCEPT\n";
        Iptables.Restore(family, $"""
            *filter
            :INPUT DROP [11:22]
            :FORWARD ACCEPT [33:44]
            :OUTPUT ACCEPT [55:66]
            :alpha - [0:0]
            :zulu - [0:0]
            [1:100] -A INPUT -i lo -j ACCEPT
            [2:200] -A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            [3:300] -A INPUT {icmp} -m limit --limit 5/min -j ACCEPT
            [4:400] -A INPUT -p tcp -m tcp --dport 22 --tcp-flags SYN,ACK SYN -j ACCEPT
            [5:500] -A INPUT -p udp -m udp --sport 53 --dport 1024:65535 -j ACCEPT
            [6:600] -A INPUT -p tcp -m multiport --sports 1,2,3 -j DROP
            [7:700] -A FORWARD -s {net} -j alpha
            [8:800] -A FORWARD -d {net} -g zulu
            [9:900] -A FORWARD ! -i eth+ -o br0 -j zulu
            [10:1000] -A FORWARD -m mark --mark 0x1/0xff -j RETURN
            [11:1100] -A FORWARD -m statistic --mode random --probability 0.5 -j DROP
            [12:1200] -A FORWARD -m quota --quota 1000 -j ACCEPT
            [13:1300] -A OUTPUT -m owner --uid-owner 0 -j ACCEPT
            [14:1400] -A OUTPUT -p tcp -m connlimit --connlimit-above 3 -j DROP
            [15:1500] -A OUTPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-name foreign -j ACCEPT
            [16:1600] -A OUTPUT -m string --string evil --algo bm -j DROP
            [17:1700] -A alpha -m comment --comment "not \"ours\""
            [18:1800] -A alpha -m length --length 10:20 -j NFQUEUE --queue-num 0
            [19:1900] -A alpha -m pkttype --pkt-type broadcast -j DROP
            [20:2000] -A alpha -p tcp -j REJECT --reject-with tcp-reset
            [21:2100] -A alpha -m mac --mac-source 00:11:22:33:44:55 -j DROP
            [22:2200] -A alpha -m u32 --u32 "0x0&0xff=0x1" -j ACCEPT
            [23:2300] -A alpha -m connbytes --connbytes 10: --connbytes-dir both --connbytes-mode packets -j zulu
            [24:2400] -A zulu -m physdev --physdev-is-in -j DROP
            [25:2500] -A zulu -j LOG --log-prefix "foreign " --log-level 4
            {own}COMMIT

            """);
    }

    /// <summary>iptables-save -c without the lines about a chain, and without the dates.</summary>
    public static string Save(NetfilterFamily family, string without) => string.Join(
        '\n',
        Iptables.Save(family).Split('\n').Where(line =>
            !line.StartsWith('#') && !line.Contains($"-A {without} ", StringComparison.Ordinal)
            && !line.Contains($"-j {without}", StringComparison.Ordinal) && !line.StartsWith($":{without} ", StringComparison.Ordinal)));

    /// <summary>The rules of every other chain, less jumps to this one: bytes and counters.</summary>
    public static List<string> Bytes(NetfilterFamily family, string without)
    {
        using var table = XtablesTable.Open(family, "filter");
        return
        [
            .. from chain in table.Chains
               where chain != without
               from rule in table.Rules(chain)
               where rule.JumpsTo != without
               select $"{chain} {rule.Counters} {Convert.ToHexString(rule.Normalized)}",
        ];
    }
}
