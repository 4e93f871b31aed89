using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

public sealed class IpsetRevisionChoiceTests
{
    [Theory]
    [InlineData(IpsetType.HashNet, false, 0, 7, 2)]
    [InlineData(IpsetType.HashNet, true, 0, 7, 4)]
    [InlineData(IpsetType.HashNet, false, 3, 7, 3)]
    [InlineData(IpsetType.HashNet, true, 6, 7, 6)]
    [InlineData(IpsetType.HashNet, false, 0, 2, 2)]
    [InlineData(IpsetType.HashNetNet, false, 0, 3, 0)]
    [InlineData(IpsetType.HashNetNet, true, 0, 3, 0)]
    [InlineData(IpsetType.HashNetPortNet, true, 1, 3, 1)]
    [InlineData(IpsetType.ListSet, false, 0, 3, 0)]
    [InlineData(IpsetType.ListSet, true, 0, 3, 2)]
    public void The_lowest_revision_with_the_options_is_chosen(IpsetType type, bool comments, byte minimum, byte maximum, byte chosen) =>
        Assert.Equal(chosen, Choose(type, comments, new IpsetRevisions(minimum, maximum)));

    [Theory]
    [InlineData(IpsetType.HashNet, true, 3, "cannot create the set s: its options need revision 4 of hash:net, the kernel has 3")]
    [InlineData(IpsetType.ListSet, true, 1, "cannot create the set s: its options need revision 2 of list:set, the kernel has 1")]
    public void A_kernel_that_is_too_old_for_an_option_is_told(IpsetType type, bool comments, byte maximum, string message) => Assert.Equal(
        message, Assert.Throws<NotSupportedException>(() => Choose(type, comments, new IpsetRevisions(0, maximum))).Message);

    [Fact]
    public void A_type_that_the_kernel_lacks_is_told()
    {
        IpsetException missing = Assert.Throws<IpsetException>(() => Choose(IpsetType.HashNetPortNet, false, null));
        Assert.Equal(IpsetError.TypeNotFound, missing.Error);
        Assert.Equal(
            "cannot create the set s of type hash:net,port,net: the kernel has no such set type in this family and revision; " +
            "load or build its module (ip_set_…)",
            missing.Message);
    }

    [Theory]
    [InlineData(IpsetType.HashNet, 2, 3, 4, 5, 6, 7)]
    [InlineData(IpsetType.HashNetNet, 0, 0, 0, 1, 2, 3)]
    [InlineData(IpsetType.HashNetPortNet, 0, 0, 0, 1, 2, 3)]
    public void Each_option_asks_for_the_revision_that_brought_it(
        IpsetType type, byte timeout, byte counters, byte comments, byte forceAdd, byte skbInfo, byte bucketSize)
    {
        Assert.Equal(timeout, Choose(type, new() { Timeout = 1 }));
        Assert.Equal(counters, Choose(type, new() { Counters = true }));
        Assert.Equal(comments, Choose(type, new() { Comments = true }));
        Assert.Equal(forceAdd, Choose(type, new() { ForceAdd = true }));
        Assert.Equal(skbInfo, Choose(type, new() { SkbInfo = true, Comments = true }));
        Assert.Equal(bucketSize, Choose(type, new() { BucketSize = 4 }));
        Assert.Equal(bucketSize, Choose(type, new() { InitVal = 4 }));
        Assert.Equal(7, Choose(type, new() { Revision = 7 }));
    }

    [Fact]
    public void An_option_that_the_type_never_had_is_told() => Assert.Equal(
        "cannot create the set s: a list:set has no option ForceAdd",
        Assert.Throws<NotSupportedException>(() => Choose(IpsetType.ListSet, new() { ForceAdd = true })).Message);

    [Fact]
    public void A_revision_below_what_the_options_need_is_told() => Assert.Equal(
        "cannot create the set s: its options need revision 4 of hash:net, revision 3 was asked for",
        Assert.Throws<NotSupportedException>(() => Choose(IpsetType.HashNet, new() { Revision = 3, Comments = true })).Message);

    [Fact]
    public void An_entry_says_which_of_its_options_came_after_its_set()
    {
        IpsetEntry net = IpsetEntry.Net(System.Net.IPNetwork.Parse("10.0.0.0/8"));
        Assert.Equal("NoMatch needs revision 2 of hash:net, the set has 1", Missing(net with { NoMatch = true }, "hash:net", 1));
        Assert.Equal("Counters needs revision 3 of hash:net, the set has 2", Missing(net with { NoMatch = true, Bytes = 1 }, "hash:net", 2));
        Assert.Equal("SkbInfo needs revision 6 of hash:net, the set has 5", Missing(net with { SkbQueue = 1, Timeout = 1 }, "hash:net", 5));
        Assert.Null(Missing(net with { SkbQueue = 1, Timeout = 1, Comment = "x" }, "hash:net", 6));
        Assert.Equal("a hash:net has no Position", Missing(net with { Before = "x" }, "hash:net", 7));
        Assert.Null(Missing(IpsetEntry.Set("a") with { Before = "x" }, "list:set", 0));
        Assert.Null(Missing(net with { Before = "x" }, "hash:ip", 0));
    }

    private static string? Missing(IpsetEntry entry, string typeName, byte revision) =>
        IpsetRevisionChoice.Missing(entry, new IpsetInfo("s", typeName, revision, NetfilterFamily.Inet));

    private static byte Choose(IpsetType type, IpsetCreateOptions options) =>
        IpsetRevisionChoice.For("s", type, options, new IpsetRevisions(0, 7));

    private static byte Choose(IpsetType type, bool comments, IpsetRevisions? kernel) =>
        IpsetRevisionChoice.For("s", type, new IpsetCreateOptions { Comments = comments }, kernel);
}
