using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;

namespace DcosIsolation.Scale;

/// <summary>
/// The library's part alone of what bench/rules.sh times as whole processes: rules from text to bytes and into the kernel by one commit, and a
/// table from the kernel to text. Each round has a fresh network namespace.
/// </summary>
internal static class RulesInProcess
{
    /// <summary>Prints what rounds took, in the table of bench/rules.sh, less those in which the code was still being compiled.</summary>
    /// <param name="path">A table in the format of iptables-save, of rules in chains of its own.</param>
    /// <param name="rounds">How many rounds.</param>
    public static void Run(string path, int rounds)
    {
        const int WarmUp = 5;
        byte[] text = File.ReadAllBytes(path);
        var compile = new List<double>();
        var render = new List<double>();
        int rules = 0;
        for (int round = 0; round < rounds + WarmUp; round++)
        {
            Sandbox.Enter();
            long start = Stopwatch.GetTimestamp();
            rules = Restore(text);
            double restored = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            start = Stopwatch.GetTimestamp();
            Save();
            double saved = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (round >= WarmUp)
            {
                compile.Add(restored);
                render.Add(saved);
            }
        }

        Line($"the library, {rules} rules compiled and committed", compile);
        Line($"the library, {rules} rules read and rendered", render);
    }

    private static int Restore(ReadOnlySpan<byte> text)
    {
        using XtablesLock held = XtablesLock.Acquire(TimeSpan.FromSeconds(10));
        using var table = XtablesTableEditor.Open(NetfilterFamily.Inet, "filter", held);
        var parser = new XtablesRuleParser(NetfilterFamily.Inet, "filter") { IsChain = table.HasChain };
        int rules = 0;
        string chain = "";
        foreach (Range range in text.Split((byte)'\n'))
        {
            ReadOnlySpan<byte> line = text[range];
            if (line.StartsWith(":part"u8))
            {
                table.CreateChain(Encoding.ASCII.GetString(line[1..line.IndexOf((byte)' ')]));
            }
            else if (line.StartsWith("-A "u8))
            {
                ReadOnlySpan<byte> rest = line[3..];
                int end = rest.IndexOf((byte)' ');
                chain = Ascii.Equals(rest[..end], chain) ? chain : Encoding.ASCII.GetString(rest[..end]);
                table.Append(chain, new CountedRule(parser.Parse(rest[end..]).Entries[0], default));
                rules++;
            }
        }

        table.Commit();
        return rules;
    }

    private static void Save()
    {
        using var table = XtablesTable.Open(NetfilterFamily.Inet, "filter");
        XtablesRuleFormatter.WriteTable(table, withCounters: false, new ArrayBufferWriter<byte>(4 << 20));
    }

    private static void Line(string name, List<double> milliseconds)
    {
        milliseconds.Sort();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-50} {milliseconds[0],8:0.0} {milliseconds[milliseconds.Count / 2],8:0.0} {milliseconds[^1],8:0.0}"));
    }
}
