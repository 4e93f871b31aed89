using System.Buffers;
using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.KernelTests.Xtables;

/// <summary>Rules as text, beside the iptables programs on the same kernel: each test in a network namespace of its own.</summary>
public sealed class RuleTextTests : IDisposable
{
    private const string Ours = "dcos-isolation";
    private const NetfilterFamily V4 = NetfilterFamily.Inet;
    private const NetfilterFamily V6 = NetfilterFamily.Inet6;

    private readonly string _lockPath = Path.Combine(Path.GetTempPath(), $"xtables-{Guid.NewGuid():n}.lock");

    public void Dispose() => File.Delete(_lockPath);

    [SkippableTheory]
    [InlineData(V4, "-s 10.0.0.0/8 -d 10.1.2.3 -j ACCEPT")]
    [InlineData(V4, "! -s 10.0.0.0/255.0.255.0 -i eth+ ! -o lo -j DROP")]
    [InlineData(V4, "-f -j RETURN")]
    [InlineData(V4, "-p tcp --dport 22 -j ACCEPT")]
    [InlineData(V4, "-p TCP --dport 1024:65535 ! --sport 80 --tcp-flags SYN,ACK,FIN SYN -j REJECT --reject-with tcp-reset")]
    [InlineData(V4, "-p udp -m multiport --dports 53,67:68 -m comment --comment \"two words\" -j RETURN")]
    [InlineData(V4, "-p 17 --sport domain -j ACCEPT")]
    [InlineData(V4, "-m limit --limit 5/min --limit-burst 9 -j LOG --log-prefix \"it's: \" --log-level info --log-uid")]
    [InlineData(V4, "-m conntrack --ctstate NEW,RELATED ! --ctproto tcp -j ACCEPT")]
    [InlineData(V4, "-m state --state ESTABLISHED -j ACCEPT")]
    [InlineData(V4, "-p icmp -m icmp --icmp-type echo-request -j REJECT")]
    [InlineData(V4, "-m mark --mark 0x1/0xff -m mark ! --mark 2 -j NFLOG --nflog-group 7 --nflog-prefix x")]
    [InlineData(V4, "-m hashlimit --hashlimit-name x --hashlimit-upto 10/sec --hashlimit-mode srcip -j ACCEPT")]
    [InlineData(V4, "-m statistic --mode nth --every 3 --packet 1 -j DROP")]
    [InlineData(V4, "-m quota --quota 1000 -j ACCEPT")]
    [InlineData(V4, "-m recent --name x --set -j ACCEPT")]
    [InlineData(V4, "-m string --string evil --algo bm -j DROP")]
    [InlineData(V4, "-m connlimit --connlimit-above 3 -j DROP")]
    [InlineData(V4, "-m comment --comment nothing")]
    [InlineData(V4, "-g other")]
    [InlineData(V4, "-p tcp -j other")]
    [InlineData(V6, "-s fd00::/8 ! -d fd00::1 -j ACCEPT")]
    [InlineData(V6, "-p ipv6-icmp -m icmp6 --icmpv6-type 128 -j REJECT --reject-with icmp6-adm-prohibited")]
    [InlineData(V6, "-p tcp -m tcp --dport 22 -m limit --limit 1/hour -j LOG")]
    [InlineData(V6, "-i eth0 -p udp ! --dport 1:2 -g other")]
    public void A_rule_is_to_the_kernel_what_iptables_makes_of_it(NetfilterFamily family, string text) => InNamespace(held =>
    {
        Iptables.Restore(family, $"*filter\n:other - [0:0]\n:peer - [0:0]\n-A peer {text}\nCOMMIT\n");
        XtablesParsedRule parsed = new XtablesRuleParser(family, "filter") { IsChain = name => name == "other" }.Parse(text);
        XtablesEntry entry = Assert.Single(parsed.Entries);
        Put(family, held, entry);

        using var table = XtablesTable.Open(family, "filter", held);
        XtablesTableRule ours = Assert.Single(table.Rules(Ours));
        XtablesTableRule peers = Assert.Single(table.Rules("peer"));
        Assert.Equal(peers.Entry, ours.Entry);
        string saved = Iptables.Save(family).Split('\n').Single(line => line.StartsWith("[0:0] -A peer", StringComparison.Ordinal))[6..];
        Assert.Equal(saved, $"-A peer {XtablesRuleFormatter.Format(ours)}".TrimEnd());
        Assert.Equal(saved, $"-A peer {XtablesRuleFormatter.Format(entry)}".TrimEnd());
        Assert.False(Put(family, held, entry), "written a second time");
    });

