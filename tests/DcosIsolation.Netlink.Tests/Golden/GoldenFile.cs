using System.Buffers.Binary;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Golden;

/// <summary>What was sent to the kernel (<c>&gt;</c>) or received from it (<c>&lt;</c>).</summary>
public enum GoldenDirection
{
    Sent,
    Received,
}

/// <summary>One datagram: one netlink message or several.</summary>
public readonly record struct GoldenDatagram(GoldenDirection Direction, byte[] Bytes);

/// <summary>
/// One captured conversation between the ipset program and a kernel, from Golden/ipset/NAME.txt; native-tests/capture-golden.sh makes them.
/// </summary>
/// <remarks>
/// The format: <c># key: value</c> lines say how it was made; <c>&gt;</c> begins a datagram that was sent and <c>&lt;</c> one that was
/// received; lines that begin with a space go on with it. Bytes are hex, in wire order; spaces and line breaks between them mean nothing.
/// </remarks>
public sealed class GoldenFile
{
    private readonly List<(string Key, string Value)> _comments = [];

    private GoldenFile(string name) => Name = name;

    public static string Directory { get; } =
        Path.Combine(RepositoryFiles.Root, "tests", "DcosIsolation.Netlink.Tests", "Golden", "ipset");

    /// <summary>The names of all golden files, for theories.</summary>
    public static TheoryData<string> Names =>
    [
        .. System.IO.Directory.GetFiles(Directory, "*.txt")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    public string Name { get; }

    /// <summary>The commands, in order: those that prepared the sets, then the one that the datagrams are of.</summary>
    public IReadOnlyList<string> Commands => [.. Comments("given"), .. Comments("command")];

    /// <summary>The lines that the command read on its standard input.</summary>
    public IReadOnlyList<string> Input => Comments("input");

    /// <summary>The lines that the command printed.</summary>
    public IReadOnlyList<string> Printed => Comments("printed");

    public IReadOnlyList<GoldenDatagram> Datagrams { get; private set; } = [];

    /// <summary>Reads Golden/ipset/<paramref name="name"/>.txt.</summary>
    public static GoldenFile Load(string name) => Parse(name, File.ReadAllLines(Path.Combine(Directory, name + ".txt")));

    public static GoldenFile Parse(string name, IEnumerable<string> lines)
    {
        var file = new GoldenFile(name);
        var datagrams = new List<(GoldenDirection Direction, List<byte> Bytes)>();
        foreach (string line in lines)
        {
            switch (line.Length == 0 ? '\0' : line[0])
            {
                case '\0':
                    break;
                case '#':
                    string[] parts = line[1..].Split(':', 2);
                    file._comments.Add((parts[0].Trim(), parts.Length < 2 || parts[1].Length == 0 ? "" : parts[1][1..]));
                    break;
                case '>' or '<':
                    datagrams.Add((line[0] == '>' ? GoldenDirection.Sent : GoldenDirection.Received, []));
                    goto case ' ';
                case ' ':
                    datagrams[^1].Bytes.AddRange(Convert.FromHexString(line[1..].Replace(" ", "", StringComparison.Ordinal)));
                    break;
                default:
                    throw new FormatException($"{name}: a line begins with '{line[0]}': {line}");
            }
        }

        file.Datagrams = [.. datagrams.Select(datagram => new GoldenDatagram(datagram.Direction, [.. datagram.Bytes]))];
        return file;
    }

    /// <summary>The one datagram sent whose first message is of this ipset command, for instance 9 for IPSET_CMD_ADD.</summary>
    public byte[] Request(int command) => Assert.Single(Requests(command));

    /// <summary>All datagrams sent whose first message is of this ipset command.</summary>
    public IReadOnlyList<byte[]> Requests(int command) =>
    [
        .. Datagrams.Where(datagram => datagram.Direction == GoldenDirection.Sent && TypeOf(datagram.Bytes) == (6 << 8 | command))
            .Select(datagram => datagram.Bytes),
    ];

    /// <summary>The datagrams received that carry the request's sequence, in order.</summary>
    public IReadOnlyList<byte[]> Replies(byte[] request) =>
    [
        .. Datagrams.Where(datagram => datagram.Direction == GoldenDirection.Received && SequenceOf(datagram.Bytes) == SequenceOf(request))
            .Select(datagram => datagram.Bytes),
    ];

    /// <summary>nlmsg_seq of a datagram's first message: an encoder under test is given the same.</summary>
    public static uint SequenceOf(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt32LittleEndian(datagram[8..]);

    /// <summary>Fails with both messages rendered readably unless they are byte for byte the same.</summary>
    public static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual)
    {
        if (!expected.SequenceEqual(actual))
        {
            Assert.Fail(
                $"the messages differ from byte {expected.CommonPrefixLength(actual)} on\n" +
                $"expected, {expected.Length} bytes:\n{NetlinkDump.Describe(expected)}\n" +
                $"actual, {actual.Length} bytes:\n{NetlinkDump.Describe(actual)}");
        }
    }

    public override string ToString() => Name;

    private static ushort TypeOf(ReadOnlySpan<byte> datagram) => BinaryPrimitives.ReadUInt16LittleEndian(datagram[4..]);

    private List<string> Comments(string key) => [.. _comments.Where(comment => comment.Key == key).Select(comment => comment.Value)];
}
