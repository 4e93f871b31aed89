using System.Diagnostics;
using System.Globalization;
using DcosIsolation.Netlink.Tests.Golden;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>
/// Whatever bytes come instead of a kernel's, nothing but documented exceptions comes out of any reader, none reads beyond their end, and
/// each comes to an end.
/// </summary>
/// <remarks>
/// By default as many random inputs as take a few seconds, the same ones each time; READER_FUZZ_SECONDS says how long instead, and
/// READER_FUZZ_SEED another beginning. READER_FUZZ_KEEP=1 adds a file to Corpus/ for every input that made a reader say something that
/// none of the files had made it say.
/// </remarks>
public sealed class ReaderFuzzTests(ITestOutputHelper output) : IDisposable
{
    private const int DefaultInputs = 80_000;

    // Long ones say little to who reads them, and are found again.
    private const int LongestKept = 256;

    private readonly GuardedMemory _memory = new();

    public static TheoryData<string> Kinds => ["netlink", "xtables"];

    public void Dispose() => _memory.Dispose();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_kernel_sent_and_what_was_kept_is_read_cut_at_every_length(string kind)
    {
        Corpus corpus = Of(kind);
        foreach (byte[] bytes in corpus.Good.Concat(corpus.Kept))
        {
            for (int length = 0; length <= bytes.Length; length++)
            {
                ReadAll(corpus, bytes[..length]);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_a_kernel_sent_is_read_with_every_bit_flipped(string kind)
    {
        Corpus corpus = Of(kind);
        foreach (byte[] bytes in corpus.Good)
        {
            for (int bit = 0; bit < bytes.Length * 8; bit++)
            {
                bytes[bit / 8] ^= (byte)(1 << bit % 8);
                ReadAll(corpus, bytes);
                bytes[bit / 8] ^= (byte)(1 << bit % 8);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Whatever_becomes_of_them_by_chance_is_read(string kind)
    {
        Corpus corpus = Of(kind);
        int seed = Number("READER_FUZZ_SEED") ?? 1;
        int? seconds = Number("READER_FUZZ_SECONDS");
        bool keep = Environment.GetEnvironmentVariable("READER_FUZZ_KEEP") == "1";
        var seen = new HashSet<string>();
        List<byte[]> inputs = [.. corpus.Good, .. corpus.Kept];
        inputs.ForEach(bytes => seen.UnionWith(ReadAll(corpus, bytes)));

        var mutator = new Mutator(seed);
        var clock = Stopwatch.StartNew();
        int read = 0, kept = 0;
        for (; seconds is null ? read < DefaultInputs : clock.Elapsed.TotalSeconds < seconds; read++)
        {
            byte[] bytes = mutator.Next(inputs);
            string[] said = [.. ReadAll(corpus, bytes).Where(seen.Add)];
            if (said.Length == 0)
            {
                continue;
            }

            // What reaches a new place is a better beginning than another good message.
            inputs.Add(bytes);
            kept++;
            if (keep && bytes.Length <= LongestKept)
            {
                corpus.Keep(bytes, said[0]);
            }
        }

        output.WriteLine($"seed {seed}: {read} inputs in {clock.Elapsed.TotalSeconds:0.0} s, {kept} made a reader say something new");
    }

    private static Corpus Of(string kind) => kind == "netlink" ? Corpus.Netlink : Corpus.Xtables;

    private static int? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>Every reader's name with what it said of the bytes.</summary>
    private List<string> ReadAll(Corpus corpus, byte[] bytes)
    {
        ReadOnlySpan<byte> placed = _memory.Place(bytes);
        var said = new List<string>(corpus.Readers.Count);
        foreach (Reader reader in corpus.Readers)
        {
            try
            {
                said.Add($"{reader.Name}: {reader.Outcome(placed)}");
            }
            catch (Exception e)
            {
                Assert.Fail($"{reader.Name}: {e}\n{Corpus.Text(bytes, "to be kept in Corpus/")}\n{NetlinkDump.Describe(bytes)}");
            }
        }

        return said;
    }
}
