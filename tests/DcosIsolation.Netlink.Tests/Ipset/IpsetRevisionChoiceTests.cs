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

    private static byte Choose(IpsetType type, bool comments, IpsetRevisions? kernel) =>
        IpsetRevisionChoice.For("s", type, new IpsetCreateOptions { Comments = comments }, kernel);
}
