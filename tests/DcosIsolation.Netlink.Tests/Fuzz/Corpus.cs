using System.Text;
using DcosIsolation.Netlink.Tests.Golden;
using DcosIsolation.Netlink.Tests.Xtables;

namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>Bytes for one kind of readers: those that a kernel sent, and those of Corpus/ that once showed something.</summary>
/// <remarks>A file of Corpus/ is hex; a line that begins with # says what it shows.</remarks>
internal sealed class Corpus
{
    private readonly string _directory;

    private Corpus(string name, IEnumerable<byte[]> good, IReadOnlyList<Reader> readers)
    {
        _directory = Path.Combine(RepositoryFiles.Root, "tests", "DcosIsolation.Netlink.Tests", "Corpus", name);
        Good = [.. good.DistinctBy(Convert.ToHexString)];
        Kept = [.. Directory.GetFiles(_directory, "*.txt").Order(StringComparer.Ordinal).Select(Load)];
        Readers = readers;
    }

    /// <summary>Every datagram that a kernel sent in a golden file, once; nlmsg_seq and nlmsg_pid make no difference.</summary>
    public static Corpus Netlink { get; } = new("netlink", Received().Select(WithoutNumbers), NetlinkReaders.All);

    public static Corpus Xtables { get; } = new("xtables", GoldenRule.All.Select(rule => rule.Entry), XtablesReaders.All);

    /// <summary>What a kernel sent.</summary>
    public IReadOnlyList<byte[]> Good { get; }

    /// <summary>What the files hold.</summary>
    public IReadOnlyList<byte[]> Kept { get; }

    /// <summary>What reads such bytes.</summary>
    public IReadOnlyList<Reader> Readers { get; }

    public static string Text(byte[] bytes, string about)
    {
        var text = new StringBuilder($"# {about}\n");
        foreach (byte[] line in bytes.Chunk(16))
        {
            text.AppendJoin(' ', line.Chunk(4).Select(Convert.ToHexStringLower)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Adds a file, named for its bytes.</summary>
    public void Keep(byte[] bytes, string about)
    {
        string name = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))[..12];
        File.WriteAllText(Path.Combine(_directory, $"{name}.txt"), Text(bytes, about));
    }

    private static byte[] Load(string path) => Convert.FromHexString(string.Concat(
        File.ReadLines(path).Where(line => !line.StartsWith('#')).Select(line => line.Replace(" ", "", StringComparison.Ordinal))));

    private static IEnumerable<byte[]> Received() => Directory.GetFiles(GoldenFile.Directory, "*.txt").Order(StringComparer.Ordinal)
        .SelectMany(path => GoldenFile.Load(Path.GetFileNameWithoutExtension(path)).Datagrams)
        .Where(datagram => datagram.Direction == GoldenDirection.Received)
        .Select(datagram => datagram.Bytes);

    private static byte[] WithoutNumbers(byte[] datagram)
    {
        byte[] copy = [.. datagram];
        copy.AsSpan(8, 8).Clear();
        return copy;
    }
}
