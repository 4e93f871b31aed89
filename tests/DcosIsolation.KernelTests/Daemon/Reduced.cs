using System.Text.RegularExpressions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>
/// What a family's chain and its sets say, read with the reference programs, less what may differ between two ways to the same state: which
/// of its names a set has, when it was applied, what was counted, and sets that no rule asks.
/// </summary>
internal static partial class Reduced
{
    /// <param name="rules">The output of iptables-save.</param>
    /// <param name="sets">The output of ipset save.</param>
    public static string Family(string rules, string sets)
    {
        string[] ours = [.. rules.Split('\n').Where(line => OurChain().IsMatch(line)).Select(line => Counters().Replace(line, ""))];
        ILookup<string, string> lines = sets.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToLookup(line => line.Split(' ')[1]);
        var result = new List<string>(ours.Select(Logical));
        var asked = new Queue<string>(ours.SelectMany(line => MatchSet().Matches(line)).Select(match => match.Groups[1].Value).Distinct());
        var seen = new HashSet<string>(asked);
        while (asked.TryDequeue(out string? name))
        {
            if (lines[name].FirstOrDefault() is not { } create)
            {
                // Rules and sets are read one after the other.
                result.Add($"{Logical(name)} is gone");
                continue;
            }

            result.Add(Logical(string.Join(' ', create.Split(' ')[..3])));
            string[] entries = [.. lines[name].Skip(1).Select(line => string.Join(' ', line.Split(' ')[2..]))];
            bool isList = create.Contains(" list:set ", StringComparison.Ordinal);
            result.AddRange(entries.Select(entry => $"  {(isList ? Logical(entry) : entry)}").Order(StringComparer.Ordinal));
            foreach (string member in entries.Select(entry => entry.Split(' ')[0]).Where(member => isList && seen.Add(member)))
            {
                asked.Enqueue(member);
            }
        }

        return string.Join('\n', result);
    }

    /// <summary>Text with the sets' logical names and without the time.</summary>
    public static string Logical(string text) => Time().Replace(OtherSlot().Replace(Counters().Replace(text, ""), "$1"), "");

    [GeneratedRegex(@"^\[\d+:\d+\] ?| ?\[\d+:\d+\]$")]
    private static partial Regex Counters();

    [GeneratedRegex(@"[ :]dcos-isolation( |$)")]
    private static partial Regex OurChain();

    [GeneratedRegex(@"--match-set (\S+)")]
    private static partial Regex MatchSet();

    [GeneratedRegex(@"(dcos-\S+)[+=]")]
    private static partial Regex OtherSlot();

    [GeneratedRegex(@" applied [0-9TZ:-]+")]
    private static partial Regex Time();
}