    [SkippableTheory]
    [InlineData("-s 10.0.0.1,10.0.0.2 -d 10.1.0.0/16,10.2.0.0/16 -j ACCEPT")]
    public void Lists_of_addresses_become_rules_in_the_order_of_iptables(string text) => InNamespace(held =>
    {
        Iptables.Restore(V4, $"*filter\n:peer - [0:0]\n-A peer {text}\nCOMMIT\n");
        XtablesParsedRule parsed = new XtablesRuleParser(V4, "filter").Parse(text);
        using var table = XtablesTable.Open(V4, "filter", held);
        Assert.Equal(table.Rules("peer").Select(rule => rule.Entry), parsed.Entries);
        Assert.Equal(4, parsed.Entries.Length);
    });

    [SkippableTheory]
    [InlineData(V4, "-p tcp --dport foo -j ACCEPT", "foo")]
    [InlineData(V4, "-m nosuch -j ACCEPT", "nosuch")]
    [InlineData(V4, "-j NOSUCH", "NOSUCH")]
    [InlineData(V4, "-g nochain", "nochain")]
    [InlineData(V4, "-p tcp --no-such-option", "--no-such-option")]
    [InlineData(V4, "-s 10.0.0.0/33 -j ACCEPT", "33")]
    [InlineData(V4, "-s fd00::/8 -j ACCEPT", "fd00::")]
    [InlineData(V4, "-m limit --limit 5/fortnight", "fortnight")]
    [InlineData(V4, "-s 10.0.0.1 -s 10.0.0.2", "-s")]
    [InlineData(V4, "-A INPUT -j DROP", "-A")]
    [InlineData(V4, "-j LOG --log-prefix", "--log-prefix")]
    [InlineData(V4, "! -j DROP", "!")]
    [InlineData(V4, "-j DROP !", "!")]
    [InlineData(V4, "! ! -s 10.0.0.1", "!")]
    [InlineData(V4, "hello", "hello")]
    [InlineData(V4, "-m ../../../../tmp/evil", "evil")]
    [InlineData(V4, "-p tcp -m tcp --tcp-flags SYN", "")]
    [InlineData(V6, "-s 10.0.0.0/8 -j ACCEPT", "10.0.0.0")]
    [InlineData(V6, "-f", "-f")]
    [InlineData(V6, "-j REJECT --reject-with icmp-net-unreachable", "icmp-net-unreachable")]
    public void What_is_wrong_is_said_and_leaves_no_trace(NetfilterFamily family, string text, string named) => InNamespace(_ =>
    {
        var parser = new XtablesRuleParser(family, "filter");
        ReadOnlyMemory<byte> before = parser.Parse("-p tcp --dport 1 -m limit -j LOG").Entries[0].Bytes;
        XtablesRuleException e = Assert.Throws<XtablesRuleException>(() => parser.Parse(text));
        Assert.Contains(named, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
        Assert.Equal(before.ToArray(), parser.Parse("-p tcp --dport 1 -m limit -j LOG").Entries[0].Bytes.ToArray());
    });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void A_table_is_written_as_iptables_save_writes_it(NetfilterFamily family) => InNamespace(held =>
    {
        ForeignRules.Load(family);
        var output = new ArrayBufferWriter<byte>();
        using (var table = XtablesTable.Open(family, "filter", held))
        {
            XtablesRuleFormatter.WriteTable(table, withCounters: true, output);
        }

        string[] expected = [.. Iptables.Save(family).Split('\n').Where(line => line.Length > 0 && line[0] != '#')];
        Assert.Equal(expected, Encoding.UTF8.GetString(output.WrittenSpan).TrimEnd('\n').Split('\n'));
        Assert.True(expected.Length > 25);
    });

    [SkippableFact]
    public void Warnings_of_extensions_are_told() => InNamespace(_ =>
    {
        XtablesParsedRule parsed = new XtablesRuleParser(V4, "filter") { IsChain = name => name == "LOG" }.Parse("-j LOG");
        Assert.Equal("LOG", parsed.Entries[0].JumpsTo);
        parsed = new XtablesRuleParser(V4, "filter").Parse("-c 5 7 -m state --state NEW -j ACCEPT");
        Assert.Equal(new XtablesCounters(5, 7), parsed.Counters);
        Assert.Empty(new XtablesRuleParser(V4, "filter").Parse("-6 -j ACCEPT").Entries);
    });

    private static bool Put(NetfilterFamily family, XtablesLock held, params XtablesEntry[] entries) => XtablesTransaction.ReplaceChain(
        family,
        held,
        Ours,
        "FORWARD",
        new XtablesRule { Target = new JumpTarget(Ours) },
        [.. entries.Select(entry => new CountedRule(entry, default))]);

    private void InNamespace(Action<XtablesLock> body) => NewNamespace.Run(() =>
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(10), _lockPath);
        body(held);
    });
}
