using System.Collections.Immutable;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>plan</c> prints.</summary>
internal sealed record PlanReport(Plan Plan, PlanNeeds Needs, string StateDigest, string PolicyDigest)
{
    /// <summary>What the policy compiles to, whose encodings are explained.</summary>
    public ImmutableArray<FamilyState> Families { get; init; } = [];

    /// <summary>What the plan changes for packets.</summary>
    public VerdictChanges Verdicts { get; init; } = VerdictChanges.None;

    public void WriteText(TextWriter text, bool verbose)
    {
        VerdictText.WriteText(text, Verdicts, verbose);
        if (Plan.IsEmpty)
        {
            text.WriteLine("no changes: the kernel is as the policy says");
        }

        foreach (SetChange set in Plan.Sets)
        {
            text.WriteLine($"{Sign(set.Kind)} set {set.Name} {set.TypeName}: {Entries(set)}");
            if (verbose)
            {
                WriteEntries(text, "  + ", set.Added);
                WriteEntries(text, "  - ", set.Removed);
            }
        }

        foreach (FamilyPath path in Plan.Paths)
        {
            text.WriteLine($"{FamilyText.Name(path.Family)}: {PathText.Words(path.Path)}, since {path.Why}");
        }

        foreach (TablePlan table in Plan.Tables)
        {
            foreach (RuleChange rule in table.Changes)
            {
                text.WriteLine($"{Sign(rule.Kind)} {FamilyText.Name(table.Family)} {Quoted.Escape(rule.Text)}");
            }
        }

        foreach (string leftover in Plan.Discard)
        {
            text.WriteLine($"- leftover set {leftover}");
        }

        foreach (string notice in Plan.Notices)
        {
            text.WriteLine($"! {Quoted.Escape(notice)}");
        }

        if (verbose)
        {
            EncodingReport.WriteText(text, Families);
        }

        if (Needs.NewBytes > 0)
        {
            text.WriteLine(
                $"needs {ByteSize.Text(Needs.NewBytes)} of kernel memory for {Count(Needs.NewEntries)}; "
                + $"{ByteSize.Text(Needs.PeakBytes)} for {Count(Needs.PeakEntries)} of old and new sets at a time");
        }

        text.WriteLine($"policy digest  {PolicyDigest}");
        text.WriteLine($"state digest   {StateDigest}");
    }

    public void WriteJson(JsonResult json)
    {
        json.Writer.WriteBoolean("changes", !Plan.IsEmpty);
        VerdictText.WriteJson(json, Verdicts);
        json.Objects("sets", Plan.Sets, set =>
        {
            json.Writer.WriteString("change", Word(set.Kind));
            json.Writer.WriteString("name", set.Name);
            json.Writer.WriteString("type", set.TypeName);
            json.Writer.WriteNumber("entriesAdded", set.Added.Count);
            json.Writer.WriteNumber("entriesRemoved", set.Removed.Count);
            if (set.Path is { } path)
            {
                json.Writer.WriteString("path", PathText.JsonName(path));
            }
        });
        json.Objects("paths", Plan.Paths, path =>
        {
            json.Writer.WriteString("family", FamilyText.JsonName(path.Family));
            json.Writer.WriteString("path", PathText.JsonName(path.Path));
            json.Writer.WriteString("why", path.Why);
        });
        json.Objects("rules", Plan.Tables.SelectMany(table => table.Changes.Select(rule => (table.Family, rule))), item =>
        {
            json.Writer.WriteString("change", Word(item.rule.Kind));
            json.Writer.WriteString("family", FamilyText.JsonName(item.Family));
            json.Writer.WriteString("rule", item.rule.Text);
        });
        json.Writer.WriteNumber("newEntries", Needs.NewEntries);
        json.Writer.WriteNumber("newBytes", Needs.NewBytes);
        json.Writer.WriteNumber("peakEntries", Needs.PeakEntries);
        json.Writer.WriteNumber("peakBytes", Needs.PeakBytes);
        json.Strings("leftovers", Plan.Discard);
        json.Strings("notices", Plan.Notices);
        EncodingReport.WriteJson(json, Families);
        json.Writer.WriteString("policyDigest", PolicyDigest);
        json.Writer.WriteString("stateDigest", StateDigest);
    }

    private static void WriteEntries(TextWriter text, string sign, IReadOnlyList<string> entries)
    {
        foreach (string entry in entries)
        {
            text.WriteLine(sign + entry);
        }
    }

    private static string Entries(SetChange set) => set.Kind switch
    {
        SetChangeKind.Create => Count(set.Added.Count),
        SetChangeKind.Destroy => Count(set.Removed.Count),
        _ => $"{set.Added.Count} added, {set.Removed.Count} removed"
            + (set.Path is { } path and not SwitchPath.Generation ? $", {PathText.Words(path)}" : ""),
    };

    private static string Count(long entries) => Counted.Text(entries, "entry", "entries");

    private static char Sign(SetChangeKind kind) => kind switch { SetChangeKind.Create => '+', SetChangeKind.Destroy => '-', _ => '~' };

    private static char Sign(RuleChangeKind kind) => kind switch { RuleChangeKind.Add => '+', RuleChangeKind.Remove => '-', _ => '~' };

    private static string Word(SetChangeKind kind) => kind switch
    {
        SetChangeKind.Create => "create",
        SetChangeKind.Destroy => "destroy",
        _ => "update",
    };

    private static string Word(RuleChangeKind kind) => kind switch
    {
        RuleChangeKind.Add => "add",
        RuleChangeKind.Remove => "remove",
        RuleChangeKind.Move => "move",
        _ => "update",
    };
}
