using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.KernelTests.Ipset.SetTypes;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>The library knows in which bucket the kernel puts an entry.</summary>
public sealed class BucketOrderTests
{
    public static TheoryData<IpsetType, NetfilterFamily> Hashes => SetTypes.Hashes;

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void The_kernel_lists_entries_in_the_order_of_the_buckets_that_the_library_computes(IpsetType type, NetfilterFamily family) =>
        Run(type, family, client =>
        {
            const int Count = 3000;
            var options = IpsetCreateOptions.ForCount(16 * Count) with { InitVal = 0x9e3779b9, HashSize = 32768 };
            client.Create("s", type, family, options);
            IpsetEntry[] entries = [.. Various(type, family), .. Enumerable.Range(0, Count).Select(i => Entry(type, family, i))];
            client.AddRange<IpsetEntry>("s", entries);
            uint[] buckets = [.. client.ReadAll("s").Select(entry => IpsetHash.Of(entry, 0x9e3779b9) & 32767)];
            Assert.Equal(entries.Length, buckets.Length);
            Assert.Equal(buckets.Order(), buckets);
        });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void A_set_is_filled_with_every_entry_once(IpsetType type, NetfilterFamily family) => Run(type, family, client =>
    {
        // Once more than one slice, and not a whole number of them.
        int count = (type, family) == (IpsetType.HashNet, V4) ? IpsetBucketOrder.SliceLength + 1000 : IpsetClient.FillInOrder + 1000;
        IpsetEntry[] entries = [.. Enumerable.Range(0, count).Select(i => Many(type, family, i))];
        byte revision = type.FirstRevision(IpsetFeature.InitVal)!.Value;
        client.Create("s", type, family, IpsetCreateOptions.ForCount(count) with { Revision = revision });
        client.Fill<IpsetEntry>("s", entries);
        Assert.Equal((uint)count, client.GetInfo("s")!.Elements);
        client.AssertHolds("s", entries);

        client.Flush("s");
        entries[count - 3] = entries[5];
        IpsetException refused = Assert.Throws<IpsetException>(() => client.Fill<IpsetEntry>("s", entries));
        Assert.Equal(IpsetError.Exists, refused.Error);
        Assert.Contains(refused.EntryIndex, new int?[] { 5, count - 3 });
        Assert.Contains($" of {count}: ", refused.Message, StringComparison.Ordinal);
    });

    private static IpsetEntry Many(IpsetType type, NetfilterFamily family, int i) =>
        type == IpsetType.HashNetPortNet ? Entry(type, family, i >> 3) with { Port = (ushort)(i & 7) } : Entry(type, family, i);
}
