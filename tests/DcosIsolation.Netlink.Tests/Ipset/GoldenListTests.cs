using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Tests.Golden;
using DcosIsolation.Netlink.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>The kernel's listings mean to the library what the ipset program prints of the same bytes.</summary>
public sealed class GoldenListTests
{
    public static TheoryData<string> Lists =>
    [
        "list-all", "list-list", "list-list-member", "list-long", "list-net-inet", "list-net-inet-extensions", "list-net-inet6",
        "list-net-inet6-extensions", "list-net-net-inet", "list-net-net-inet-extensions", "list-net-net-inet6",
        "list-net-net-inet6-extensions", "list-net-port-net-inet", "list-net-port-net-inet-extensions",
        "list-net-port-net-inet-protocols", "list-net-port-net-inet6", "list-net-port-net-inet6-extensions",
        "list-net-port-net-inet6-protocols", "list-terse", "list-terse-all",
    ];

    [Theory]
    [MemberData(nameof(Lists))]
    public void Headers_and_entries_are_those_that_ipset_prints(string name)
    {
        GoldenFile file = GoldenFile.Load(name);
        var (headers, entries, answer) = GoldenAnswer.List(Replies(file));
        Assert.True(answer.IsSuccess);

        List<string> printed = [.. file.Printed];
        string[] keys = ["Name: ", "Type: ", "Revision: ", "Size in memory: ", "References: ", "Number of entries: "];
        Assert.Equal(
            printed.Where(line => keys.Any(key => line.StartsWith(key, StringComparison.Ordinal))),
            headers.SelectMany(info => new[]
            {
                $"Name: {info.Name}",
                $"Type: {info.TypeName}",
                $"Revision: {info.Revision}",
                $"Size in memory: {info.MemorySize}",
                $"References: {info.References}",
                $"Number of entries: {info.Elements}",
            }));
        string[] options = [.. printed.Where(line => line.StartsWith("Header: ", StringComparison.Ordinal))];
        Assert.All(headers.Zip(options), pair => Assert.StartsWith(
            pair.First.Type == IpsetType.ListSet
                ? $"Header: size {pair.First.Options.ListSize}"
                : $"Header: family {(pair.First.Family == NetfilterFamily.Inet ? "inet" : "inet6")} "
                    + $"hashsize {pair.First.Options.HashSize} maxelem {pair.First.Options.MaxElem}",
            pair.Second,
            StringComparison.Ordinal));
        Assert.All(headers, info => Assert.NotNull(info.Index));

        string[] members = [.. printed.Where(line => line.Length > 0 && !line.Contains(": ", StringComparison.Ordinal) && line[^1] != ':')];
        Assert.Equal(members, entries.Select(entry => entry.ToString()));
        Assert.All(entries, entry => Assert.False(entry.HasOtherAttributes));
    }

    [Theory]
    [InlineData("list-long", true)]
    [InlineData("list-net-inet", true)]
    [InlineData("list-net-inet6", true)]
    [InlineData("list-net-inet-extensions", false)]
    [InlineData("list-net-net-inet", false)]
    public void Entries_that_are_prefixes_are_taken_as_such_and_no_others(string name, bool hasPrefixes)
    {
        GoldenFile file = GoldenFile.Load(name);
        var prefixes = new List<IpsetPrefix>();
        var (_, others, _) = GoldenAnswer.List(Replies(file), prefixes: (in prefix) => prefixes.Add(prefix));
        var (_, all, _) = GoldenAnswer.List(Replies(file));
        ILookup<bool, IpsetEntry> arePrefixes = all.ToLookup(entry => hasPrefixes && !entry.HasOptions);
        Assert.Equal(hasPrefixes, prefixes.Count > 0);
        Assert.Equal(arePrefixes[true], prefixes.Select(IpsetEntry.Net));
        Assert.Equal(arePrefixes[false], others);
    }

    [Fact]
    public void A_namespace_without_sets_lists_none()
    {
        var (headers, entries, answer) = GoldenAnswer.List(Replies(GoldenFile.Load("list-empty")));
        Assert.Equal((0, 0, true), (headers.Count, entries.Count, answer.IsSuccess));
    }

