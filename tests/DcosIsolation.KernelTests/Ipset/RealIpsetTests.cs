using System.Net;
using DcosIsolation.KernelTests.Xtables;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.KernelTests.Ipset.SetTypes;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>The real ipset program and the library see the same sets.</summary>
public sealed class RealIpsetTests
{
    public static TheoryData<IpsetType, NetfilterFamily> Hashes => SetTypes.Hashes;

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void It_saves_what_the_library_made(IpsetType type, NetfilterFamily family) => Run(type, family, client =>
    {
        client.Create("s", type, family, new IpsetCreateOptions { HashSize = 256, MaxElem = 5000, Comments = true });
        IpsetEntry[] entries = [.. Various(type, family), Entry(type, family, 9) with { Comment = "in words" }];
        client.AddRange<IpsetEntry>("s", entries);

        string[] saved = Ipset("save").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith(
            $"create s {type.Name()} family {(family == V4 ? "inet" : "inet6")} hashsize 256 maxelem 5000 comment", saved[0],
            StringComparison.Ordinal);
        Assert.Equal(
            entries.Select(entry => $"add s {entry}").Order(StringComparer.Ordinal),
            saved[1..].Order(StringComparer.Ordinal));
    });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void The_library_reads_what_it_made(IpsetType type, NetfilterFamily family) => Run(type, family, client =>
    {
        IpsetEntry[] entries = [.. Various(type, family), Entry(type, family, 9) with { Comment = "in words" }];
        string lines = string.Concat(entries.Select(entry => $"add s {entry}\n"));
        Ipset("restore", $"create s {type.Name()} family {(family == V4 ? "inet" : "inet6")} comment\n{lines}");
        client.AssertHolds("s", entries);
        Assert.Equal((uint)entries.Length, client.GetInfo("s")!.Elements);
    });

    [SkippableFact]
    public void Every_option_of_an_entry_is_read() => Run(IpsetType.HashNet, V4, client =>
    {
        Ipset("restore", "create s hash:net timeout 300 counters comment skbinfo forceadd bucketsize 8 initval 0x1234\n" +
            "add s 10.0.0.0/8 packets 7 bytes 8 timeout 100000 comment \"in words\" skbmark 0x10/0xff skbprio 1:2 skbqueue 3 nomatch\n");
        IpsetEntry entry = Assert.Single(client.ReadAll("s"));
        Assert.InRange(entry.Timeout ?? 0, 99_000u, 100_000u);
        IpsetEntry expected = IpsetEntry.Net(IPNetwork.Parse("10.0.0.0/8")) with
        {
            Packets = 7,
            Bytes = 8,
            Timeout = entry.Timeout,
            Comment = "in words",
            SkbMark = new IpsetSkbMark(0x10, 0xff),
            SkbPriority = 0x10002,
            SkbQueue = 3,
            NoMatch = true,
        };
        Assert.Equal(expected, entry);
        IpsetCreateOptions options = client.GetInfo("s")!.Options;
        Assert.Equal((300u, true, true, true), (options.Timeout, options.Counters, options.Comments, options.SkbInfo));
        Assert.Equal((true, (byte)8, 0x1234u), (options.ForceAdd, options.BucketSize, options.InitVal));
    });

    [SkippableFact]
    public void A_set_of_a_type_that_the_library_does_not_speak_is_listed_but_not_read() => Run(IpsetType.HashNet, V4, client =>
    {
        // Long enough for several datagrams: the dump that is given up must not stand in the way of the next.
        Ipset("restore", "create foreign bitmap:port range 0-65535\n" +
            string.Concat(Enumerable.Range(1, 5000).Select(port => $"add foreign {port}\n")));
        Assert.Equal(("bitmap:port", null), (client.GetInfo("foreign")!.TypeName, client.GetInfo("foreign")!.Type));
        Assert.Equal(
            "the entries of foreign cannot be read: this library does not speak bitmap:port",
            Assert.Throws<NotSupportedException>(() => client.ReadAll("foreign")).Message);
        Assert.Equal("foreign", Assert.Single(client.List()).Name);
    });

    private static string Ipset(string arguments, string input = "") => Iptables.Run("ipset", arguments, input);
}
