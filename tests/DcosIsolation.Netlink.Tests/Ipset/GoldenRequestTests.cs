using System.Globalization;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Tests.Golden;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>
/// The library's requests are those of the ipset program, byte for byte, but for what is meant otherwise: every request other than a dump
/// asks for an ack, dumps do not, and the line number of a batch as a whole is 0.
/// </summary>
public sealed class GoldenRequestTests
{
    private const int Flags = 6;
    private const byte Ack = 4;

    private readonly byte[] _buffer = new byte[IpsetRequest.MaxLength];

    [Theory]
    [InlineData("add-net-inet")]
    [InlineData("add-net-inet-exist")]
    [InlineData("add-net-inet-exists")]
    [InlineData("add-net-inet-extensions")]
    [InlineData("add-net-inet-host")]
    [InlineData("add-net-inet-nomatch")]
    [InlineData("add-net-inet6")]
    [InlineData("add-net-inet6-exist")]
    [InlineData("add-net-inet6-exists")]
    [InlineData("add-net-inet6-extensions")]
    [InlineData("add-net-inet6-host")]
    [InlineData("add-net-inet6-nomatch")]
    [InlineData("add-net-net-inet")]
    [InlineData("add-net-net-inet-exist")]
    [InlineData("add-net-net-inet-exists")]
    [InlineData("add-net-net-inet-extensions")]
    [InlineData("add-net-net-inet-host")]
    [InlineData("add-net-net-inet-nomatch")]
    [InlineData("add-net-net-inet6")]
    [InlineData("add-net-net-inet6-exist")]
    [InlineData("add-net-net-inet6-exists")]
    [InlineData("add-net-net-inet6-extensions")]
    [InlineData("add-net-net-inet6-host")]
    [InlineData("add-net-net-inet6-nomatch")]
    [InlineData("add-net-port-net-inet")]
    [InlineData("add-net-port-net-inet-exist")]
    [InlineData("add-net-port-net-inet-exists")]
    [InlineData("add-net-port-net-inet-extensions")]
    [InlineData("add-net-port-net-inet-host")]
    [InlineData("add-net-port-net-inet-icmp")]
    [InlineData("add-net-port-net-inet-nomatch")]
    [InlineData("add-net-port-net-inet-protocol")]
    [InlineData("add-net-port-net-inet-sctp")]
    [InlineData("add-net-port-net-inet-udp")]
    [InlineData("add-net-port-net-inet6")]
    [InlineData("add-net-port-net-inet6-exist")]
    [InlineData("add-net-port-net-inet6-exists")]
    [InlineData("add-net-port-net-inet6-extensions")]
    [InlineData("add-net-port-net-inet6-host")]
    [InlineData("add-net-port-net-inet6-icmp")]
    [InlineData("add-net-port-net-inet6-nomatch")]
    [InlineData("add-net-port-net-inet6-protocol")]
    [InlineData("add-net-port-net-inet6-sctp")]
    [InlineData("add-net-port-net-inet6-udp")]
    [InlineData("add-comment-without")]
    [InlineData("add-full")]
    [InlineData("add-list")]
    [InlineData("add-list-after")]
    [InlineData("add-list-before")]
    [InlineData("add-list-exists")]
    [InlineData("add-list-loop")]
    [InlineData("add-list-missing-member")]
    [InlineData("del-net-inet")]
    [InlineData("del-net-inet-missing")]
    [InlineData("del-net-inet6")]
    [InlineData("del-net-inet6-missing")]
    [InlineData("del-net-net-inet")]
    [InlineData("del-net-net-inet-missing")]
    [InlineData("del-net-net-inet6")]
    [InlineData("del-net-net-inet6-missing")]
    [InlineData("del-net-port-net-inet")]
    [InlineData("del-net-port-net-inet-missing")]
    [InlineData("del-net-port-net-inet6")]
    [InlineData("del-net-port-net-inet6-missing")]
    [InlineData("del-list")]
    [InlineData("del-list-missing")]
    [InlineData("test-net-inet-false")]
    [InlineData("test-net-inet-true")]
    [InlineData("test-net-inet6-false")]
    [InlineData("test-net-inet6-true")]
    [InlineData("test-net-net-inet-false")]
    [InlineData("test-net-net-inet-true")]
    [InlineData("test-net-net-inet6-false")]
    [InlineData("test-net-net-inet6-true")]
    [InlineData("test-net-port-net-inet-false")]
    [InlineData("test-net-port-net-inet-true")]
    [InlineData("test-net-port-net-inet6-false")]
    [InlineData("test-net-port-net-inet6-true")]
    [InlineData("test-list-false")]
    [InlineData("test-list-true")]
    public void An_entry_is_added_deleted_and_tested_as_ipset_does(string name)
    {
        GoldenFile file = GoldenFile.Load(name);
        (string verb, bool lenient, string[] words) = CommandLine(file);
        byte command = verb switch
        {
            "add" => IpsetConstants.IPSET_CMD_ADD,
            "del" => IpsetConstants.IPSET_CMD_DEL,
            _ => IpsetConstants.IPSET_CMD_TEST,
        };
        IpsetEntry entry = EntryText.Parse(TypeOf(name), FamilyOf(name), string.Join(' ', words[1..]));
        byte[] expected = file.Request(command);
        GoldenFile.AssertSame(expected, New(expected).Entry(
            _buffer, command, words[0], entry, verb == "test" ? default : IpsetRequest.Exclusive(lenient)));
    }