    [Fact]
    public void A_long_list_comes_in_parts_of_one_set()
    {
        IReadOnlyList<byte[]> replies = Replies(GoldenFile.Load("list-long"));
        Assert.True(replies.Count > 2);
        var (headers, entries, _) = GoldenAnswer.List(replies);
        Assert.Equal(256, entries.Distinct().Count());
        Assert.Equal(256u, Assert.Single(headers).Elements);
    }

    [Theory]
    [InlineData("list-missing")]
    [InlineData("list-missing-with-ack")]
    public void A_missing_set_is_an_error_that_ends_the_list(string name)
    {
        var (headers, _, answer) = GoldenAnswer.List(Replies(GoldenFile.Load(name)));
        Assert.Empty(headers);
        Assert.Equal((int)Errno.NoEntry, answer.Error);
    }

    [Fact]
    public void Entries_of_a_type_that_the_library_does_not_speak_are_refused_its_header_is_not()
    {
        byte[][] replies = [.. Replies(GoldenFile.Load("list-net-inet")).Select(reply => reply.ToArray())];
        int type = replies[0].AsSpan().IndexOf("hash:net"u8);
        "hash:mac"u8.CopyTo(replies[0].AsSpan(type));
        Assert.Contains(
            "does not speak hash:mac",
            Assert.Throws<NotSupportedException>(() => GoldenAnswer.List(replies)).Message,
            StringComparison.Ordinal);
        IpsetInfo info = Assert.Single(GoldenAnswer.List(replies, withEntries: false).Headers);
        Assert.Equal(("hash:mac", null), (info.TypeName, info.Type));
    }

    [Theory]
    [MemberData(nameof(Lists))]
    public void Whatever_is_cut_off_or_flipped_only_documented_exceptions_come_out(string name)
    {
        foreach (byte[] reply in Replies(GoldenFile.Load(name)))
        {
            var awaited = new AwaitedAnswer(GoldenFile.SequenceOf(reply), BitConverter.ToUInt32(reply, 12), NullLogger.Instance);
            Damage.Each(reply, bytes => Read(awaited, bytes), e => e is NotSupportedException or NetlinkReplyLostException);
        }
    }

    [Theory]
    [InlineData("an address", "0c000180" + "08000140" + "0a000000", null)]
    [InlineData("nothing", "", "the kernel's entry is none of a hash:net of family Inet")]
    [InlineData("a long prefix", "0c000180" + "08000140" + "0a000000" + "05000300" + "21000000",
        "the kernel's entry is none of a hash:net of family Inet")]
    [InlineData("an address of 16 bytes", "18000180" + "14000240" + "20010db8000000000000000000000000",
        "an address of family Inet has 4 bytes, 16 came")]
    [InlineData("an empty address", "04000180", "an address of family Inet has 4 bytes, 0 came")]
    public void An_entry_that_is_none_of_its_set_is_refused(string what, string hex, string? message)
    {
        Exception? failure = Record.Exception(
            () => IpsetEntryCodec.Read(new NetlinkAttributeReader(Convert.FromHexString(hex)), IpsetType.HashNet, NetfilterFamily.Inet));
        Assert.True(message == (failure as NetlinkFormatException)?.Message, $"{what}: {failure}");
    }

    private static void Read(AwaitedAnswer awaited, byte[] bytes)
    {
        var headers = new List<IpsetInfo> { new("first", "hash:net", 7, NetfilterFamily.Inet) };
        NetlinkReplyHandler<List<IpsetInfo>> handler = static (ref message, ref headers) =>
        {
            if (message.Type != NetlinkConstants.NLMSG_ERROR)
            {
                IpsetDump.Read(message.NetfilterAttributes(), headers, (in entry) => _ = entry.ToString());
            }
        };
        awaited.Take(bytes, ref headers, handler, out _);
    }

    private static IReadOnlyList<byte[]> Replies(GoldenFile file) => file.Replies(file.Requests(IpsetConstants.IPSET_CMD_LIST)[^1]);
}
