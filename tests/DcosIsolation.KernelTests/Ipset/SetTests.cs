using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.KernelTests.Ipset.SetTypes;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>Sets of the hash types, from their creation to their end.</summary>
public sealed class SetTests
{
    public static TheoryData<IpsetType, NetfilterFamily> Hashes => SetTypes.Hashes;

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void A_set_is_created_filled_read_flushed_renamed_swapped_and_destroyed(IpsetType type, NetfilterFamily family) =>
        Run(type, family, client =>
        {
            Assert.Null(client.GetInfo("one"));
            Assert.Null(client.GetIndex("one"));
            client.Create("one", type, family, new IpsetCreateOptions { HashSize = 128, MaxElem = 1000 });
            IpsetInfo info = Assert.IsType<IpsetInfo>(client.GetInfo("one"));
            Assert.Equal(("one", type.Name(), type, family), (info.Name, info.TypeName, info.Type, info.Family));
            Assert.Equal((128u, 1000u, 0u, 0u), (info.Options.HashSize, info.Options.MaxElem, info.References, info.Elements));
            Assert.Equal(client.GetIndex("one"), info.Index);
            IpsetRevisions revisions = client.GetRevisions(type, family)!.Value;
            Assert.InRange(info.Revision, revisions.Minimum, revisions.Maximum);
            Assert.Empty(client.ReadAll("one"));

            IpsetEntry[] entries = Various(type, family);
            foreach (IpsetEntry entry in entries)
            {
                client.Add("one", entry);
            }

            client.AssertHolds("one", entries);
            Assert.Equal((uint)entries.Length, client.GetInfo("one")!.Elements);
            Assert.All(client.ReadAll("one"), entry => Assert.False(entry.HasOtherAttributes));

            // The kernel answers a test for an exception with its own question: does it match? It does not.
            Assert.All(entries, entry => Assert.Equal(!entry.NoMatch, client.Test("one", entry with { NoMatch = false })));
            Assert.False(client.Test("one", Entry(type, family, 123)));

            client.Delete("one", entries[0]);
            client.AssertHolds("one", entries[1..]);

            client.Create("two", type, family);
            ushort? one = client.GetIndex("one"), two = client.GetIndex("two");
            client.Swap("one", "two");
            Assert.Empty(client.ReadAll("one"));
            client.AssertHolds("two", entries[1..]);
            Assert.Equal((one, two), (client.GetIndex("one"), client.GetIndex("two")));

            client.Rename("two", "three");
            Assert.Null(client.GetInfo("two"));
            client.AssertHolds("three", entries[1..]);
            client.Flush("three");
            Assert.Empty(client.ReadAll("three"));

            Assert.Equal(["one", "three"], client.List().Select(set => set.Name).Order());
            client.Destroy("one");
            client.Destroy("three");
            Assert.Empty(client.List());
        });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void Comments_are_kept_where_the_set_was_created_with_them(IpsetType type, NetfilterFamily family) => Run(type, family, client =>
    {
        client.Create("with", type, family, new IpsetCreateOptions { Comments = true });
        IpsetEntry[] entries =
        [
            Entry(type, family, 1) with { Comment = "why: ünïcödé" },
            Entry(type, family, 2) with { Comment = new string('x', 255) },
            Entry(type, family, 3),
        ];
        client.AddRange<IpsetEntry>("with", entries);
        client.AssertHolds("with", entries);
        Assert.Throws<ArgumentException>(() => client.Add("with", Entry(type, family, 4) with { Comment = new string('x', 256) }));

        client.Create("without", type, family);
        Refused(() => client.Add("without", entries[0]), IpsetError.NoComments,
            $"cannot add {entries[0]} to without: the set was created without comments");
    });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void What_exists_and_what_is_missing_is_told_unless_it_is_to_be_ignored(IpsetType type, NetfilterFamily family) =>
        Run(type, family, client =>
        {
            IpsetEntry entry = Entry(type, family, 1);
            Refused(() => client.Add("s", entry), IpsetError.None, $"cannot add {entry} to s: there is no set of that name");
            Refused(() => client.Test("s", entry), IpsetError.None, $"cannot test {entry} in s: there is no set of that name");
            Refused(() => client.Flush("s"), IpsetError.None, "cannot flush the set s: there is no set of that name");
            Refused(() => client.Destroy("s"), IpsetError.None, "cannot destroy the set s: there is no set of that name");
            Refused(() => client.ReadAll("s"), IpsetError.None, "cannot read the entries of s: there is no set of that name");
            Refused(() => client.Rename("s", "t"), IpsetError.None, "cannot rename the set s to t: there is no set of that name");
            client.Destroy("s", ignoreMissing: true);

            client.Create("s", type, family);
            Refused(() => client.Create("s", type, family), IpsetError.None, "cannot create the set s: a set of that name exists already");
            client.Create("s", type, family, ignoreExisting: true);
            Refused(() => client.Swap("s", "t"), IpsetError.SecondName, "cannot swap the set s with t: there is no set of the second name");
            client.Create("t", type, family);
            Refused(() => client.Rename("s", "t"), IpsetError.SecondName,
                "cannot rename the set s to t: a set of the new name exists already");

            client.Add("s", entry);
            Refused(() => client.Add("s", entry), IpsetError.Exists, $"cannot add {entry} to s: the entry is there already");
            client.Add("s", entry, ignoreExisting: true);
            client.Delete("s", entry);
            Refused(() => client.Delete("s", entry), IpsetError.Exists, $"cannot delete {entry} from s: the entry is not there");
            client.Delete("s", entry, ignoreMissing: true);
            Assert.Empty(client.ReadAll("s"));
        });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void A_full_set_says_how_much_it_takes(IpsetType type, NetfilterFamily family) => Run(type, family, client =>
    {
        // maxelem is shared out among the regions of the table; with the smallest table there is one.
        client.Create("s", type, family, new IpsetCreateOptions { HashSize = 64, MaxElem = 3 });
        IpsetEntry[] entries = [.. Enumerable.Range(0, 10).Select(i => Entry(type, family, i))];
        IpsetException refused = Assert.Throws<IpsetException>(() => client.AddRange<IpsetEntry>("s", entries));
        Assert.Equal(IpsetError.HashFull, refused.Error);
        int index = Assert.IsType<int>(refused.EntryIndex);
        Assert.Equal(
            $"cannot add entries to s (entry {index + 1} of 10: {entries[index]}): the set is full (maxelem 3)", refused.Message);
        client.AssertHolds("s", entries[..index]);
        Refused(() => client.Add("s", entries[index]), IpsetError.HashFull,
            $"cannot add {entries[index]} to s: the set is full (maxelem 3)");
    });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void An_entry_of_the_other_family_or_of_another_type_is_refused(IpsetType type, NetfilterFamily family) =>
        Run(type, family, client =>
        {
            client.Create("s", type, family);
            IpsetEntry foreign = Entry(type, family == V4 ? V6 : V4, 1);
            Refused(() => client.Add("s", foreign), IpsetError.Protocol,
                $"cannot add {foreign} to s: the entry does not fit the set: it is of another family or type, " +
                "or has an option that the set's revision lacks");

            // The kernel answers a test that it cannot make with no (ip_set_utest, ip_set_core.c).
            Assert.False(client.Test("s", foreign));
            Assert.Throws<IpsetException>(() => client.Add("s", IpsetEntry.Set("s")));
            Assert.Empty(client.ReadAll("s"));
        });

