using System.Net;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Wire;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

public sealed class IpsetEntryTests
{
    public static TheoryData<IpsetEntry, string> Texts => new()
    {
        { IpsetEntry.Net(Net("10.0.0.0/8")), "10.0.0.0/8" },
        { IpsetEntry.Net(Net("10.0.0.7/32")) with { NoMatch = true }, "10.0.0.7 nomatch" },
        { IpsetEntry.Net(Net("2001:db8::/32")) with { Comment = "in words" }, "2001:db8::/32 comment \"in words\"" },
        { IpsetEntry.Net(Net("2001:db8::1/128")), "2001:db8::1" },
        { IpsetEntry.NetNet(Net("10.0.0.0/8"), Net("10.0.0.1/32")), "10.0.0.0/8,10.0.0.1" },
        { IpsetEntry.NetPortNet(Net("10.0.0.0/8"), 6, 443, Net("10.0.0.1/32")), "10.0.0.0/8,tcp:443,10.0.0.1" },
        { IpsetEntry.NetPortNet(Net("10.0.0.0/8"), 17, 53, Net("10.0.0.0/9")), "10.0.0.0/8,udp:53,10.0.0.0/9" },
        { IpsetEntry.NetPortNet(Net("10.0.0.0/8"), 132, 1, Net("10.0.0.0/9")), "10.0.0.0/8,sctp:1,10.0.0.0/9" },
        { IpsetEntry.NetPortNet(Net("10.0.0.0/8"), 136, 1, Net("10.0.0.0/9")), "10.0.0.0/8,udplite:1,10.0.0.0/9" },
        { IpsetEntry.NetPortNet(Net("10.0.0.0/8"), 1, 0x0301, Net("10.0.0.0/9")), "10.0.0.0/8,icmp:host-unreachable,10.0.0.0/9" },
        { IpsetEntry.NetPortNet(Net("fc00::/7"), 58, 0x8000, Net("fd00::/8")), "fc00::/7,ipv6-icmp:echo-request,fd00::/8" },
        { IpsetEntry.NetPortNet(Net("10.0.0.0/8"), 47, 0, Net("10.0.0.0/9")), "10.0.0.0/8,gre:0,10.0.0.0/9" },
        { IpsetEntry.Set("dcos-net-hr") with { Comment = "hr" }, "dcos-net-hr comment \"hr\"" },
    };

    [Theory]
    [MemberData(nameof(Texts))]
    public void An_entry_is_written_as_ipset_writes_it(IpsetEntry entry, string text) => Assert.Equal(text, entry.ToString());

    [Fact]
    public void The_longest_entries_fit_the_promised_length()
    {
        string longest = new('c', IpsetConstants.IPSET_MAX_COMMENT_SIZE);
        IpsetPrefix prefix = IpsetPrefix.From(IPAddress.IPv6Loopback, 127);
        IpsetEntry[] entries =
        [
            IpsetEntry.NetPortNet(prefix, 6, 1, prefix) with { NoMatch = true, Comment = longest },
            IpsetEntry.Set(new string('n', IpsetName.MaxLength)) with { NoMatch = true, Comment = longest },
        ];
        foreach (IpsetEntry entry in entries)
        {
            var writer = new NetlinkMessageWriter(new byte[IpsetEntry.MaxEncodedLength]);
            entry.WriteTo(ref writer);
            Assert.InRange(writer.Length, IpsetConstants.IPSET_MAX_COMMENT_SIZE, IpsetEntry.MaxEncodedLength);
        }
    }

    [Fact]
    public void A_comment_that_is_too_long_is_refused_by_its_bytes()
    {
        Write(IpsetEntry.Set("s") with { Comment = new string('c', 255) });
        Assert.StartsWith(
            "a comment has at most 255 bytes of UTF-8: éé",
            Assert.Throws<ArgumentException>(() => Write(IpsetEntry.Set("s") with { Comment = new string('é', 128) })).Message,
            StringComparison.Ordinal);

        static void Write(IpsetEntry entry)
        {
            var writer = new NetlinkMessageWriter(new byte[4096]);
            entry.WriteTo(ref writer);
        }
    }

    [Fact]
    public void Every_batch_is_whole_and_no_longer_than_it_may_be()
    {
        byte[] buffer = new byte[IpsetRequest.MaxLength];
        foreach (int comment in (int[])[0, 1, 100, 255])
        {
            var entries = new IpsetEntry[3000];
            Array.Fill(entries, IpsetEntry.Net(IpsetPrefix.From(IPAddress.IPv6Loopback, 127)) with { Comment = new string('c', comment) });
            ReadOnlySpan<byte> request = new IpsetRequest(7, 1).Batch<IpsetEntry>(buffer, 9, "s", entries, [], 1, default, out int count);
            Assert.InRange(count, 1, 3000);
            var message = new NetlinkMessageReader(request);
            Assert.True(message.Read());
            Assert.False(message.Read());
            Assert.InRange(request.Length, 50_000, IpsetRequest.MaxLength);
        }
    }

    [Fact]
    public void A_prefix_keeps_to_the_length_of_its_family()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new IpsetPrefix(NetfilterFamily.Inet, 0, 33));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IpsetPrefix(NetfilterFamily.Inet6, 0, 129));
        Assert.Throws<ArgumentOutOfRangeException>(() => new IpsetPrefix(NetfilterFamily.Unspecified, 0, 0));
        Assert.Equal("255.255.255.255/32", new IpsetPrefix(NetfilterFamily.Inet, UInt128.MaxValue, 32).ToString());
        Assert.Equal(Net("10.0.0.0/8"), new IpsetPrefix(NetfilterFamily.Inet, (UInt128)10 << 120, 8));
    }

    [Theory]
    [InlineData(0, 64, 65536)]
    [InlineData(200, 128, 65536)]
    [InlineData(65_536, 32_768, 65_536)]
    [InlineData(100_000, 65_536, 100_000)]
    [InlineData(int.MaxValue, 1 << 30, int.MaxValue)]
    public void A_set_is_sized_for_its_entries(int count, uint hashSize, uint maxElem)
    {
        var options = IpsetCreateOptions.ForCount(count);
        Assert.Equal((hashSize, maxElem), (options.HashSize, options.MaxElem));
    }

    private static IpsetPrefix Net(string text) => IpsetPrefix.From(IPNetwork.Parse(text));
}
