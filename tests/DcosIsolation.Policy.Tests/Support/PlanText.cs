using System.Collections.Immutable;
using System.Text;

namespace DcosIsolation.Policy.Tests;

/// <summary>A plan as the commands that it stands for, and what it says about them.</summary>
internal static class PlanText
{
    public static string Of(Plan plan)
    {
        var text = new StringBuilder();
        foreach (string name in plan.Discard)
        {
            text.Append("discard ").Append(name).Append('\n');
        }

        foreach (SetSpec set in plan.Create)
        {
            StateText.Append(text, set);
        }

        Append(text, plan.Shrink);
        foreach (SetSwap swap in plan.Swaps)
        {
            text.Append($"swap {swap.InForce} {swap.Fresh}\n");
        }

        foreach (TablePlan table in plan.Tables)
        {
            text.Append("commit ").Append(table.Family).Append('\n');
            text.Append(table.Jump is null ? "  -X dcos-isolation\n" : $"  -I FORWARD 1 {table.Jump}\n");
            foreach (PlannedRule rule in table.Chain)
            {
                text.Append($"  [{rule.Packets}:{rule.Bytes}] -A dcos-isolation {rule.Rule}\n");
            }
        }

        Append(text, plan.Grow);
        foreach (string name in plan.Destroy)
        {
            text.Append("destroy ").Append(name).Append('\n');
        }

        return text.Append(Summary(plan)).ToString().TrimEnd('\n');
    }

    /// <summary>What an operator is told: sets, rules, notices.</summary>
    public static string Summary(Plan plan)
    {
        var text = new StringBuilder();
        foreach (SetChange change in plan.Sets)
        {
            text.Append($"# {change.Kind} {change.Name} {change.TypeName}{(change.Path is { } path ? $" {path}" : "")}\n");
            foreach (string entry in change.Added)
            {
                text.Append("#   + ").Append(entry).Append('\n');
            }

            foreach (string entry in change.Removed)
            {
                text.Append("#   - ").Append(entry).Append('\n');
            }
        }

        foreach (FamilyPath path in plan.Paths)
        {
            text.Append($"# {path.Family} {path.Path} since {path.Why}\n");
        }

        foreach (RuleChange change in plan.Tables.SelectMany(table => table.Changes))
        {
            text.Append($"# {change.Kind} {change.Text}\n");
        }

        foreach (string notice in plan.Notices)
        {
            text.Append("! ").Append(notice).Append('\n');
        }

        return text.ToString().TrimEnd('\n');
    }

    private static void Append(StringBuilder text, ImmutableArray<EditPhase> phases)
    {
        foreach (EditPhase phase in phases)
        {
            text.Append("phase\n");
            foreach (SetEdit edit in phase.Edits)
            {
                foreach (string entry in edit.Entries.EntryTexts)
                {
                    text.Append($"  {(edit.IsAdd ? "add" : "del")} {edit.Entries.Name} {entry}\n");
                }
            }
        }
    }
}