    [SkippableTheory]
    [InlineData(V4)]
    [InlineData(V6)]
    public void All_addresses_are_no_entry_of_a_hash_net_but_two_halves_are(NetfilterFamily family) =>
        Run(IpsetType.HashNet, family, client =>
        {
            client.Create("s", IpsetType.HashNet, family);
            IpsetEntry all = IpsetEntry.Net(new IpsetPrefix(family, 0, 0));
            Refused(() => client.Add("s", all), IpsetError.InvalidPrefixLength,
                $"cannot add {all} to s: the set type does not take this prefix length; for all addresses add two prefixes of length 1");
            client.Add("s", IpsetEntry.Net(new IpsetPrefix(family, 0, 1)));
            client.Add("s", IpsetEntry.Net(new IpsetPrefix(family, (UInt128)1 << 127, 1)));
            Assert.True(client.Test("s", Various(IpsetType.HashNet, family)[1]));
        });

    [SkippableTheory]
    [MemberData(nameof(Hashes))]
    public void Adding_again_flips_nomatch(IpsetType type, NetfilterFamily family) => Run(type, family, client =>
    {
        client.Create("s", type, family);
        IpsetEntry entry = Entry(type, family, 1);
        client.Add("s", entry with { NoMatch = true });
        client.AssertHolds("s", [entry with { NoMatch = true }]);
        Assert.False(client.Test("s", entry));
        client.Add("s", entry, ignoreExisting: true);
        client.AssertHolds("s", [entry]);
        Assert.True(client.Test("s", entry));
    });

    [SkippableFact]
    public void Sets_of_different_types_or_families_are_not_swapped() => Run([(IpsetType.HashNet, V4), (IpsetType.HashNet, V6)], client =>
    {
        client.Create("four", IpsetType.HashNet, V4);
        client.Create("six", IpsetType.HashNet, V6);
        Refused(() => client.Swap("four", "six"), IpsetError.TypeMismatch,
            "cannot swap the set four with six: the two sets differ in type or family");
    });

    [SkippableFact]
    public void A_name_that_is_none_is_refused_before_it_is_sent() => Run([], client =>
    {
        foreach (string name in (string[])["", "a b", "a\nb", "a\"b", "é", new string('a', 32)])
        {
            Assert.Throws<ArgumentException>(() => client.Create(name, IpsetType.HashNet, V4));
            Assert.Throws<ArgumentException>(() => client.Destroy(name));
            Assert.Throws<ArgumentException>(() => client.Swap("a", name));
            Assert.Throws<ArgumentException>(() => client.GetIndex(name));
            Assert.Throws<ArgumentException>(() => client.GetInfo(name));
        }
    });

    [SkippableFact]
    public void Three_thousand_sets_are_made_listed_and_destroyed() => Run(IpsetType.HashNet, V4, client =>
    {
        string[] names = [.. Enumerable.Range(0, 3000).Select(i => $"set-{i}")];
        foreach (string name in names)
        {
            client.Create(name, IpsetType.HashNet, V4, new IpsetCreateOptions { HashSize = 64 });
        }

        IReadOnlyList<IpsetInfo> list = client.List();
        Assert.Equal(names.Order(StringComparer.Ordinal), list.Select(info => info.Name).Order(StringComparer.Ordinal));
        Assert.Equal(3000, list.Select(info => info.Index).Distinct().Count());
        Assert.Equal(client.GetIndex(names[2999]), list.Single(info => info.Name == names[2999]).Index);
        foreach (string name in names)
        {
            client.Destroy(name);
        }

        Assert.Empty(client.List());
    });

    private static void Refused(Action action, IpsetError error, string message)
    {
        IpsetException refused = Assert.Throws<IpsetException>(action);
        Assert.Equal((error, message), (refused.Error, refused.Message));
    }
}
