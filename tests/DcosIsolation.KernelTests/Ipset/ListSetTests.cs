using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.KernelTests.Ipset.SetTypes;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>Sets of sets.</summary>
public sealed class ListSetTests
{
    [SkippableFact]
    public void Members_come_in_their_order_with_their_comments_and_go() => WithLists(client =>
    {
        client.Create("l", IpsetType.ListSet, NetfilterFamily.Unspecified, new IpsetCreateOptions { ListSize = 16, Comments = true });
        IpsetInfo info = Assert.IsType<IpsetInfo>(client.GetInfo("l"));
        Assert.Equal((IpsetType.ListSet, NetfilterFamily.Unspecified, 16u), (info.Type, info.Family, info.Options.ListSize));

        IpsetEntry[] members =
            [IpsetEntry.Set("b") with { Comment = "hr" }, IpsetEntry.Set("a"), IpsetEntry.Set("c") with { Comment = "it" }];
        client.AddRange<IpsetEntry>("l", members);
        Assert.Equal(members, client.ReadAll("l"));
        Assert.Equal(1u, client.GetInfo("a")!.References);
        Assert.True(client.Test("l", members[0]));
        Assert.False(client.Test("l", IpsetEntry.Set("d")));
        Assert.False(client.Test("l", IpsetEntry.Set("nothing")));

        client.Delete("l", members[1]);
        Assert.Equal([members[0], members[2]], client.ReadAll("l"));
        client.Flush("l");
        Assert.Empty(client.ReadAll("l"));
        client.Destroy("l");
        Assert.Equal(0u, client.GetInfo("b")!.References);
    });

    [SkippableFact]
    public void What_a_list_does_not_take_is_told_in_its_own_words() => WithLists(client =>
    {
        client.Create("l", IpsetType.ListSet, NetfilterFamily.Unspecified, new IpsetCreateOptions { ListSize = 4 });
        client.Create("m", IpsetType.ListSet, NetfilterFamily.Unspecified);
        client.Add("l", IpsetEntry.Set("a"));
        Refused(() => client.Add("l", IpsetEntry.Set("a")), IpsetError.Exists, "cannot add a to l: the entry is there already");
        Refused(() => client.Add("l", IpsetEntry.Set("nothing")), IpsetError.MemberMissing,
            "cannot add nothing to l: the member is no existing set");
        Refused(() => client.Add("l", IpsetEntry.Set("m")), IpsetError.MemberIsList,
            "cannot add m to l: a list:set cannot be a member of a list:set");
        Refused(() => client.Delete("l", IpsetEntry.Set("b")), IpsetError.Exists, "cannot delete b from l: the entry is not there");
        IpsetException refused = Refused(
            () => client.AddRange<IpsetEntry>("l", [IpsetEntry.Set("b"), IpsetEntry.Set("nothing"), IpsetEntry.Set("c")]),
            IpsetError.MemberMissing,
            "cannot add entries to l (entry 2 of 3: nothing): the member is no existing set");
        Assert.Equal(1, refused.EntryIndex);
        Assert.Equal(["a", "b"], client.ReadAll("l").Select(entry => entry.Member));

        // The size is no limit.
        client.Add("l", IpsetEntry.Set("c"));
        client.Add("l", IpsetEntry.Set("d"));
        client.Add("l", IpsetEntry.Set("e"));
        Assert.Equal((4u, 5u), (client.GetInfo("l")!.Options.ListSize, client.GetInfo("l")!.Elements));
    });

    [SkippableFact]
    public void A_member_can_be_swapped_but_neither_renamed_nor_destroyed() => WithLists(client =>
    {
        client.Create("l", IpsetType.ListSet, NetfilterFamily.Unspecified);
        client.Add("l", IpsetEntry.Set("a"));
        IpsetException busy = Refused(
            () => client.Destroy("a"), IpsetError.Busy, "cannot destroy the set a: a rule, a list or a dump uses it");
        Assert.True(busy.CanRetry);
        Refused(() => client.Rename("a", "z"), IpsetError.Referenced,
            "cannot rename the set a to z: a rule or a list refers to it; remove that first");
        client.Swap("a", "b");
        Assert.Equal("a", Assert.Single(client.ReadAll("l")).Member);
    });

    private static void WithLists(Action<IpsetClient> body) =>
        Run([(IpsetType.ListSet, NetfilterFamily.Unspecified), (IpsetType.HashNet, V4), (IpsetType.HashNet, V6)], client =>
        {
            foreach (string name in (string[])["a", "b", "c", "d", "e"])
            {
                client.Create(name, IpsetType.HashNet, name == "c" ? V6 : V4);
            }

            body(client);
        });

    private static IpsetException Refused(Action action, IpsetError error, string message)
    {
        IpsetException refused = Assert.Throws<IpsetException>(action);
        Assert.Equal((error, message), (refused.Error, refused.Message));
        return refused;
    }
}
