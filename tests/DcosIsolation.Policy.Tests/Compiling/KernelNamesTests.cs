using Xunit;

namespace DcosIsolation.Policy.Tests;

public class KernelNamesTests
{
    [Theory]
    [InlineData("hr", "hr")]
    [InlineData("twenty-characters-ab", "twenty-characters-ab")]
    [InlineData("twenty-one-characters", "twenty-one-~0f5d9dd1")]
    [InlineData("hr6", "hr6~d9f35e28")]
    [InlineData("it6", "it6")]
    public void A_label_is_the_name_unless_it_is_long_or_reads_like_a_twin(string network, string label) =>
        Assert.Equal(label, KernelNames.LabelOf(network, new HashSet<string> { "hr", "hr6", network }));

    [Theory]
    [InlineData("dcos-net-hr", "hash:net", true)]
    [InlineData("dcos-net-hr6+", "hash:net", true)]
    [InlineData("dcos-net-twenty-one-characters", "hash:net", false)]
    [InlineData("dcos-net-twenty-one-character6+", "hash:net", true)]
    [InlineData("dcos-net-twenty-one-~0123abcd6+", "hash:net", true)]
    [InlineData("dcos-net-twenty-one-~0123ABCD", "hash:net", false)]
    [InlineData("dcos-net-twenty-one-~0123abcd7", "hash:net", false)]
    [InlineData("dcos-net-hr6~01234567", "hash:net", false)]
    [InlineData("dcos-net-hr", "hash:ip", false)]
    [InlineData("dcos-net-", "hash:net", false)]
    [InlineData("dcos-net--x", "hash:net", false)]
    [InlineData("dcos-net-dcos-x", "hash:net", false)]
    [InlineData("dcos-net-hr++", "hash:net", false)]
    [InlineData("Dcos-net-hr", "hash:net", false)]
    [InlineData("dcos-overlays", "list:set", true)]
    [InlineData("dcos-overlays6+", "hash:net", true)]
    [InlineData("dcos-overlays66", "hash:net", false)]
    [InlineData("dcos-overlays-flat", "list:set", false)]
    [InlineData("dcos-exceptions6", "hash:net,net", true)]
    [InlineData("dcos-complex-denied", "hash:net,net", false)]
    [InlineData("dcos-complex-denied+", "hash:net,port,net", true)]
    [InlineData("dcos-isolation", "hash:net", false)]
    public void A_set_is_ours_by_name_and_type(string name, string type, bool isOurs) =>
        Assert.Equal(isOurs, KernelNames.IsOurs(name, type));

    [Fact]
    public void A_twin_and_a_hashed_label_are_recognised_as_made()
    {
        var networks = new HashSet<string> { "hr", "hr6" };
        foreach (Family family in (Family[])[Family.Inet, Family.Inet6])
        {
            foreach (string name in networks)
            {
                string logical = KernelNames.NetworkSet(KernelNames.LabelOf(name, networks), family);
                Assert.All(KernelNames.Slots(logical), slot => Assert.True(KernelNames.IsOurs(slot, "hash:net")));
                Assert.All(KernelNames.Slots(logical), slot => Assert.Equal(logical, KernelNames.LogicalOf(slot)));
            }
        }
    }

    [Theory]
    [InlineData("dcos-overlays", Family.Inet)]
    [InlineData("dcos-overlays6+", Family.Inet6)]
    [InlineData("dcos-net-hr6", null)]
    [InlineData("other6", null)]
    public void The_name_of_a_set_for_all_networks_tells_its_family(string name, Family? family) =>
        Assert.Equal(family, KernelNames.FamilyOf(name));

    [Fact]
    public void A_foreign_name_keeps_its_plus() => Assert.Equal("other+", KernelNames.LogicalOf("other+"));
}
