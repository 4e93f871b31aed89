using DcosIsolation.Daemon.IpsetCommand;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.Daemon.Tests.IpsetCommand.PrintedSets;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public class PrintingTests
{
    private static readonly IpsetEntry s_full = Net("10.0.0.0", 8) with
    {
        Timeout = 99,
        NoMatch = true,
        Packets = 5,
        Bytes = 6,
        Comment = "a <b> & c",
        SkbMark = new IpsetSkbMark(1, 0xff),
        SkbPriority = 0x10002,
        SkbQueue = 3,
    };

    private static readonly IpsetCreateOptions s_options = new()
    {
        HashSize = 1024,
        MaxElem = 65536,
        Timeout = 100,
        Counters = true,
        Comments = true,
        SkbInfo = true,
        ForceAdd = true,
        BucketSize = 4,
        InitVal = 0x123,
    };

    [Fact]
    public void The_form_for_readers_is_the_programs()
    {
        string text = Print(new() { Mode = OutputMode.Plain }, (HashNet(options: s_options), [s_full, Net("::1", 128)]), (ListSet(), []));

        Assert.Equal(
            """
            Name: n
            Type: hash:net
            Revision: 7
            Header: family inet hashsize 1024 maxelem 65536 timeout 100 counters comment skbinfo bucketsize 4 initval 0x00000123
            Size in memory: 600
            References: 1
            Number of entries: 2
            Members:
            10.0.0.0/8 timeout 99 nomatch packets 5 bytes 6 comment "a <b> & c" skbmark 0x1/0xff skbprio 1:2 skbqueue 3
            ::1

            Name: l
            Type: list:set
            Revision: 3
            Header: size 8
            Size in memory: 0
            References: 0
            Number of entries: 0
            Members:

            """,
            text);
    }

    [Fact]
    public void The_form_for_restore_is_the_programs()
    {
        string text = Print(
            new() { Mode = OutputMode.Save }, (HashNet(options: s_options), [s_full]), (ListSet(), [IpsetEntry.Set("n")]));

        Assert.Equal(
            """
            create n hash:net family inet hashsize 1024 maxelem 65536 timeout 100 counters comment skbinfo bucketsize 4 initval 0x00000123
            add n 10.0.0.0/8 timeout 99 nomatch packets 5 bytes 6 comment "a <b> & c" skbmark 0x1/0xff skbprio 1:2 skbqueue 3
            create l list:set size 8
            add l n

            """,
            text);
    }

    [Fact]
    public void The_form_for_programs_is_the_programs()
    {
        const string Header = "<header><family>inet</family><hashsize>1024</hashsize><maxelem>65536</maxelem><timeout>100</timeout>"
            + "<counters/><comment/><skbinfo/><bucketsize>4</bucketsize><initval>0x00000123</initval>";
        const string Options = "<timeout>99</timeout><nomatch/><packets>5</packets><bytes>6</bytes><comment>\"a <b> & c\"</comment>"
            + "<skbmark>0x1/0xff</skbmark><skbprio>1:2</skbprio><skbqueue>3</skbqueue>";

        string text = Print(new() { Mode = OutputMode.Xml }, (HashNet(options: s_options), [s_full, Net("10.0.0.1", 32)]));

        Assert.Equal(
            $"""
            <ipsets>
            <ipset name="n">
            <type>hash:net</type>
            <revision>7</revision>
            {Header}
            <memsize>600</memsize>
            <references>1</references>
            <numentries>2</numentries>
            </header>
            <members>
            <member><elem>10.0.0.0/8</elem>{Options}</member>
            <member><elem>10.0.0.1</elem></member>
            </members>
            </ipset>
            </ipsets>

            """,
            text);
    }

    [Theory]
    [InlineData(OutputMode.Plain, "n\nl\n")]
    [InlineData(OutputMode.Xml, "<ipsets>\n<ipset name=\"n\"/>\n<ipset name=\"l\"/>\n</ipsets>\n")]
    internal void Names_stand_alone(OutputMode mode, string expected) =>
        Assert.Equal(expected, Print(new() { Mode = mode, NamesOnly = true, HeadersOnly = true }, (HashNet(), []), (ListSet(), [])));

    [Fact]
    public void Names_only_and_headers_only_mean_nothing_to_the_form_for_restore()
    {
        string text = Print(new() { Mode = OutputMode.Save, NamesOnly = true, HeadersOnly = true }, (ListSet(), [IpsetEntry.Set("n")]));

        Assert.Equal("create l list:set size 8\nadd l n\n", text);
    }

    [Fact]
    public void Without_members_nothing_announces_them()
    {
        string plain = Print(new() { Mode = OutputMode.Plain, HeadersOnly = true }, (HashNet(), []));
        string xml = Print(new() { Mode = OutputMode.Xml, HeadersOnly = true }, (HashNet(), []));

        Assert.EndsWith("Number of entries: 2\n", plain, StringComparison.Ordinal);
        Assert.EndsWith("</header>\n</ipset>\n</ipsets>\n", xml, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(OutputMode.Plain, "")]
    [InlineData(OutputMode.Save, "")]
    [InlineData(OutputMode.Xml, "<ipsets>\n</ipsets>\n")]
    internal void Without_sets_only_xml_prints_something(OutputMode mode, string expected) =>
        Assert.Equal(expected, Print(new() { Mode = mode }));

    [Fact]
    public void What_restore_could_not_make_is_a_comment()
    {
        using var error = new StringWriter();
        string text = Print(
            new() { Mode = OutputMode.Save },
            error,
            (new IpsetInfo("p", "bitmap:port", 3, default), []),
            (HashNet("x\ndestroy"), [Net("1.2.3.4", 32)]),
            (ListSet(), [IpsetEntry.Set("p"), IpsetEntry.Set("q")]));

        Assert.Equal(
            """
            # create p bitmap:port
            # create x?destroy hash:net family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x0000001f
            # add x?destroy 1.2.3.4
            create l list:set size 8
            # add l p
            add l q

            """,
            text);
        Assert.Equal(
            """
            ipset v7.17: the set p has the type bitmap:port, which is not supported by this program: its entries are not shown
            ipset v7.17: the set x?destroy has a name that is not supported by this program: it is saved as a comment

            """,
            error.ToString());
    }

    [Fact]
    public void A_comment_forges_no_line()
    {
        string text = Print(new() { Mode = OutputMode.Save }, (ListSet(), [IpsetEntry.Set("n") with { Comment = "a\ndestroy\tb" }]));

        Assert.EndsWith("add l n comment \"a?destroy\tb\"\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_forges_no_element()
    {
        string text = Print(new() { Mode = OutputMode.Xml, NamesOnly = true }, (HashNet("\"/><x"), []));

        Assert.Contains("<ipset name=\"&quot;/&gt;&lt;x\"/>", text, StringComparison.Ordinal);
    }

    [Fact]
    public void More_than_the_buffer_holds_comes_out_whole()
    {
        IpsetEntry[] entries = [.. Enumerable.Range(0, 20_000).Select(i => Net($"10.{i >> 8}.{i & 255}.1", 32))];

        string[] lines = Print(new() { Mode = OutputMode.Save }, (HashNet(), entries)).Split('\n');

        Assert.Equal(entries.Select(entry => $"add n {entry}"), lines[1..^1]);
    }

    [Fact]
    public void Only_hash_types_are_sorted()
    {
        var settings = new IpsetSettings { Mode = OutputMode.Save, Sorted = true };

        string text = Print(
            settings, (HashNet(), [Net("10.0.0.2", 32), Net("10.0.0.1", 32)]), (ListSet(), [IpsetEntry.Set("b"), IpsetEntry.Set("a")]));

        Assert.Contains("add n 10.0.0.1\nadd n 10.0.0.2\ncreate", text, StringComparison.Ordinal);
        Assert.EndsWith("add l b\nadd l a\n", text, StringComparison.Ordinal);
    }
}
