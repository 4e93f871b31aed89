using DcosIsolation.KernelTests.Daemon;
using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.IptablesCommand;

/// <summary>Rules of many extensions, as iptables-save prints them, as far as the kernel at hand takes them.</summary>
internal static class Rules
{
    private static readonly string[] s_both =
    [
        "-j ACCEPT",
        "-p tcp -m tcp --dport 22 --tcp-flags SYN,ACK SYN -j ACCEPT",
        "! -p udp -j RETURN",
        "-i eth+ ! -o br0 -j side",
        "-p tcp -m multiport --dports 80,443,8000:8080 -j ACCEPT",
        "-m limit --limit 5/min --limit-burst 7 -j ACCEPT",
        "-m comment --comment \"quoted \\\"words\\\" and it's spaces\" -j DROP",
        "-m comment --comment plain -j DROP",
        "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
        "-m mark --mark 0x1/0xff -j RETURN",
        "-m length --length 100:200 -j DROP",
        "-m state --state NEW -j ACCEPT",
        "-m mac --mac-source 00:11:22:33:44:55 -j DROP",
        "-m hashlimit --hashlimit-upto 5/sec --hashlimit-burst 5 --hashlimit-mode srcip --hashlimit-name one -j ACCEPT",
        "-m statistic --mode random --probability 0.50000000000 -j ACCEPT",
        "-m set --match-set s src -j DROP",
        "-j LOG --log-prefix \"in words: \" --log-level 6",
        "-j NFLOG --nflog-prefix \"more words\" --nflog-group 2",
        "-p tcp -m tcp --dport 25 -j REJECT --reject-with tcp-reset",
        "-g side",
        "-j odd*(name);",
        "",
    ];

    private static readonly string[] s_ipv4 =
    [
        "-s 10.0.0.0/8 -d 192.168.1.1/32 -j ACCEPT",
        "-s 10.0.0.0/255.0.255.0 -j ACCEPT",
        "-f -j DROP",
        "-p icmp -m icmp --icmp-type 8 -j ACCEPT",
        "-m iprange --src-range 10.0.0.1-10.0.0.9 -j ACCEPT",
        "-j REJECT --reject-with icmp-host-prohibited",
    ];

    private static readonly string[] s_ipv6 =
    [
        "-s fd00::/8 -d fd00:1::1/128 -j ACCEPT",
        "-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j ACCEPT",
        "-m iprange --src-range fd00::1-fd00::9 -j ACCEPT",
        "-j REJECT --reject-with icmp6-adm-prohibited",
    ];

    /// <summary>The name that the programs' names begin with.</summary>
    public static string Prefix(bool isInet6) => isInet6 ? "ip6tables" : "iptables";

    /// <summary>A table filter with this many rules, chains and policies, with counters.</summary>
    public static string Filter(Node node, bool isInet6, int count)
    {
        node.Exec(["ipset", "-exist", "create", "s", "hash:net", "family", isInet6 ? "inet6" : "inet"]).EnsureSuccess();
        List<string> taken = Taken(node, isInet6);
        var lines = new List<string>(count + 10)
        {
            "*filter", ":INPUT ACCEPT [1:20]", ":FORWARD DROP [300:4000]", ":OUTPUT ACCEPT [0:0]", ":odd*(name); - [0:0]", ":side - [0:0]",
        };
        for (int i = 0; i < count; i++)
        {
            string rule = taken[i % taken.Count];
            bool leaves = rule.Contains("-o ", StringComparison.Ordinal);
            lines.Add($"[{i}:{(long)i * 1500}] -A {(i % 3 == 0 && !leaves ? "INPUT" : "FORWARD")} {rule}".TrimEnd());
        }

        lines.Add("[7:8] -A side -j RETURN");
        lines.Add("COMMIT");
        return string.Join('\n', lines) + "\n";
    }

    /// <summary>Tables of all kinds, those that the kernel has, few rules in each.</summary>
    public static string All(Node node, bool isInet6)
    {
        string address = isInet6 ? "fd00::1" : "10.0.0.1";
        string[][] others =
        [
            ["*nat", ":PREROUTING ACCEPT [0:0]", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ":POSTROUTING ACCEPT [2:3]",
                $"[1:60] -A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination {address}",
                $"-A POSTROUTING -s {address} -j SNAT --to-source {address}", "-A POSTROUTING -o eth0 -j MASQUERADE"],
            ["*mangle", ":PREROUTING ACCEPT [0:0]", ":INPUT DROP [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]",
                ":POSTROUTING ACCEPT [0:0]", "[3:4] -A PREROUTING -i eth0 -j MARK --set-xmark 0x1/0xffffffff"],
            ["*raw", ":PREROUTING ACCEPT [0:0]", ":OUTPUT ACCEPT [9:9]", "-A PREROUTING -j DROP"],
            ["*security", ":INPUT ACCEPT [0:0]", ":FORWARD ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", "-A INPUT -j DROP"],
        ];
        string all = Filter(node, isInet6, 60);
        foreach (string[] table in others)
        {
            string text = string.Join('\n', table) + "\nCOMMIT\n";
            if (Peer(node, isInet6, "restore", ["-c"], text).ExitCode == 0)
            {
                all += text;
            }
        }

        return all;
    }

    /// <summary>Runs iptables-legacy-save or -restore.</summary>
    public static ProgramResult Peer(Node node, bool isInet6, string what, string[] arguments, string? input = null) =>
        node.Exec(["env", $"XTABLES_LOCKFILE={node.LockFile}", $"{Prefix(isInet6)}-legacy-{what}", .. arguments], input);

    /// <summary>Runs the binary as iptables-save or -restore.</summary>
    public static ProgramResult Ours(Node node, bool isInet6, string what, string[] arguments, string? input = null) =>
        node.Exec(node.Netlinkd([$"{Prefix(isInet6)}-{what}", .. arguments]), input);

    /// <summary>What a save printed, less the comments that name a program and a time.</summary>
    public static string WithoutComments(string text) =>
        string.Join('\n', text.Split('\n').Where(line => !line.StartsWith("# Generated by ", StringComparison.Ordinal)
            && !line.StartsWith("# Completed on ", StringComparison.Ordinal)));

    /// <summary>All tables of a family as the peer sees them, with counters.</summary>
    public static string State(Node node, bool isInet6) =>
        WithoutComments(Peer(node, isInet6, "save", ["-c"]).EnsureSuccess().Output);

    private static List<string> Taken(Node node, bool isInet6)
    {
        var taken = new List<string>();
        foreach (string rule in s_both.Concat(isInet6 ? s_ipv6 : s_ipv4))
        {
            string text = $"*filter\n:side - [0:0]\n:odd*(name); - [0:0]\n-A FORWARD {rule}\nCOMMIT\n";
            if (Peer(node, isInet6, "restore", [], text).ExitCode == 0)
            {
                taken.Add(rule);
            }
        }

        Peer(node, isInet6, "restore", [], "*filter\nCOMMIT\n").EnsureSuccess();
        return taken;
    }
}
