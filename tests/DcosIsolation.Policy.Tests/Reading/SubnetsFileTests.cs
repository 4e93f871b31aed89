using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class SubnetsFileTests
{
    private const string Policy = "version: 1\nnetworks: {it: {subnets-file: it.txt}}\n";

    [Theory]
    [InlineData("10.0.0.0/8", "10.0.0.0/8")]
    [InlineData("\ufeff10.0.0.1\r\n\r\n  # all of it\r\n\tfd00::/64 # and this\r\n", "10.0.0.1/32 fd00::/64")]
    [InlineData("#10.0.0.0/8\n10.9.0.0/16#x\n::/0", "10.9.0.0/16 ::/1 8000::/1")]
    [InlineData("; Spamhaus DROP List\r\n1.10.16.0/20 ; SBL256894\r\n\r\n ;;\r\n2.57.122.0/24\t;x", "1.10.16.0/20 2.57.122.0/24")]
    [InlineData("10.0.0.9 \t\n\t 10.0.0.6/32\r\r\n10.0.0.4", "10.0.0.4/32 10.0.0.6/32 10.0.0.9/32")]
    [InlineData("0.0.0.0/0\n", "0.0.0.0/1 128.0.0.0/1")]
    [InlineData("10.0.0.1 # größer als das Übliche – \ud83d\ude00\nfd00::1\u00a0\n", "10.0.0.1/32 fd00::1/128")]
    [InlineData("10.0.0.1-10.0.0.1\n", "10.0.0.1/32")]
    [InlineData("10.0.0.1-10.0.0.9 # nine\n", "10.0.0.1/32 10.0.0.2/31 10.0.0.4/30 10.0.0.8/31")]
    [InlineData("10.0.0.0 - 10.0.0.255\r\n", "10.0.0.0/24")]
    [InlineData("0.0.0.0-255.255.255.255\n::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1")]
    [InlineData("255.255.255.254-255.255.255.255", "255.255.255.254/31")]
    [InlineData("fd00::fffe-fd00::1:1", "fd00::fffe/127 fd00::1:0/127")]
    public void A_prefix_a_line_is_read(string text, string expected) =>
        Assert.Equal(expected, string.Join(' ', Reader.Good(Policy, ("it.txt", text)).Networks[0].Prefixes));

    [Fact]
    public void Mistakes_have_their_place_in_that_file() => Reader.Says(
        """
        it.txt:1:3: error: '10.0.0.1/8' has host bits set; write 10.0.0.0/8, or 10.0.0.1/32 for the one address
        it.txt:4:1: error: '10.0.0.9-10.0.0.1' is a range that ends before it begins; write 10.0.0.1-10.0.0.9
        it.txt:5:2: error: '10.0.0.0/8 11.0.0.0/8' is not one prefix; expected a prefix, like 10.0.0.0/8 or fd00::/64; is a separator missing or wrong?
        """,
        Policy,
        ("it.txt", "  10.0.0.1/8\n\n10.7.0.0/16\n10.0.0.9-10.0.0.1\n\t10.0.0.0/8 11.0.0.0/8\r\n"));

    [Theory]
    [InlineData("10.0.0.1-fd00::1", "is a range from one family to the other; write a range for each")]
    [InlineData("10.0.0.0/24-10.0.1.0/24", "is a range of prefixes; write addresses: 10.0.0.0-10.0.1.255")]
    [InlineData("10.0.0.0-10.0.1.0/24", "is a range of prefixes; write addresses: 10.0.0.0-10.0.1.255")]
    [InlineData("fd00::/64-fd00::9", "is a range of prefixes; write addresses: fd00::-fd00::9")]
    [InlineData("fd00::9-fd00::1", "is a range that ends before it begins; write fd00::1-fd00::9")]
    [InlineData("::ffff:10.0.0.1-::ffff:10.0.0.9", "is IPv4 written as IPv6, which no packet carries; write 10.0.0.1-10.0.0.9")]
    [InlineData(
        "10.0.0.1-10.0.0.256",
        "is not a range of two addresses, like 10.0.0.1-10.0.0.9: '10.0.0.256' has a number over 255: '256'; expected four numbers from"
            + " 0 to 255, like 192.168.0.0/16")]
    [InlineData(
        "10.0.0.1-",
        "is not a range of two addresses, like 10.0.0.1-10.0.0.9: nothing is written here; expected a prefix, like 10.0.0.0/8 or"
            + " fd00::/64")]
    [InlineData(
        "10.0.0.1-10.0.0.9-10.0.0.11",
        "is not a range of two addresses, like 10.0.0.1-10.0.0.9: '10.0.0.9-10.0.0.11' is a range; write the prefixes that make it up, or"
            + " put it into a subnets-file")]
    public void A_range_that_is_none_says_what_to_write(string range, string expected) =>
        Reader.Says($"it.txt:2:3: error: '{range}' {expected}", Policy, ("it.txt", $"10.7.0.0/16\n  {range} # comment\n"));

    [Theory]
    [InlineData("10.0.0.0/8;11.0.0.0/8")]
    [InlineData("10.0.0.256")]
    [InlineData("10.0.0.1234")]
    [InlineData("10.0.0.01")]
    [InlineData("10.0.0")]
    [InlineData("10.0.0.")]
    [InlineData("10.0.0.0/")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/08")]
    [InlineData("10.0.0.0/8.")]
    [InlineData("10.0.0.1/31")]
    [InlineData("128.0.0.1/1")]
    [InlineData("10.0.0.1 10.0.0.2")]
    [InlineData("10.0.0.1\0")]
    public void What_is_no_prefix_is_an_error(string line)
    {
        PolicyReadResult result = Reader.Read(Policy, ("it.txt", $"10.7.0.0/16\n{line}\r\n10.8.0.0/16 # and so on"));
        Assert.Equal("it.txt:2:1", Assert.Single(result.Diagnostics).Location.ToString());
    }

    [Fact]
    public void The_quick_way_to_read_a_line_agrees_with_the_parser()
    {
        // Spoiled in one place or in none; what is behind the line keeps its end away.
        Gen<char> spoilers = Gen.Char["0123456789./ \t\r\n-x"];
        Gen<string> line = Gen.Select(Gen.UInt, Gen.Int[0, 33], Gen.Int[-1, 19], spoilers).Select((bits, length, at, spoiler) =>
        {
            var prefix = new Prefix(Family.Inet, (UInt128)bits << 96, Math.Min(length, 32));
            string whole = length == 33 ? prefix.Address.ToString() : prefix.ToString();
            return at < 0 || at >= whole.Length ? whole : $"{whole[..at]}{spoiler}{whole[(at + 1)..]}";
        });
        line.Sample(
            text =>
            {
                byte[] bytes = Encoding.UTF8.GetBytes($"{text}\r\n# and so on, and so on");
                string first = text.Split('\n')[0];
                bool isPrefix = PrefixParser.TryParse(first.Trim(), out Prefix expected, out _) && expected.Length > 0;
                bool isRead = SubnetsLine.TryReadInet(bytes, out uint address, out int length, out int consumed);
                return isRead == isPrefix
                    && (!isRead || (new Prefix(Family.Inet, (UInt128)address << 96, length) == expected && bytes[consumed - 1] == '\n'
                        && bytes.AsSpan(0, consumed).Count((byte)'\n') == 1));
            },
            iter: 20_000);
    }

    [Fact]
    public void Every_range_is_made_up_of_the_fewest_prefixes() => Gen.Select(Gen.Bool, Gen.UInt[0, 300], Gen.UInt[0, 300]).Sample(
        (inet, one, other) =>
        {
            (uint first, uint last) = (Math.Min(one, other), Math.Max(one, other));
            Family family = inet ? Family.Inet : Family.Inet6;
            int length = Prefix.MaxLength(family);
            IPAddress Address(uint low) => new Prefix(family, ((UInt128)0x20 << 120) | ((UInt128)low << (128 - length)), length).Address;
            PrefixBuilder single = new();
            for (uint address = first; address <= last; address++)
            {
                single.Add(Prefix.From(Address(address), length));
            }

            PolicyReadResult result = Reader.Read(Policy, ("it.txt", $"{Address(first)}-{Address(last)}"));
            return result.Diagnostics.IsEmpty && single.ToCanonical().AsSpan().SequenceEqual(result.Policy!.Networks[0].Prefixes.AsSpan());
        });

    [Fact]
    public void Files_that_come_in_pieces_of_any_size_are_read_alike() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 12]).Sample((piece, line) =>
    {
        string many = string.Concat(Enumerable.Range(0, line).Select(i => $"10.{i}.0.0/17\n"));
        string text = $"\ufeff11.0.0.1\r\n# größer\nfd00::/64 ; x\n11.0.0.4-11.0.0.9\n\n{many}11.9.9.9";
        PolicyReadResult result = PolicyReader.Read("policy.yaml", Policy, _ => new PieceStream(Encoding.UTF8.GetBytes(text), piece));
        ReadOnlySpan<Prefix> whole = Reader.Good(Policy, ("it.txt", text)).Networks[0].Prefixes.AsSpan();
        return whole.SequenceEqual(result.Policy!.Networks[0].Prefixes.AsSpan());
    });

    [Fact]
    public void A_line_of_65535_characters_is_read_and_one_more_is_too_long()
    {
        // Three bytes each in UTF-8, so that bytes are not what is counted.
        string longest = "10.0.0.1 #" + new string('\u20ac', SubnetsFileReader.MaxLineLength - 1 - 10);
        IsolationPolicy policy = Reader.Good(Policy, ("it.txt", $"{longest}\n10.0.0.3"));
        Assert.Equal("10.0.0.1/32 10.0.0.3/32", string.Join(' ', policy.Networks[0].Prefixes));
        Reader.Says(
            "it.txt:1:1: error: the line is longer than 65536 characters; expected one prefix a line",
            Policy,
            ("it.txt", $"{longest}\u20ac\n10.0.0.3"));
    }

    [Fact]
    public void Bytes_that_are_not_text_are_an_error_in_a_comment_and_far_behind_too()
    {
        string good = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"10.{i >> 8}.{i & 255}.0\n"));
        byte[] bytes = [.. Encoding.UTF8.GetBytes(good), (byte)'#', 0xc3];
        PolicyReadResult result = PolicyReader.Read("policy.yaml", Policy, _ => new MemoryStream(bytes));
        Assert.Equal("cannot read the subnets-file 'it.txt': it is not UTF-8 text", Assert.Single(result.Diagnostics).Message);
    }

    [Fact]
    public void No_line_costs_an_allocation()
    {
        string text = string.Concat(Enumerable.Range(0, 100_000).Select(i => $"10.{(i >> 8) & 255}.{i & 255}.0/24\n"));
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        PrefixBuilder prefixes = new();
        long before = GC.GetAllocatedBytesForCurrentThread();
        new SubnetsFileReader("it.txt", true, prefixes, new DiagnosticBag()).Read(new MemoryStream(bytes));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, (256 * 1024) + (100_000 * 8 * 2));
    }

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
            _ => Reader.Bytes("10.0.0.0/8\n root:$6$x:1\n"));

        Assert.Equal(
            $"{Path.Combine("/policies", file)}:2:1: error: the line is not a prefix, an address or a range; it is not shown, since the"
                + " file is outside of the policy's directory",
            Assert.Single(result.Diagnostics).ToString());
    }

    [Theory]
    [InlineData("/policies/more/it.txt")]
    [InlineData("../policies/it.txt")]
    [InlineData("./more/../it.txt")]
    public void A_file_beside_or_below_the_policy_is_quoted(string file)
    {
        PolicyReadResult result = PolicyReader.Read(
            "/policies/policy.yaml", Policy.Replace("it.txt", file, StringComparison.Ordinal), _ => Reader.Bytes("mistake"));

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
        PolicyReadResult result = PolicyReader.Read("policy.yaml", Policy, _ => stream);
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

    /// <summary>Gives what it holds in pieces, and does not say how much that is.</summary>
    private sealed class PieceStream(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));
    }
}
