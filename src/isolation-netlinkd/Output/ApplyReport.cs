using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>What <c>apply</c> prints when it is done.</summary>
internal sealed record ApplyReport(Plan Plan, string StateDigest, string PolicyDigest)
{
    /// <summary>What waits for being confirmed, or null.</summary>
    public PendingSwitch? Pending { get; init; }

    private long Added => Plan.EntriesInPlace(added: true);

    private long Removed => Plan.EntriesInPlace(added: false);

    public void WriteText(TextWriter text)
    {
        if (Plan.IsEmpty)
        {
            text.WriteLine("nothing to do: the kernel is as the policy says");
        }
        else
        {
            int destroyed = Plan.Discard.Length + Plan.Destroy.Length;
            string made = Counted.Text(Plan.Create.Length, "set");
            string entries = Counted.Text(Plan.Create.Sum(set => (long)set.Count), "entry", "entries");
            string inPlace = Added + Removed == 0 ? "" : $"; in place {Counted.Text(Added, "entry", "entries")} added, {Removed} removed";
            text.WriteLine($"applied: {made} made with {entries}, {destroyed} destroyed{inPlace}");
            foreach (TablePlan table in Plan.Tables)
            {
                text.WriteLine($"{FamilyText.Name(table.Family)}: {Summary(table)}");
            }
        }

        text.WriteLine($"policy digest  {PolicyDigest}");
        text.WriteLine($"state digest   {StateDigest}");
        PendingReport.WriteText(text, Pending);
    }

    public void WriteJson(JsonResult json)
    {
        json.Writer.WriteBoolean("changed", !Plan.IsEmpty);
        json.Writer.WriteNumber("setsMade", Plan.Create.Length);
        json.Writer.WriteNumber("setsDestroyed", Plan.Discard.Length + Plan.Destroy.Length);
        json.Writer.WriteNumber("entriesAddedInPlace", Added);
        json.Writer.WriteNumber("entriesRemovedInPlace", Removed);
        json.Writer.WriteNumber("setsSwapped", Plan.Swaps.Length);
        json.Writer.WriteNumber("tableCommits", Plan.Tables.Length);
        json.Strings("notices", Plan.Notices);
        json.Writer.WriteString("policyDigest", PolicyDigest);
        json.Writer.WriteString("stateDigest", StateDigest);
        PendingReport.WriteJson(json, Pending);
    }

    private static string Summary(TablePlan table)
    {
        if (table.Jump is null)
        {
            return $"chain {KernelNames.Chain} removed";
        }

        int Count(RuleChangeKind kind) => table.Changes.Count(change => change.Kind == kind);
        return $"{Counted.Text(Count(RuleChangeKind.Add), "rule")} added, {Count(RuleChangeKind.Remove)} removed, "
            + $"{Count(RuleChangeKind.Update) + Count(RuleChangeKind.Move)} changed";
    }
}
