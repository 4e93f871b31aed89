using System.Net;
using System.Text;
using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

public sealed class IpsetElementTests
{
    private const uint Seed = 20_240_229;

    public static TheoryData<string, string, string> Texts => new()
    {
        { "net", "10.0.0.0/-18446744073709551592", "10.0.0.0/24" },
        { "net", "10.0.0.0/0x18", "10.0.0.0/24" },
        { "net", "10.0.0.0/030", "10.0.0.0/24" },
        { "net", "10.0.0.0/ 24", "10.0.0.0/24" },
        { "net", "10.0.0.0/+24", "10.0.0.0/24" },
        { "net", "10.1", "10.0.0.1" },
        { "net", "010.2.3.4", "8.2.3.4" },
        { "net", "167772161", "10.0.0.1" },
        { "net", "1.2.3.9-1.2.3.4", "1.2.3.4/30 1.2.3.8/31" },
        { "net", "[1.2.3.4]-[1.2.3.7]", "1.2.3.4/30" },
        { "net", "[1.2.3.4]-1.2.3.7", "1.2.3.4/30" },
        { "net", "1.2.3.4-[1.2.3.7]", "1.2.3.4/30" },
        { "net", "[1.2.3.4]/24", "1.2.3.4/24" },
        { "net", "0.0.0.0", "0.0.0.0" },
        { "net", "1.2.3.4-1.2.3.4", "1.2.3.4" },
        { "net,net", "1.1.1.0-1.1.1.3,2.2.2.2-2.2.2.5", "1.1.1.0/30,2.2.2.2/31 1.1.1.0/30,2.2.2.4/31" },
        { "net,net", "1.1.1.7/24,2.2.2.2-2.2.2.5", "1.1.1.7/24,2.2.2.2/31 1.1.1.7/24,2.2.2.4/31" },
        { "net,net", "1.1.1.1-1.1.1.2,2.2.2.7/24", "1.1.1.1,2.2.2.7/24 1.1.1.2,2.2.2.7/24" },
        { "net,port,net", "1.1.1.1,80,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:80,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,TCP:80,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:http,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,http,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,6:http,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,0x6:http,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,udp:domain,2.2.2.2", "1.1.1.1,udp:53,2.2.2.2" },
        { "net,port,net", "1.1.1.1,17:domain,2.2.2.2", "1.1.1.1,udp:53,2.2.2.2" },
        { "net,port,net", "1.1.1.1,sctp:80,2.2.2.2", "1.1.1.1,sctp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,udplite:80,2.2.2.2", "1.1.1.1,udplite:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:0,2.2.2.2", "1.1.1.1,tcp:0,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:65535,2.2.2.2", "1.1.1.1,tcp:65535,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:0x50,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:0120,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:80-82,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2 1.1.1.1,tcp:81,2.2.2.2 1.1.1.1,tcp:82,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:82-80,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2 1.1.1.1,tcp:81,2.2.2.2 1.1.1.1,tcp:82,2.2.2.2" },
        { "net,port,net", "1.1.1.1,80-82,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2 1.1.1.1,tcp:81,2.2.2.2 1.1.1.1,tcp:82,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:80-80,2.2.2.2", "1.1.1.1,tcp:80,2.2.2.2" },
        { "net,port,net", "1.1.1.1,[ftp-data],2.2.2.2", "1.1.1.1,tcp:20,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:[ftp-data],2.2.2.2", "1.1.1.1,tcp:20,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:[ftp-data]-22,2.2.2.2", "1.1.1.1,tcp:20,2.2.2.2 1.1.1.1,tcp:21,2.2.2.2 1.1.1.1,tcp:22,2.2.2.2" },
        { "net,port,net", "1.1.1.1,tcp:19-[ftp-data],2.2.2.2", "1.1.1.1,tcp:19,2.2.2.2 1.1.1.1,tcp:20,2.2.2.2" },
        { "net,port,net", "1.1.1.1,255:0,2.2.2.2", "1.1.1.1,255:0,2.2.2.2" },
        { "net,port,net", "1.1.1.1,gre:0,2.2.2.2", "1.1.1.1,gre:0,2.2.2.2" },
        { "net,port,net", "1.1.1.1,GRE:0,2.2.2.2", "1.1.1.1,gre:0,2.2.2.2" },
        { "net,port,net", "1.1.1.1,47:0,2.2.2.2", "1.1.1.1,gre:0,2.2.2.2" },
        { "net,port,net", "1.1.1.1,200:0,2.2.2.2", "1.1.1.1,200:0,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:ping,2.2.2.2", "1.1.1.1,icmp:echo-request,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:PiNg,2.2.2.2", "1.1.1.1,icmp:echo-request,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:p,2.2.2.2", "1.1.1.1,icmp:echo-reply,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:po,2.2.2.2", "1.1.1.1,icmp:echo-reply,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:e,2.2.2.2", "1.1.1.1,icmp:echo-reply,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:echo-request,2.2.2.2", "1.1.1.1,icmp:echo-request,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:3/1,2.2.2.2", "1.1.1.1,icmp:host-unreachable,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:3/99,2.2.2.2", "1.1.1.1,icmp:3/99,2.2.2.2" },
        { "net,port,net", "1.1.1.1,icmp:8/0,2.2.2.2", "1.1.1.1,icmp:echo-request,2.2.2.2" },
        { "net,port,net", "1.1.1.1,1:8/0,2.2.2.2", "1.1.1.1,icmp:echo-request,2.2.2.2" },
        { "net,port,net", "1.1.1.1,1:tos-n,2.2.2.2", "1.1.1.1,icmp:TOS-network-unreachable,2.2.2.2" },
        { "net,port,net6", "::1,icmpv6:ping,::2", "::1,ipv6-icmp:echo-request,::2" },
        { "net,port,net6", "::1,ICMPv6:p,::2", "::1,ipv6-icmp:port-unreachable,::2" },
        { "net,port,net6", "::1,ipv6-icmp:128/0,::2", "::1,ipv6-icmp:echo-request,::2" },
        { "net,port,net6", "::1,icmpv6:neig,::2", "::1,ipv6-icmp:neighbour-solicitation,::2" },
        { "net,port,net6", "::1,icmpv6:1/2,::2", "::1,ipv6-icmp:1/2,::2" },
        { "net,port,net6", "::1,tcp:80-82,::1/64", "::1,tcp:80,::1/64 ::1,tcp:81,::1/64 ::1,tcp:82,::1/64" },
        { "net,port,net6", "[::1],tcp:80,[::2]", "::1,tcp:80,::2" },
        { "net6", "2001:DB8::1/64", "2001:db8::1/64" },
        { "net6", "::ffff:1.2.3.4", "::ffff:1.2.3.4" },
        { "net6", "::1.2.3.4", "::1.2.3.4" },
        { "net6", "::1.2.3.4/128", "::1.2.3.4" },
        { "net6", "[::1]", "::1" },
        { "net,net6", "::1,::2", "::1,::2" },
        { "list", "a", "a" },
        { "net", "10.0.0.0/0", "10.0.0.0/0" },
        { "net6", "::/0", "::/0" },
        { "net,port,net", "1.1.1.1,0:0,2.2.2.2", "1.1.1.1,ip:0,2.2.2.2" },
        { "list", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" },
        { "list", "a,", "a," },
        { "list", "a,before,b", "a before b" },
        { "list", "a,after,b", "a after b" },
        { "list", "a,before,b,c", "a before b,c" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void A_text_is_the_entries_that_ipset_makes_of_it(string set, string text, string entries)
    {
        IpsetElement element = Parse(set, text);
        List<IpsetEntry> all = All(element);
        Assert.Equal(entries.Contains(" before ", StringComparison.Ordinal) || entries.Contains(" after ", StringComparison.Ordinal)
            ? [entries] : entries.Split(' '), all.Select(entry => entry.ToString()));
        Assert.Equal(element.Entry, all[0]);
        Assert.Equal(all.Count == 1, element.IsSingle);
        (IpsetType type, NetfilterFamily family) = SetOf(set);
        Assert.Equal(element, IpsetElement.Parse(type, family, Encoding.UTF8.GetBytes(text)));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void What_is_printed_is_read_as_the_same(string set, string text, string entries)
    {
        _ = entries;
        foreach (IpsetEntry entry in Parse(set, text))
        {
            if (entry is { Before: null, After: null, Protocol: not 0 } or { Type: IpsetType.HashNet or IpsetType.HashNetNet })
            {
                Assert.Equal(entry, Parse(set, entry.ToString()).Entry);
            }
        }
    }

    [Theory]
    [InlineData("net", "1.2.3.4", false, false, false)]
    [InlineData("net", "1.2.3.4-1.2.3.4", true, false, false)]
    [InlineData("net", "0.0.0.0-255.255.255.255", true, false, true)]
    [InlineData("net", "255.255.255.255-0.0.0.0", true, false, true)]
    [InlineData("net", "0.0.0.0-255.255.255.254", true, false, false)]
    [InlineData("net", "0.0.0.1-255.255.255.255", true, false, false)]
    [InlineData("net", "0.0.0.0/0", false, false, false)]
    [InlineData("net,net", "1.2.3.4,0.0.0.0-255.255.255.255", true, false, true)]
    [InlineData("net,net", "0.0.0.0-255.255.255.255,1.2.3.4", true, false, true)]
    [InlineData("net,port,net", "1.2.3.4,80,1.2.3.4", false, false, false)]
    [InlineData("net,port,net", "1.2.3.4,80-80,1.2.3.4", false, true, false)]
    [InlineData("net,port,net", "1.2.3.4,80,1.2.3.4-1.2.3.5", true, false, false)]
    [InlineData("net6", "::/0", false, false, false)]
    public void An_element_tells_what_was_written(string set, string text, bool addresses, bool ports, bool everything)
    {
        IpsetElement element = Parse(set, text);
        Assert.Equal((addresses, ports, everything), (element.HasAddressRange, element.HasPortRange, element.CoversEveryAddress));
    }

    [Fact]
    public void Entries_come_in_the_order_of_the_kernel_with_the_options_of_the_first()
    {
        IpsetElement element = Parse("net,port,net", "10.0.0.1-10.0.0.3,udp:5-6,10.1.0.0-10.1.0.2");
        element = element with { Entry = element.Entry with { Comment = "c", Timeout = 7 } };
        Assert.Equal(
            from first in (string[])["10.0.0.1", "10.0.0.2/31"]
            from port in (int[])[5, 6]
            from second in (string[])["10.1.0.0/31", "10.1.0.2"]
            select $"{first},udp:{port},{second} timeout 7 comment \"c\"",
            All(element).Select(entry => entry.ToString()));
    }

    [Fact]
    public void Every_port_is_reached() =>
        Assert.Equal(65_536, All(Parse("net,port,net", "10.0.0.1,0-65535,10.0.0.1")).Select(entry => entry.Port).Distinct().Count());

    [Fact]
    public void The_whole_of_the_addresses_is_two_halves() => Assert.Equal(
        ["0.0.0.0/1", "128.0.0.0/1"], All(Parse("net", "0.0.0.0-255.255.255.255")).Select(entry => entry.ToString()));

    [Fact]
    public void A_range_is_cut_as_one_address_after_another_would_be_joined()
    {
        var random = new Random((int)Seed);
        for (int i = 0; i < 2000; i++)
        {
            uint start = Sparse(random);
            uint end = (i % 4) switch
            {
                0 => Sparse(random),
                1 => uint.MaxValue,
                _ => (uint)Math.Min(uint.MaxValue, start + random.NextInt64(5000)),
            };
            List<IpsetEntry> entries = All(Parse("net", $"{Address(start)}-{Address(end)}"));
            Assert.Equal(
                Cut(Math.Min(start, end), Math.Max(start, end)),
                entries.Select(entry => (entry.First.Ipv4, entry.First.Length)));
        }
    }

    [Fact]
    public void What_the_fast_path_reads_is_what_the_resolver_reads()
    {
        var random = new Random((int)Seed);
        string[] words = ["0", "1", "9", "10", "25", "99", "100", "255", "256", "00", "01", "010", "1000", "-1", " 1", "0x1", "1/", ""];
        string[] ends = ["", "", "/24", "/32", "/33", "/0", "/08", "/", ".", " ", "-"];
        int read = 0;
        for (int i = 0; i < 100_000; i++)
        {
            string text = string.Join('.', random.GetItems(words, random.Next(3, 6))) + random.GetItems(ends, 1)[0];
            if (IpsetAddressParser.TryParseIpv4(Encoding.UTF8.GetBytes(text), out IpsetPrefix prefix))
            {
                read++;
                string[] parts = text.Split('/');
                Assert.True(NetworkNames.TryGetHost(Encoding.UTF8.GetBytes(parts[0]), NetfilterFamily.Inet, out UInt128 bits), text);
                Assert.Equal((bits, parts.Length > 1 ? byte.Parse(parts[1], null) : (byte)32), (prefix.Bits, prefix.Length));
            }
        }

        Assert.InRange(read, 300, int.MaxValue);
    }

    [Fact]
    public void Reading_numbers_allocates_nothing()
    {
        byte[][] texts = ["10.1.2.0/24"u8.ToArray(), "10.0.0.0-10.0.0.9"u8.ToArray()];
        byte[] pair = "10.1.2.0/24,10.1.2.3"u8.ToArray(), triple = "10.1.2.0/24,udp:80-82,10.1.2.3"u8.ToArray();
        byte[] inet6 = "2001:db8::/64"u8.ToArray();
        byte[] output = new byte[IpsetEntry.MaxTextLength];
        Run();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Run()
        {
            foreach (byte[] text in texts)
            {
                Print(IpsetElement.Parse(IpsetType.HashNet, NetfilterFamily.Inet, text), output);
            }

            Print(IpsetElement.Parse(IpsetType.HashNet, NetfilterFamily.Inet6, inet6), output);
            Print(IpsetElement.Parse(IpsetType.HashNetNet, NetfilterFamily.Inet, pair), output);
            Print(IpsetElement.Parse(IpsetType.HashNetPortNet, NetfilterFamily.Inet, triple), output);
        }

        static void Print(IpsetElement element, byte[] output)
        {
            foreach (IpsetEntry entry in element)
            {
                Assert.True((entry with { Timeout = 5, Comment = "text" }).TryFormat(output, out _));
            }
        }
    }

    internal static IpsetElement Parse(string set, string text)
    {
        (IpsetType type, NetfilterFamily family) = SetOf(set);
        return IpsetElement.Parse(type, family, text);
    }

    private static (IpsetType Type, NetfilterFamily Family) SetOf(string set) => set == "list"
        ? (IpsetType.ListSet, NetfilterFamily.Unspecified)
        : (IpsetTypeNames.Parse("hash:" + set.TrimEnd('6'))!.Value, set.EndsWith('6') ? NetfilterFamily.Inet6 : NetfilterFamily.Inet);

    private static List<IpsetEntry> All(IpsetElement element)
    {
        var entries = new List<IpsetEntry>();
        foreach (IpsetEntry entry in element)
        {
            entries.Add(entry);
        }

        return entries;
    }

    // The model: from the start, the shortest prefix that begins there and stays inside.
    private static List<(uint Start, byte Length)> Cut(uint start, uint end)
    {
        var prefixes = new List<(uint, byte)>();
        for (ulong next = start; next <= end;)
        {
            int length = Enumerable.Range(1, 32).First(
                length => next % (1UL << (32 - length)) == 0 && next + (1UL << (32 - length)) - 1 <= end);
            prefixes.Add(((uint)next, (byte)length));
            next += 1UL << (32 - length);
        }

        return prefixes;
    }

    private static uint Sparse(Random random) => (uint)random.NextInt64(1L << 32) & (uint.MaxValue << random.Next(32));

    private static IPAddress Address(uint address) => new(
        [(byte)(address >> 24), (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
}
