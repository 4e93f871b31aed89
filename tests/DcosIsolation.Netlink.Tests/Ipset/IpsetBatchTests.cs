using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Wire;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>Many entries become messages that hold each of them once, with its line number, whoever writes them.</summary>
public sealed class IpsetBatchTests
{
    private const int Count = IpsetBucketOrder.SliceLength + 5000;

    private static readonly IpsetPrefix[] s_prefixes =
        [.. Enumerable.Range(1, Count).Select(i => new IpsetPrefix(NetfilterFamily.Inet, (UInt128)(uint)(i * 2654435761) << 96, 32))];

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Every_entry_is_written_once(bool ordered)
    {
        var writer = NewWriter<IpsetPrefix>(s_prefixes, ordered);
        byte[] buffer = new byte[IpsetRequest.MaxLength];
        var lines = new List<int>();
        for (int length = writer.WriteNext(buffer); length > 0; length = writer.WriteNext(buffer))
        {
            lines.AddRange(Lines(buffer.AsSpan(0, length)));
        }

        AssertAll(lines, ordered);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_another_thread_writes_is_the_same(bool ordered)
    {
        using var queue = new IpsetBatchQueue();
        Task writing = Task.Run(() => queue.Add(NewWriter<IpsetPrefix>(s_prefixes, ordered)));
        var lines = new List<int>();
        while (queue.TryTake(out Span<byte> message, out int count))
        {
            lines.AddRange(Lines(message));
            Assert.Equal(lines.Count, count);
        }

        queue.Stop();
        await writing;
        AssertAll(lines, ordered);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(30)]
    public async Task A_sender_that_stops_ends_the_writer(int taken)
    {
        using var queue = new IpsetBatchQueue();
        Task writing = Task.Run(() => queue.Add(NewWriter<IpsetPrefix>(s_prefixes, ordered: false)));
        for (int i = 0; i < taken; i++)
        {
            Assert.True(queue.TryTake(out _, out _));
        }

        queue.Stop();
        await writing;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(70_000)]
    [InlineData(Count - 1)]
    public async Task An_entry_that_cannot_be_written_ends_the_messages_and_fails_the_writer(int wrong)
    {
        IpsetEntry[] entries = [.. s_prefixes.Select(IpsetEntry.Net)];
        entries[wrong] = entries[wrong] with { Comment = new string('c', 256) };
        using var queue = new IpsetBatchQueue();
        Task writing = Task.Run(() => queue.Add(NewWriter<IpsetEntry>(entries, ordered: false)));
        var lines = new List<int>();
        while (queue.TryTake(out Span<byte> message, out int count))
        {
            lines.AddRange(Lines(message));
            Assert.Equal(lines.Count, count);
        }

        queue.Stop();
        await Assert.ThrowsAsync<ArgumentException>(() => writing);
        Assert.Equal(Enumerable.Range(1, lines.Count), lines);
        Assert.InRange(lines.Count, 0, wrong);
    }

    [Fact]
    public void A_message_gets_its_number()
    {
        byte[] buffer = new byte[IpsetRequest.MaxLength];
        int length = NewWriter<IpsetPrefix>(s_prefixes.AsSpan(0, 1), ordered: false).WriteNext(buffer);
        IpsetRequest.SetSequence(buffer, 0x01020304);
        Assert.Equal(
            new IpsetRequest(7, 0x01020304).Batch<IpsetPrefix>(
                new byte[IpsetRequest.MaxLength], IpsetConstants.IPSET_CMD_ADD, "s", s_prefixes.AsSpan(0, 1), [], 1, default, out _),
            buffer.AsSpan(0, length));
    }

    [Theory]
    [InlineData(NetfilterFamily.Inet, 24)]
    [InlineData(NetfilterFamily.Inet, 32)]
    [InlineData(NetfilterFamily.Inet6, 64)]
    [InlineData(NetfilterFamily.Inet6, 128)]
    public void A_prefix_is_written_as_the_entry_that_it_is(NetfilterFamily family, byte length)
    {
        var prefix = new IpsetPrefix(family, new UInt128(0x0a01020000000000, 0), length);
        Assert.Equal(Written(IpsetEntry.Net(prefix)), Written(prefix));
        Assert.InRange(Written(prefix).Length, 1, IpsetPrefix.MaxEncodedLength);
    }

    private static byte[] Written<T>(T entry)
        where T : IIpsetEntry
    {
        var writer = new NetlinkMessageWriter(new byte[IpsetEntry.MaxEncodedLength]);
        entry.WriteTo(ref writer);
        return writer.Written.ToArray();
    }

    private static IpsetBatchWriter<T> NewWriter<T>(ReadOnlySpan<T> entries, bool ordered)
        where T : struct, IIpsetEntry =>
        new(7, IpsetConstants.IPSET_CMD_ADD, "s", entries, ordered ? new IpsetBucketOrder(7, 65536, entries.Length) : null, default);

    private static void AssertAll(List<int> lines, bool ordered)
    {
        Assert.Equal(Enumerable.Range(1, Count), ordered ? lines.Order() : lines);
        Assert.Equal(ordered, !lines.SequenceEqual(lines.Order()));
    }

    /// <summary>The line numbers of a message, each with the entry of that number.</summary>
    private static List<int> Lines(ReadOnlySpan<byte> message)
    {
        var lines = new List<int>();
        var messages = new NetlinkMessageReader(message);
        Assert.True(messages.Read());
        NetlinkAttributeReader attributes = messages.NetfilterAttributes();
        while (attributes.Read())
        {
            if (attributes.Type != IpsetAttributes.IPSET_ATTR_ADT)
            {
                continue;
            }

            NetlinkAttributeReader batch = attributes.GetNested();
            while (batch.Read())
            {
                NetlinkAttributeReader entry = batch.GetNested();
                uint address = 0;
                while (entry.Read())
                {
                    if (entry.Type == IpsetAttributes.IPSET_ATTR_IP)
                    {
                        NetlinkAttributeReader nested = entry.GetNested();
                        Assert.True(nested.Read());
                        address = nested.GetUInt32BigEndian();
                    }
                    else if (entry.Type == IpsetAttributes.IPSET_ATTR_LINENO)
                    {
                        lines.Add((int)entry.GetUInt32BigEndian());
                    }
                }

                if (s_prefixes[lines[^1] - 1].Ipv4 != address)
                {
                    Assert.Fail($"line {lines[^1]} is not that of {address:x}");
                }
            }
        }

        return lines;
    }
}
