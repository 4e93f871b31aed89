using System.Globalization;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>Why a policy is told to the kernel as it is: for each pair of endpoints, what was chosen and what the other way would have cost.</summary>
internal static class EncodingReport
{
    /// <summary>How many of those with the same figures are named; the rest are counted.</summary>
    private const int MaxNamed = 3;

    public static void WriteText(TextWriter text, IEnumerable<FamilyState> families)
    {
        foreach (FamilyState family in families)
        {
            if (family.Overlays is { } overlays)
            {
                text.WriteLine($"encoding {FamilyText.Name(family.Family)} networks: {Text(overlays)}");
            }

            // What costs alike is told once, where it first occurs.
            foreach (IGrouping<(string, EncodingReason, long, int, double), EncodingChoice> alike in family.Choices.GroupBy(
                choice => (choice.Clause, choice.Reason, choice.Entries, choice.RuleLookups, choice.RuleNanoseconds)))
            {
                IEnumerable<string> named = alike.Take(MaxNamed).Select(Name);
                int others = alike.Count() - MaxNamed;
                text.WriteLine(
                    $"encoding {FamilyText.Name(family.Family)} {Quoted.Escape(string.Join("; ", named))}"
                    + $"{(others > 0 ? $"; and {others} more" : "")}: {Text(alike.First())}{(alike.Skip(1).Any() ? ", each" : "")}");
            }
        }
    }

    public static void WriteJson(JsonResult json, IEnumerable<FamilyState> families)
    {
        json.Objects("overlaysEncodings", families.Select(family => family.Overlays).OfType<OverlaysChoice>(), choice =>
        {
            json.Writer.WriteString("family", FamilyText.JsonName(choice.Family));
            json.Writer.WriteString("encoding", choice.IsFlattened ? "flattened" : "list");
            json.Writer.WriteNumber("networks", choice.Networks);
            if (double.IsFinite(choice.ListNanoseconds))
            {
                json.Writer.WriteNumber("listNanoseconds", choice.ListNanoseconds);
            }

            json.Writer.WriteNumber("flattenedNanoseconds", choice.FlattenedNanoseconds);
            json.Writer.WriteNumber("flattenedEntries", choice.FlattenedEntries);
            json.Writer.WriteNumber("flattenedBytes", choice.FlattenedBytes);
        });
        json.Objects("encodings", families.SelectMany(family => family.Choices), choice =>
        {
            json.Writer.WriteString("file", choice.Location.File);
            json.Writer.WriteNumber("line", choice.Location.Line);
            json.Writer.WriteString("clause", choice.Clause);
            json.Writer.WriteString("family", FamilyText.JsonName(choice.Family));
            json.Writer.WriteString("from", choice.From);
            json.Writer.WriteString("to", choice.To);
            json.Writer.WriteString("services", choice.Services);
            json.Writer.WriteString("encoding", choice.IsEntries ? "entries" : "rule");
            json.Writer.WriteString("reason", Reason(choice.Reason));
            json.Writer.WriteNumber("entries", choice.Entries);
            json.Writer.WriteNumber("bytes", choice.Bytes);
            json.Writer.WriteNumber("setLookups", choice.SetLookups);
            json.Writer.WriteNumber("ruleLookups", choice.RuleLookups);
            json.Writer.WriteNumber("ruleNanoseconds", choice.RuleNanoseconds);
        });
    }

    private static string Name(EncodingChoice choice)
    {
        string services = choice.Services.Length == 0 ? "" : $" {choice.Services}";
        return $"{choice.Location.File}:{choice.Location.Line} {choice.Clause} {choice.From} -> {choice.To}{services}";
    }

    private static string Text(EncodingChoice choice)
    {
        string entries =
            $"{Counted.Text(choice.Entries, "entry", "entries")} ({ByteSize.Text(choice.Bytes)}, {Lookups(choice.SetLookups)} in the shared set)";
        string rule = $"a rule ({Lookups(choice.RuleLookups)}, {Nanoseconds(choice.RuleNanoseconds)} a packet)";
        return choice.IsEntries ? $"{entries}, not {rule}"
            : choice.Entries == 0 ? $"{rule}: {Reason(choice.Reason)}"
            : $"{rule}, not {entries}: {Reason(choice.Reason)}";
    }

    private static string Text(OverlaysChoice choice)
    {
        string list = double.IsFinite(choice.ListNanoseconds)
            ? $"a list of {Counted.Text(choice.Networks, "set")} ({Nanoseconds(choice.ListNanoseconds)} a packet)"
            : "a list, which the kernel has not";
        string flattened = $"one set of at most {Counted.Text(choice.FlattenedEntries, "entry", "entries")} ({ByteSize.Text(choice.FlattenedBytes)},"
            + $" {Nanoseconds(choice.FlattenedNanoseconds)} a packet)";
        return choice.IsFlattened ? $"{flattened}, not {list}" : $"{list}, not {flattened}";
    }

    private static string Reason(EncodingReason reason) => reason switch
    {
        EncodingReason.EntriesCheaper => "entries cost less",
        EncodingReason.Memory => "the entries' memory is worth more than the rule's time",
        EncodingReason.PrefixLengths => "its prefix lengths would cost every packet more",
        EncodingReason.TooManyEntries => "too many entries for one pair",
        EncodingReason.SetFull => "the shared set would be too large",
        EncodingReason.NoEntry => "no entry can say it",
        _ => "the kernel lacks the set type",
    };

    private static string Lookups(int count) => Counted.Text(count, "lookup");

    private static string Nanoseconds(double value) => string.Create(CultureInfo.InvariantCulture, $"{value:0} ns");
}
