using System.Numerics;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>What the policy reckons that a set takes, beside what the kernel says: less would let a switch run out of memory.</summary>
public sealed class MemoryTests
{
    public static TheoryData<IpsetType, NetfilterFamily> Types => SetTypes.Hashes;

    [SkippableTheory]
    [MemberData(nameof(Types))]
    public void A_set_takes_no_more_than_was_reckoned(IpsetType type, NetfilterFamily family) => SetTypes.Run(type, family, client =>
    {
        foreach (int count in new[] { 10, 1_000, 40_000 })
        {
            client.Create("set", type, family, IpsetCreateOptions.ForCount(count));
            client.AddRange("set", Enumerable.Range(1, count).Select(i => SetTypes.Entry(type, family, i)).ToArray());
            IpsetInfo info = client.GetInfo("set")!;
            client.Destroy("set");

            // The table has as many buckets as was reckoned, and memory in the measure of the entries.
            Assert.Equal(Math.Max(64, BitOperations.RoundUpToPowerOf2((uint)count / 2)), info.Options.HashSize);
            long reckoned = SetMemory.BytesOf(type.Name(), family == NetfilterFamily.Inet ? Family.Inet : Family.Inet6, count);
            Assert.InRange(info.MemorySize, count > 10 ? reckoned / 2 : 0, reckoned);
        }
    });
}
