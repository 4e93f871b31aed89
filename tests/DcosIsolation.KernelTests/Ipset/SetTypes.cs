using System.Net;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>The set types that the library speaks, in the families that they come in, and entries for each.</summary>
internal static class SetTypes
{
    public const NetfilterFamily V4 = NetfilterFamily.Inet;
    public const NetfilterFamily V6 = NetfilterFamily.Inet6;

    public static TheoryData<IpsetType, NetfilterFamily> Hashes => new()
    {
        { IpsetType.HashNet, V4 },
        { IpsetType.HashNet, V6 },
        { IpsetType.HashNetNet, V4 },
        { IpsetType.HashNetNet, V6 },
        { IpsetType.HashNetPortNet, V4 },
        { IpsetType.HashNetPortNet, V6 },
    };

    /// <summary>
    /// Runs a test's body in a namespace of its own with a client, or skips the test where the kernel lacks one of the set types.
    /// </summary>
    public static void Run(IEnumerable<(IpsetType Type, NetfilterFamily Family)> needed, Action<IpsetClient> body) => NewNamespace.Run(() =>
    {
        using var client = IpsetClient.Open();
        foreach ((IpsetType type, NetfilterFamily family) in needed)
        {
            Skip.If(client.GetRevisions(type, family) is null, $"the kernel has no {type.Name()} for {family}");
        }

        body(client);
    });

    public static void Run(IpsetType type, NetfilterFamily family, Action<IpsetClient> body) => Run([(type, family)], body);

    /// <summary>The <paramref name="i"/>th of very many different entries, all of one prefix length.</summary>
    public static IpsetEntry Entry(IpsetType type, NetfilterFamily family, int i)
    {
        IpsetPrefix first = Prefix(family, i, family == V4 ? (byte)30 : (byte)64);
        IpsetPrefix second = Prefix(family, 7, family == V4 ? (byte)16 : (byte)48);
        return type switch
        {
            IpsetType.HashNet => IpsetEntry.Net(first),
            IpsetType.HashNetNet => IpsetEntry.NetNet(first, second),
            _ => IpsetEntry.NetPortNet(first, 6, (ushort)(i + 1), second),
        };
    }

    /// <summary>Entries that show everything that a set of the type can hold.</summary>
    public static IpsetEntry[] Various(IpsetType type, NetfilterFamily family)
    {
        IpsetPrefix net = IpsetPrefix.From(IPNetwork.Parse(family == V4 ? "10.1.0.0/16" : "2001:db8:1::/48"));
        IpsetPrefix host = IpsetPrefix.From(IPNetwork.Parse(family == V4 ? "192.0.2.7/32" : "2001:db8::7/128"));
        IpsetPrefix half = IpsetPrefix.From(IPNetwork.Parse(family == V4 ? "128.0.0.0/1" : "8000::/1"));
        IpsetPrefix odd = IpsetPrefix.From(IPNetwork.Parse(family == V4 ? "10.1.128.0/17" : "2001:db8:1:8000::/49"));
        (byte icmp, ushort echoRequest) = family == V4 ? ((byte)1, (ushort)0x0800) : ((byte)58, (ushort)0x8000);
        return type switch
        {
            IpsetType.HashNet =>
                [IpsetEntry.Net(net), IpsetEntry.Net(host), IpsetEntry.Net(half), IpsetEntry.Net(odd) with { NoMatch = true }],
            IpsetType.HashNetNet =>
            [
                IpsetEntry.NetNet(net, host), IpsetEntry.NetNet(host, net), IpsetEntry.NetNet(half, half), IpsetEntry.NetNet(net, net),
                IpsetEntry.NetNet(odd, net) with { NoMatch = true },
            ],
            _ =>
            [
                IpsetEntry.NetPortNet(net, 6, 443, host), IpsetEntry.NetPortNet(net, 17, 53, net),
                IpsetEntry.NetPortNet(half, 132, 1, half),
                IpsetEntry.NetPortNet(host, 136, 65535, net), IpsetEntry.NetPortNet(net, icmp, echoRequest, net),
                IpsetEntry.NetPortNet(net, icmp, 0x0301, net), IpsetEntry.NetPortNet(net, 47, 0, host),
                IpsetEntry.NetPortNet(odd, 17, 53, net) with { NoMatch = true },
            ],
        };
    }

    /// <summary>What the kernel says that a set holds.</summary>
    public static List<IpsetEntry> ReadAll(this IpsetClient client, string set)
    {
        var entries = new List<IpsetEntry>();
        client.ReadEntries(set, (in entry) => entries.Add(entry));
        return entries;
    }

    /// <summary>Fails unless the set holds these entries, in whatever order.</summary>
    public static void AssertHolds(this IpsetClient client, string set, IEnumerable<IpsetEntry> entries) =>
        Assert.Equal(entries.ToHashSet(), client.ReadAll(set).ToHashSet());

    private static IpsetPrefix Prefix(NetfilterFamily family, int i, byte length) => family == V4
        ? new(V4, (UInt128)(0x0a000000u + ((uint)i << 2)) << 96 & ~UInt128.Zero << (128 - length), length)
        : new(V6, ((UInt128)0x20010db8 << 96) + ((UInt128)(uint)i << 64) & ~UInt128.Zero << (128 - length), length);
}
