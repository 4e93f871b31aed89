using System.Net;
using DcosIsolation.Daemon.IpsetCommand;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public sealed class OptionReaderTests
{
    [Fact]
    public void Every_option_of_a_hash_is_read()
    {
        CreateOptionsReader read = Create(IpsetType.HashNetNet, 4,
            "hashsize 0x80 maxelem 010 timeout 2147483 counters comment forceadd skbinfo bucketsize 6 initval 0xdeadbeef netmask 24 family inet");
        Assert.Equal(NetfilterFamily.Inet, read.Family);
        var expected = new IpsetCreateOptions
        {
            Revision = 4,
            HashSize = 128,
            MaxElem = 8,
            Timeout = 2147483,
            Counters = true,
            Comments = true,
            ForceAdd = true,
            SkbInfo = true,
            BucketSize = 6,
            InitVal = 0xdeadbeef,
            Netmask = 24,
        };
        Assert.Equal(expected, read.Options);
    }

    [Theory]
    [InlineData("family inet6", NetfilterFamily.Inet6)]
    [InlineData("hashsize 64 -6", NetfilterFamily.Inet6)]
    [InlineData("--family ipv4", NetfilterFamily.Inet)]
    [InlineData("family any", NetfilterFamily.Unspecified)]
    [InlineData("", NetfilterFamily.Inet)]
    public void The_family_may_stand_anywhere(string words, NetfilterFamily family) =>
        Assert.Equal(family, Create(IpsetType.HashNet, 7, words).Family);

    [Fact]
    public void A_mask_is_of_the_family_that_a_later_word_says() =>
        Assert.Equal(IPAddress.Parse("ffff::"), Create(IpsetType.HashNetNet, 4, "bitmask ffff:: family inet6").Options.Bitmask);

    [Fact]
    public void Old_options_are_passed_over_with_a_word() => Assert.Equal(
        "Option '--probes 4' is ignored. Please upgrade your syntax.\nOption '--resize 50' is ignored. Please upgrade your syntax.\n",
        Create(IpsetType.HashNet, 7, "probes 4 resize 50 probes 5").Ignored);

    [Theory]
    [InlineData("foo", "Unknown argument: `foo'", 2)]
    [InlineData("hashsize x foo", "Unknown argument: `foo'", 2)]
    [InlineData("hashsize", "Missing mandatory argument of option `hashsize'", 2)]
    [InlineData("hashsize x", "Syntax error: 'x' is invalid as number", 1)]
    [InlineData("hashsize 4294967296", "Syntax error: '4294967296' is out of range 0-4294967295", 1)]
    [InlineData("hashsize 1 hashsize 2", "Syntax error: hashsize already specified", 1)]
    [InlineData("timeout 2147484", "Syntax error: '2147484' is out of range 0-2147483", 1)]
    [InlineData("family ipx", "Syntax error: unknown inet family ipx", 1)]
    [InlineData("bucketsize 256", "Syntax error: '256' is out of range 0-255", 1)]
    [InlineData("size 8", "Unknown argument: `size'", 2)]
    [InlineData("netmask 24", "Unknown argument: `netmask'", 2)]
    public void A_wrong_option_of_a_set_is_told(string words, string message, int exitCode) =>
        AssertFails(() => Create(IpsetType.HashNet, 7, words), message, exitCode);

    [Fact]
    public void An_option_that_the_kernel_is_too_old_for_names_both_revisions() => AssertFails(
        () => Create(IpsetType.HashNetNet, 3, "netmask 24"),
        "Argument `netmask' is supported in the kernel module of the set type hash:net,net starting from the revision 4 and you have "
            + "installed revision 3 only. Your kernel is behind your ipset utility.",
        IpsetFailure.Usage);

    [Fact]
    public void Every_option_of_an_entry_is_read()
    {
        IpsetEntry net = IpsetEntry.Net(IPNetwork.Parse("10.0.0.0/8"));
        Assert.Equal(
            net with
            {
                Timeout = 5,
                NoMatch = true,
                Packets = 6,
                Bytes = ulong.MaxValue - 1,
                Comment = "words",
                SkbMark = new IpsetSkbMark(0x10, 0xff),
                SkbPriority = 0x10002,
                SkbQueue = 3,
            },
            Entry(IpsetVerb.Add, net, 7,
                "timeout 5 nomatch packets 6 bytes 18446744073709551614 comment words skbmark 0x10/0xff skbprio 1:2 skbqueue 3"));
        Assert.Equal(new IpsetSkbMark(1), Entry(IpsetVerb.Add, net, 7, "skbmark 0x1").SkbMark);
        Assert.Equal("b", Entry(IpsetVerb.Delete, IpsetEntry.Set("a"), 3, "after b").After);
        Assert.Equal("b", Entry(IpsetVerb.Add, IpsetEntry.Set("a"), 3, "before b").Before);
    }

    [Theory]
    [InlineData("Delete", "timeout 5", "Unknown argument: `timeout'", 2)]
    [InlineData("Test", "timeout 5", "Unknown argument: `timeout'", 2)]
    [InlineData("Add", "before x", "Unknown argument: `before'", 2)]
    [InlineData("Add", "timeout", "Missing mandatory argument of option `timeout'", 2)]
    [InlineData("Add", "skbmark 5", "Syntax error: Invalid skbmark format, it should be:  MARK/MASK or MARK (see manpage)", 1)]
    [InlineData("Add", "skbprio 5", "Syntax error: Invalid skbprio format, it should be:MAJOR:MINOR (see manpage)", 1)]
    [InlineData("Add", "skbqueue 65536", "Syntax error: '65536' is out of range 0-65535", 1)]
    [InlineData("Add", "comment a\"b", "Syntax error: \" character is not permitted in comments", 1)]
    [InlineData("Add", "packets 1 packets 2", "Syntax error: packets already specified", 1)]
    public void A_wrong_option_of_an_entry_is_told(string verb, string words, string message, int exitCode) =>
        AssertFails(() => Entry(Enum.Parse<IpsetVerb>(verb), IpsetEntry.Net(IPNetwork.Parse("10.0.0.0/8")), 7, words), message, exitCode);

    [Fact]
    public void A_comment_has_255_bytes_at_most()
    {
        IpsetEntry net = IpsetEntry.Net(IPNetwork.Parse("10.0.0.0/8"));
        Assert.Equal(255, Entry(IpsetVerb.Add, net, 7, "comment " + new string('x', 255)).Comment!.Length);
        AssertFails(() => Entry(IpsetVerb.Add, net, 7, "comment " + new string('x', 256)),
            "Syntax error: Comment is longer than the maximum allowed 255 characters", 1);
    }

    [Theory]
    [InlineData(2, "nomatch", "counters packets", 3)]
    [InlineData(3, "packets 1", "comment", 4)]
    [InlineData(5, "comment x", "skbqueue 1", 6)]
    public void A_revision_has_what_came_before_it(byte revision, string had, string lacked, byte since)
    {
        IpsetEntry net = IpsetEntry.Net(IPNetwork.Parse("10.0.0.0/8"));
        Entry(IpsetVerb.Add, net, revision, had);
        string word = lacked.Split(' ')[^1] is "1" ? "skbqueue" : lacked.Split(' ')[^1];
        IpsetFailure failure = Assert.Throws<IpsetFailure>(() => Entry(IpsetVerb.Add, net, revision, $"{word} 1"));
        Assert.StartsWith($"Argument `{word}' is supported", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"the revision {since} and you have installed revision {revision} only", failure.Message, StringComparison.Ordinal);
    }

    private static CreateOptionsReader Create(IpsetType type, byte revision, string line) =>
        CreateOptionsReader.Read(type, revision, Words(line), 0);

    private static IpsetEntry Entry(IpsetVerb verb, IpsetEntry entry, byte revision, string line)
    {
        EntryOptionsReader.Read(verb, revision, Words(line), 0, ref entry);
        return entry;
    }

    private static Words Words(string line)
    {
        var words = new Words();
        words.Take(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        return words;
    }

    private static void AssertFails(Func<object> action, string message, int exitCode)
    {
        // A value that is no number is the library's to tell.
        Exception failure = Assert.ThrowsAny<Exception>(() => _ = action());
        Assert.Equal((message, exitCode), (failure.Message, (failure as IpsetFailure)?.ExitCode ?? IpsetFailure.Other));
        Assert.True(failure is IpsetFailure or FormatException);
    }
}
