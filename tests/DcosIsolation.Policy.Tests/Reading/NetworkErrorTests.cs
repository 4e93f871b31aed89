using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class NetworkErrorTests
{
    private const string Tail = "; expected letters, digits, '_', '.' and '-', with a letter or a digit first";

    [Theory]
    [InlineData("dcos-hr", "starts with 'dcos-', which is reserved; choose another name")]
    [InlineData("mesos-hr", "starts with 'mesos-', which is reserved; choose another name")]
    [InlineData("-hr", "is not a name" + Tail)]
    [InlineData("h r", "is not a name" + Tail)]
    [InlineData("hür", "is not a name" + Tail)]
    [InlineData("10.0.0.0/8", "is not a name" + Tail)]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", "has 64 characters; the most is 63")]
    public void Names_are_checked(string name, string expected) => Reader.Says(
        $"policy.yaml:2:12: error: the network name '{name}' {expected}",
        $$$"""
        version: 1
        networks: {{{{name}}}: {subnets: [10.0.0.0/8]}}
        allow: [{from: '{{{name}}}', to: "*"}]
        """);

    [Theory]
    [InlineData("a")]
    [InlineData("0")]
    [InlineData("Hr_2.x-y")]
    [InlineData("dcos")]
    [InlineData("no")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123")]
    public void Good_names_pass(string name) =>
        Assert.Equal(name, Reader.Good($"version: 1\nnetworks: {{{name}: {{subnets: [10.0.0.0/8]}}}}").Networks[0].Name);

    [Fact]
    public void A_name_like_an_address_means_the_network_and_is_warned_of() => Reader.Says(
        "policy.yaml:2:12: warning: the network name '10.0.0.1' is also an address; in 'from', 'to' and 'exceptions' it means the network",
        """
        version: 1
        networks: {10.0.0.1: {subnets: [192.168.0.0/16]}}
        allow: [{from: 10.0.0.1, to: "*"}]
        """);

    [Theory]
    [InlineData("{}", "1: error: 'networks' is empty; expected at least one network, like: hr: {subnets: [192.168.0.0/16]}")]
    [InlineData("[hr]", "11: error: 'networks': expected a mapping of names to networks, found a list")]
    [InlineData("{hr: }", "16: error: the network 'hr': expected a mapping with 'subnets' or 'subnets-file', found nothing")]
    [InlineData(
        "{hr: {}}",
        "12: error: the network 'hr' has neither 'subnets' nor 'subnets-file';"
        + " expected at least one of them, like subnets: [192.168.0.0/16]")]
    [InlineData("{hr: {subnets: []}}", "12: error: the network 'hr' has no prefix; expected at least one in 'subnets' or 'subnets-file'")]
    [InlineData(
        "{hr: {subnets: 10.0.0.0/8}}",
        "26: error: 'subnets': expected a list, like [192.168.0.0/16, \"fd00:1::/64\"], found '10.0.0.0/8'")]
    [InlineData("{hr: {subnets: [10.0.0.0/8], internal: yes}}", "50: error: 'internal': expected allow or deny, found 'yes'")]
    [InlineData("{hr: {subnets: [10.0.0.0/8], subnets-file: []}}", "54: error: 'subnets-file': expected the path of a file, found a list")]
    [InlineData("{hr: {subnets: [10.0.0.0/8], subnets-file: ''}}", "54: error: 'subnets-file': expected the path of a file, found ''")]
    [InlineData("{hr: {subnets-file: x.txt}}", "31: error: cannot read the subnets-file 'x.txt': no such file")]
    [InlineData(
        "{hr: {subnets: [10.0.0.0/8], cidr: [a]}}",
        "40: error: unknown key 'cidr'; a network has: subnets, subnets-file, internal")]
    public void Networks_are_checked(string networks, string expected) => Reader.Says(
        "policy.yaml:2:" + expected, $"version: 1\nnetworks: {networks}\n");

    [Theory]
    [InlineData(
        "192.168.0.0./16",
        "'192.168.0.0./16' has an empty number beside a dot; expected four numbers from 0 to 255, like 192.168.0.0/16")]
    [InlineData("fd00::, 10.0.0.0/8", "an item of 'subnets': expected a prefix (write IPv6 in quotes), found a mapping")]
    [InlineData("~", "an item of 'subnets': expected a prefix, found nothing")]
    [InlineData("[10.0.0.0/8]", "an item of 'subnets': expected a prefix, found a list")]
    [InlineData(
        "10.0.0.0/8 10.1.0.0/16",
        "'10.0.0.0/8 10.1.0.0/16' is not one prefix; expected a prefix, like 10.0.0.0/8 or fd00::/64; is a separator missing or wrong?")]
    public void Items_of_subnets_are_checked(string item, string expected) => Assert.Equal(expected, Reader.OfSubnet(item));

    // YAML readers, and this one between two versions, disagree on these; whatever they make of them, it is never another prefix.
    [Theory]
    [InlineData("::1")]
    [InlineData("fd00::1")]
    [InlineData("10.0.0.0/8, ::/0")]
    [InlineData("\"fd01::/64\", ::/0")]
    [InlineData("fd00::")]
    [InlineData("fd00::, ::1, fd00:1::/64")]
    public void Ipv6_without_quotes_is_read_right_or_not_at_all(string items)
    {
        PolicyReadResult result = Reader.Read($"version: 1\nnetworks: {{hr: {{subnets: [{items}]}}}}");
        string quoted = '"' + string.Join("\", \"", items.Split(", ").Select(item => item.Trim('"'))) + '"';
        PolicyReadResult meant = Reader.Read($"version: 1\nnetworks: {{hr: {{subnets: [{quoted}]}}}}");
        Assert.NotNull(meant.Policy);
        Assert.True(result.Policy is null || PolicyDigest.Compute(result.Policy) == PolicyDigest.Compute(meant.Policy));
        Assert.All(result.Diagnostics, diagnostic => Assert.Contains("in quotes", diagnostic.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Merged_prefixes_are_counted() => Reader.Says(
        "policy.yaml:2:12: info: the network 'hr': 4 prefixes merged into 1",
        """
        version: 1
        networks: {hr: {subnets: [10.128.0.0/9, 10.0.0.0/9, 10.3.0.0/16, 10.0.0.0/9]}}
        """);
}
