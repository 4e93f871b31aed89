using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.KernelTests.Ipset.SetTypes;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>Very many entries, which take several messages.</summary>
public sealed class BatchTests
{
    private const int Count = 100_000;

    public static TheoryData<IpsetType, NetfilterFamily> Hashes => SetTypes.Hashes;

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void A_hundred_thousand_entries_are_added_read_back_and_deleted(IpsetType type, NetfilterFamily family) =>
        Run(type, family, client =>
        {
            IpsetEntry[] entries = Entries(type, family);
            client.Create("s", type, family, IpsetCreateOptions.ForCount(Count));
            uint? hashSize = client.GetInfo("s")!.Options.HashSize;
            client.AddRange<IpsetEntry>("s", entries);
            client.AssertHolds("s", entries);
            Assert.Equal(((uint)Count, hashSize), (client.GetInfo("s")!.Elements, client.GetInfo("s")!.Options.HashSize));
            client.AddRange<IpsetEntry>("s", entries, ignoreExisting: true);
            Assert.Equal((uint)Count, client.GetInfo("s")!.Elements);
            client.DeleteRange<IpsetEntry>("s", entries.AsSpan(1));
            client.AssertHolds("s", entries[..1]);
            client.DeleteRange<IpsetEntry>("s", entries, ignoreMissing: true);
            Assert.Empty(client.ReadAll("s"));
        });

    [SkippableFact]
    public void The_entry_that_fails_is_told_wherever_it_stands() => Run(IpsetType.HashNet, V4, client =>
    {
        IpsetEntry[] entries = Entries(IpsetType.HashNet, V4);
        client.Create("s", IpsetType.HashNet, V4, IpsetCreateOptions.ForCount(Count));

        // About 1,800 entries go into a message: the first, the last, and every one around the first messages' ends.
        int[] failing = [0, 1, Count / 2, Count - 2, Count - 1, .. Enumerable.Range(1860, 30)];
        foreach (int index in failing)
        {
            client.Flush("s");
            client.Add("s", entries[index]);
            IpsetException refused = Assert.Throws<IpsetException>(() => client.AddRange<IpsetEntry>("s", entries));
            Assert.Equal((IpsetError.Exists, index), (refused.Error, refused.EntryIndex));
            Assert.Equal(
                $"cannot add entries to s (entry {index + 1} of {Count}: {entries[index]}): the entry is there already", refused.Message);
            Assert.Equal((uint)index + 1, client.GetInfo("s")!.Elements);
        }

        client.AddRange<IpsetEntry>("s", entries, ignoreExisting: true);
        Assert.Equal((uint)Count, client.GetInfo("s")!.Elements);
        client.Delete("s", entries[70_000]);
        IpsetException missing = Assert.Throws<IpsetException>(() => client.DeleteRange<IpsetEntry>("s", entries));
        Assert.Equal((IpsetError.Exists, 70_000), (missing.Error, missing.EntryIndex));
        Assert.Contains(": the entry is not there", missing.Message, StringComparison.Ordinal);
    });

    [SkippableFact]
    public void An_entry_that_is_refused_although_existing_ones_are_ignored_is_told() => Run(IpsetType.HashNet, V4, client =>
    {
        IpsetEntry[] entries = Entries(IpsetType.HashNet, V4)[..10_000];
        client.Create("s", IpsetType.HashNet, V4);
        client.AddRange<IpsetEntry>("s", entries);
        entries[5_000] = IpsetEntry.Net(new IpsetPrefix(V4, 0, 0));
        IpsetException refused = Assert.Throws<IpsetException>(() => client.AddRange<IpsetEntry>("s", entries, ignoreExisting: true));
        Assert.Equal((IpsetError.InvalidPrefixLength, 5_000), (refused.Error, refused.EntryIndex));
    });

    [SkippableFact]
    public void A_missing_set_is_no_entrys_fault() => Run(IpsetType.HashNet, V4, client =>
    {
        IpsetException refused = Assert.Throws<IpsetException>(
            () => client.AddRange<IpsetEntry>("nothing", Entries(IpsetType.HashNet, V4)));
        Assert.Equal(("cannot add entries to nothing: there is no set of that name", null), (refused.Message, refused.EntryIndex));
        client.AddRange<IpsetEntry>("nothing", []);
    });

    private static IpsetEntry[] Entries(IpsetType type, NetfilterFamily family) =>
        [.. Enumerable.Range(0, Count).Select(i => Entry(type, family, i))];
}
