using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Wire;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Wire;

public sealed class AllocationTests
{
    private readonly byte[] _buffer = new byte[IpsetRequest.MaxLength];

    [Fact]
    public void Writing_and_reading_messages_allocates_nothing() => AssertNone(100_000, () =>
    {
        var writer = new NetlinkMessageWriter(_buffer);
        writer.BeginMessage(1, default, 1);
        writer.WriteNetfilterHeader(NetfilterFamily.Inet);
        writer.WriteString(1, "dcos-net-hr");
        NetlinkNesting nesting = writer.BeginNested(2);
        writer.WriteUInt32BigEndian(3, 4);
        writer.EndNested(nesting);
        writer.EndMessage();

        var reader = new NetlinkMessageReader(writer.Written);
        reader.Read();
        NetlinkAttributeReader attributes = reader.NetfilterAttributes();
        while (attributes.Read())
        {
            NetlinkAttributeReader nested = attributes.IsNested ? attributes.GetNested() : default;
            while (nested.Read())
            {
                _ = nested.GetUInt32BigEndian();
            }
        }
    });

    [Fact]
    public void A_batch_of_entries_allocates_nothing()
    {
        var entries = new IpsetEntry[2_000];
        for (int i = 0; i < entries.Length; i++)
        {
            var prefix = new IpsetPrefix(NetfilterFamily.Inet6, (UInt128)i << 64, 64);
            entries[i] = IpsetEntry.NetPortNet(prefix, 6, 443, prefix) with { Comment = "why" };
        }

        AssertNone(100, () =>
        {
            int next = 0;
            while (next < entries.Length)
            {
                _ = new IpsetRequest(7, 1).Batch<IpsetEntry>(
                    _buffer, IpsetConstants.IPSET_CMD_ADD, "s", entries.AsSpan(next), [], (uint)next + 1, default, out int count);
                next += count;
            }
        });
    }

    [Fact]
    public void A_batch_of_prefixes_in_the_order_of_buckets_allocates_nothing()
    {
        var prefixes = new IpsetPrefix[2_000];
        for (int i = 0; i < prefixes.Length; i++)
        {
            prefixes[i] = new IpsetPrefix(NetfilterFamily.Inet, (UInt128)i << 96, 32);
        }

        var order = new IpsetBucketOrder(7, 1024, prefixes.Length);
        AssertNone(100, () =>
        {
            var writer = new IpsetBatchWriter<IpsetPrefix>(7, IpsetConstants.IPSET_CMD_ADD, "s", prefixes, order, default);
            while (writer.WriteNext(_buffer) > 0)
            {
            }
        });
    }

    private static void AssertNone(int rounds, Action action)
    {
        action();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < rounds; i++)
        {
            action();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
