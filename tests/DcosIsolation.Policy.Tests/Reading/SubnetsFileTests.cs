using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class SubnetsFileTests
{
    private const string Policy = "version: 1\nnetworks: {it: {subnets-file: it.txt}}\n";

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("\ufeff10.0.0.1\r\n\r\n  # all of it\r\n\tfd00::/64 # and this\r\n", "10.0.0.1/32 fd00::/64")]
    [InlineData("#10.0.0.0/8\n10.9.0.0/16#x\n::/0", "10.9.0.0/16 ::/1 8000::/1")]
    public void A_prefix_a_line_is_read(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Reader.Good(Policy, ("it.txt", text)).Networks[0].Prefixes));

    [Fact]
    public void Mistakes_have_their_place_in_that_file() => Reader.Says(
        """
        it.txt:1:3: error: '10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address
        it.txt:4:1: error: '10.0.0.1-10.0.0.9' is a range; write the prefixes that make it up
        it.txt:5:2: error: '10.0.0.0/8 11.0.0.0/8' is not one prefix; expected a prefix, like 10.0.0.0/8 or fd00::/64; is a separator missing or wrong?
        """,
        Policy,
        ("it.txt", "  10.0.0.1/8\n\n10.7.0.0/16\n10.0.0.1-10.0.0.9\n\t10.0.0.0/8 11.0.0.0/8\r\n"));

    [Fact]
    public void A_file_for_two_networks_is_wrong_once()
    {
        PolicyReadResult result = Reader.Read(
            "version: 1\nnetworks: {a: {subnets-file: it.txt}, b: {subnets-file: it.txt}}\n", ("it.txt", "x"));
        Assert.Equal("it.txt:1:1", Assert.Single(result.Diagnostics).Location.ToString());
    }

    [Fact]
    public void Twenty_mistakes_are_shown_and_the_others_counted()
    {
        PolicyReadResult result = Reader.Read(Policy, ("it.txt", string.Concat(Enumerable.Repeat("x\n", 100))));
        Assert.Equal(21, result.Diagnostics.Length);
        Assert.Equal("it.txt:21:1: error: 80 more lines of this file are wrong; the first is this one", result.Diagnostics[^1].ToString());
    }

    [Theory]
    [InlineData("/etc/shadow")]
    [InlineData("../shadow")]
    [InlineData("a/../../shadow")]
    [InlineData("../policies.old/shadow")]
    public void A_file_outside_of_the_policys_directory_is_not_quoted(string file)
    {
        PolicyReadResult result = PolicyReader.Read(
            "/policies/policy.yaml",
            Policy.Replace("it.txt", file, StringComparison.Ordinal),
            _ => new StringReader("10.0.0.0/8\n root:$6$x:1\n"));

        Assert.Equal(
            $"{Path.Combine("/policies", file)}:2:1: error: the line is not a prefix or an address; it is not shown, since the file is outside"
                + " of the policy's directory",
            Assert.Single(result.Diagnostics).ToString());
    }

    [Theory]
    [InlineData("/policies/more/it.txt")]
    [InlineData("../policies/it.txt")]
    [InlineData("./more/../it.txt")]
    public void A_file_beside_or_below_the_policy_is_quoted(string file)
    {
        PolicyReadResult result = PolicyReader.Read(
            "/policies/policy.yaml", Policy.Replace("it.txt", file, StringComparison.Ordinal), _ => new StringReader("mistake"));

        Assert.Contains("'mistake'", Assert.Single(result.Diagnostics).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_path_cannot_take_over_a_terminal() => Reader.Says(
        @"\u001b[31m\u202ex:1:1: error: 'y' is not an address; expected a prefix, like 10.0.0.0/8 or fd00::/64",
        "version: 1\nnetworks: {it: {subnets-file: \"\\e[31m\\u202ex\"}}\n",
        ("\u001b[31m\u202ex", "y"));

    [Fact]
    public void One_mistake_more_is_one() => Assert.Equal(
        "it.txt:21:1: error: one more line of this file is wrong; the first is this one",
        Reader.Read(Policy, ("it.txt", string.Concat(Enumerable.Repeat("x\n", 21)))).Diagnostics[^1].ToString());

    [Fact]
    public void A_file_without_prefixes_leaves_the_network_without() => Reader.Says(
        "policy.yaml:2:12: error: the network 'it' has no prefix; expected at least one in 'subnets' or 'subnets-file'",
        Policy,
        ("it.txt", "# nothing\n"));

    [Fact]
    public void A_file_without_prefixes_beside_subnets_is_a_warning() => Reader.Says(
        "policy.yaml:2:54: warning: the subnets-file 'it.txt' holds no prefix",
        "version: 1\nnetworks: {it: {subnets: [10.0.0.0/8], subnets-file: it.txt}}\n",
        ("it.txt", ""));

    [Fact]
    public void An_endless_line_is_an_error_and_not_held() => Reader.Says(
        "it.txt:2:1: error: the line is longer than 65536 characters; expected one prefix a line",
        Policy,
        ("it.txt", "10.0.0.0/8\n" + new string('#', 200_000)));

    [Fact]
    public void Bytes_that_are_not_text_are_an_error_at_the_path()
    {
        using MemoryStream stream = new([0x31, 0xff, 0xfe]);
        PolicyReadResult result = PolicyReader.Read("policy.yaml", Policy, _ => new StreamReader(stream, new UTF8Encoding(false, true)));
        Assert.Equal(
            "policy.yaml:2:31: error: cannot read the subnets-file 'it.txt': it is not UTF-8 text",
            Assert.Single(result.Diagnostics).ToString());
    }

    [Fact]
    public void Other_failures_of_the_opener_are_the_callers()
    {
        Assert.Throws<InvalidOperationException>(
            () => PolicyReader.Read("policy.yaml", Policy, _ => throw new InvalidOperationException()));
        PolicyReadResult denied = PolicyReader.Read("policy.yaml", Policy, _ => throw new UnauthorizedAccessException("not yours"));
        Assert.Equal("cannot read the subnets-file 'it.txt': not yours", Assert.Single(denied.Diagnostics).Message);
    }

    [Fact]
    public void Lines_across_buffers_and_two_hundred_thousand_of_them_are_read()
    {
        StringBuilder text = new();
        for (int i = 0; i < 200_000; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"10.{i >> 15}.{(i >> 7) & 255}.{(i & 127) << 1} # {i}\n");
        }

        Stopwatch watch = Stopwatch.StartNew();
        Assert.Equal(200_000, Reader.Good(Policy, ("it.txt", text.ToString())).Networks[0].Prefixes.Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
    }
}