    [Theory]
    [InlineData("create-net-inet")]
    [InlineData("create-net-inet-options")]
    [InlineData("create-net-inet-sized")]
    [InlineData("create-net-inet6")]
    [InlineData("create-net-inet6-options")]
    [InlineData("create-net-inet6-sized")]
    [InlineData("create-net-net-inet")]
    [InlineData("create-net-net-inet-options")]
    [InlineData("create-net-net-inet-sized")]
    [InlineData("create-net-net-inet6")]
    [InlineData("create-net-net-inet6-options")]
    [InlineData("create-net-net-inet6-sized")]
    [InlineData("create-net-port-net-inet")]
    [InlineData("create-net-port-net-inet-options")]
    [InlineData("create-net-port-net-inet-sized")]
    [InlineData("create-net-port-net-inet6")]
    [InlineData("create-net-port-net-inet6-options")]
    [InlineData("create-net-port-net-inet6-sized")]
    [InlineData("create-list")]
    [InlineData("create-list-sized")]
    [InlineData("create-exists")]
    [InlineData("create-exists-same")]
    [InlineData("create-exists-other")]
    public void A_set_is_created_and_its_type_asked_for_as_ipset_does(string name)
    {
        GoldenFile file = GoldenFile.Load(name);
        (_, bool lenient, string[] words) = CommandLine(file);
        IpsetType type = IpsetTypeNames.Parse(words[1]) ?? throw new FormatException(words[1]);
        NetfilterFamily family = type == IpsetType.ListSet ? NetfilterFamily.Unspecified
            : words.Contains("inet6") ? NetfilterFamily.Inet6 : NetfilterFamily.Inet;
        var options = new IpsetCreateOptions
        {
            HashSize = Option("hashsize"),
            MaxElem = Option("maxelem"),
            ListSize = Option("size"),
            Timeout = Option("timeout"),
            BucketSize = (byte?)Option("bucketsize"),
            InitVal = Option("initval"),
            Counters = words.Contains("counters"),
            Comments = words.Contains("comment"),
        };

        // The ipset program asks for the highest revision.
        byte revision = type switch { IpsetType.HashNet => 7, _ => 3 };
        byte[] create = file.Request(IpsetConstants.IPSET_CMD_CREATE);
        GoldenFile.AssertSame(create, New(create).Create(_buffer, words[0], type, revision, family, options, lenient));

        // It asks about IPv4 whatever the family of the set; the library asks about the family meant.
        byte[] ask = file.Request(IpsetConstants.IPSET_CMD_TYPE);
        NetfilterFamily asked = family == NetfilterFamily.Inet6 ? NetfilterFamily.Inet : family;
        GoldenFile.AssertSame(WithFlags(ask, ask[Flags] | Ack), New(ask).Type(_buffer, type, asked));

        uint? Option(string key) => Array.IndexOf(words, key) is not (> 0 and var at) ? null
            : words[at + 1].StartsWith("0x", StringComparison.Ordinal) ? Convert.ToUInt32(words[at + 1], 16)
            : uint.Parse(words[at + 1], CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("destroy", IpsetConstants.IPSET_CMD_DESTROY)]
    [InlineData("destroy-missing", IpsetConstants.IPSET_CMD_DESTROY)]
    [InlineData("destroy-missing-exist", IpsetConstants.IPSET_CMD_DESTROY)]
    [InlineData("destroy-referenced", IpsetConstants.IPSET_CMD_DESTROY)]
    [InlineData("flush", IpsetConstants.IPSET_CMD_FLUSH)]
    [InlineData("flush-missing", IpsetConstants.IPSET_CMD_FLUSH)]
    public void A_command_on_a_set_is_sent_as_ipset_does(string name, byte command)
    {
        GoldenFile file = GoldenFile.Load(name);
        (_, bool lenient, string[] words) = CommandLine(file);
        byte[] expected = file.Request(command);
        GoldenFile.AssertSame(expected, New(expected).Command(
            _buffer, command, words[0], command == IpsetConstants.IPSET_CMD_DESTROY ? IpsetRequest.Exclusive(lenient) : default));
    }

    [Theory]
    [InlineData("get-byname", "s")]
    [InlineData("get-byname-missing", "z")]
    public void The_index_of_a_set_is_asked_for_with_an_ack(string name, string set)
    {
        byte[] expected = GoldenFile.Load(name).Request(IpsetConstants.IPSET_CMD_GET_BYNAME);
        GoldenFile.AssertSame(
            WithFlags(expected, expected[Flags] | Ack), New(expected).Command(_buffer, IpsetConstants.IPSET_CMD_GET_BYNAME, set));
    }

    [Theory]
    [InlineData("rename", IpsetConstants.IPSET_CMD_RENAME)]
    [InlineData("rename-exists", IpsetConstants.IPSET_CMD_RENAME)]
    [InlineData("rename-missing", IpsetConstants.IPSET_CMD_RENAME)]
    [InlineData("rename-referenced", IpsetConstants.IPSET_CMD_RENAME)]
    [InlineData("swap", IpsetConstants.IPSET_CMD_SWAP)]
    [InlineData("swap-missing", IpsetConstants.IPSET_CMD_SWAP)]
    [InlineData("swap-missing-first", IpsetConstants.IPSET_CMD_SWAP)]
    [InlineData("swap-type-mismatch", IpsetConstants.IPSET_CMD_SWAP)]
    public void A_command_on_two_sets_is_sent_as_ipset_does(string name, byte command)
    {
        GoldenFile file = GoldenFile.Load(name);
        string[] words = CommandLine(file).Words;
        byte[] expected = file.Request(command);
        GoldenFile.AssertSame(expected, New(expected).PairCommand(_buffer, command, words[0], words[1]));
    }

    [Theory]
    [InlineData("list-all", null, false)]
    [InlineData("list-net-inet", "s", false)]
    [InlineData("list-list", "l", false)]
    [InlineData("list-missing", "nothing", false)]
    [InlineData("list-terse", "a", true)]
    [InlineData("list-terse-all", null, true)]
    public void Sets_are_listed_as_ipset_does_without_an_ack(string name, string? set, bool headersOnly)
    {
        byte[] expected = GoldenFile.Load(name).Request(IpsetConstants.IPSET_CMD_LIST);
        GoldenFile.AssertSame(WithFlags(expected, expected[Flags] & ~Ack), New(expected).List(_buffer, set, headersOnly));
    }

    [Fact]
    public void The_protocol_is_asked_for_with_an_ack()
    {
        byte[] expected = GoldenFile.Load("protocol").Requests(IpsetConstants.IPSET_CMD_PROTOCOL)[0];
        GoldenFile.AssertSame(WithFlags(expected, expected[Flags] | Ack), New(expected).Protocol(_buffer));
    }

    [Theory]
    [InlineData("restore-add", IpsetType.HashNet)]
    [InlineData("restore-add-inet6", IpsetType.HashNet)]
    [InlineData("restore-add-net-port-net", IpsetType.HashNetPortNet)]
    [InlineData("restore-del", IpsetType.HashNet)]
    [InlineData("restore-entry-exists", IpsetType.HashNet)]
    [InlineData("restore-exist", IpsetType.HashNet)]
    public void A_batch_is_sent_as_ipset_restore_does(string name, IpsetType type)
    {
        GoldenFile file = GoldenFile.Load(name);
        bool adds = file.Input[0].StartsWith("add", StringComparison.Ordinal);
        byte command = adds ? IpsetConstants.IPSET_CMD_ADD : IpsetConstants.IPSET_CMD_DEL;
        IpsetEntry[] entries = [.. file.Input.Select(line => EntryText.Parse(type, FamilyOf(name), line.Split(' ', 3)[2]))];
        byte[] golden = file.Request(command);
        byte[] actual = New(golden).Batch<IpsetEntry>(
            _buffer, command, "s", entries, [], 1, IpsetRequest.Exclusive(name == "restore-exist"), out int count).ToArray();
        Assert.Equal(entries.Length, count);

        // The batch's own line number; ours is 0.
        const int Line = 16 + 4 + 8 + 8;
        Assert.Equal("0800094000000001", Convert.ToHexString(golden.AsSpan(Line, 8)));
        golden[Line + 7] = 0;

        // ipset leaves dirt in the padding, which the dump does not show.
        Assert.Equal(golden.Length, actual.Length);
        Assert.Equal(NetlinkDump.Describe(golden), NetlinkDump.Describe(actual));
    }

    private static IpsetRequest New(byte[] golden) => new(IpsetConstants.IPSET_PROTOCOL, GoldenFile.SequenceOf(golden));

    private static byte[] WithFlags(byte[] golden, int flags)
    {
        byte[] changed = [.. golden];
        changed[Flags] = (byte)flags;
        return changed;
    }

    private static IpsetType TypeOf(string name) => name switch
    {
        _ when name.Contains("net-port-net", StringComparison.Ordinal) => IpsetType.HashNetPortNet,
        _ when name.Contains("net-net", StringComparison.Ordinal) => IpsetType.HashNetNet,
        _ when name.Contains("-list", StringComparison.Ordinal) => IpsetType.ListSet,
        _ => IpsetType.HashNet,
    };

    private static NetfilterFamily FamilyOf(string name) =>
        name.Contains("inet6", StringComparison.Ordinal) ? NetfilterFamily.Inet6 : NetfilterFamily.Inet;

    // ipset VERB [-exist] WORDS
    private static (string Verb, bool Lenient, string[] Words) CommandLine(GoldenFile file)
    {
        string[] words = file.Commands[^1].Split(' ');
        return (words[1], words.Contains("-exist"), [.. words[2..].Where(word => word != "-exist")]);
    }
}
