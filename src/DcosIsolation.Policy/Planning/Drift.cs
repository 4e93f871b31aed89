using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>In what way the kernel is no longer as the project left it.</summary>
public enum DriftKind
{
    /// <summary>The chain is gone, and every jump to it.</summary>
    ChainMissing,

    /// <summary>The chain's rules are others, fewer or none.</summary>
    ChainChanged,

    /// <summary>No rule of FORWARD jumps to the chain.</summary>
    JumpMissing,

    /// <summary>Rules stand before the jump.</summary>
    JumpNotFirst,

    /// <summary>The jump asks something else, or there are several.</summary>
    JumpChanged,

    /// <summary>A set is gone.</summary>
    SetMissing,

    /// <summary>A set holds other entries.</summary>
    EntriesChanged,

    /// <summary>A set is there that nothing of the project's needs.</summary>
    SetUnused,
}

/// <summary>One thing in which the kernel is no longer as the project left it.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="What">What it is, in a sentence's words.</param>
public sealed record Drift(DriftKind Kind, string What)
{
    /// <summary>The kind as a word for metrics and logs: <c>jump-missing</c>.</summary>
    public string KindText => Kind switch
    {
        DriftKind.ChainMissing => "chain-missing",
        DriftKind.ChainChanged => "chain-changed",
        DriftKind.JumpMissing => "jump-missing",
        DriftKind.JumpNotFirst => "jump-not-first",
        DriftKind.JumpChanged => "jump-changed",
        DriftKind.SetMissing => "set-missing",
        DriftKind.EntriesChanged => "entries-changed",
        _ => "set-unused",
    };

    /// <summary>What differs between the kernel and what is desired. Pure; thread-safe.</summary>
    /// <param name="live">What the kernel holds.</param>
    /// <param name="plan">The plan from there to what is desired.</param>
    public static ImmutableArray<Drift> Between(LiveState live, Plan plan)
    {
        ArgumentNullException.ThrowIfNull(live);
        ArgumentNullException.ThrowIfNull(plan);
        var found = ImmutableArray.CreateBuilder<Drift>();
        foreach (TablePlan table in plan.Tables)
        {
            // New generations of sets, which the repair makes, have new names in rules that are right.
            AddRules(found, table, live.Families.FirstOrDefault(family => family.Family == table.Family), namesCount: plan.Create.IsEmpty);
        }

        foreach (SetChange change in plan.Sets)
        {
            found.Add(change.Kind == SetChangeKind.Create
                ? new Drift(DriftKind.SetMissing, $"the set {change.Name} is gone")
                : new Drift(
                    DriftKind.EntriesChanged,
                    $"the set {change.Name} lacks {Count(change.Added.Count)} and has {Count(change.Removed.Count)} too many"));
        }

        foreach (string name in plan.Discard)
        {
            found.Add(new Drift(DriftKind.SetUnused, $"nothing needs the set {name}"));
        }

        if (found.Count == 0)
        {
            AddRebuilt(found, plan);
        }

        return found.DrainToImmutable();
    }

    /// <summary>What means the same and is not the same: a set without room, a list in another order.</summary>
    private static void AddRebuilt(ImmutableArray<Drift>.Builder found, Plan plan)
    {
        foreach (SetSpec set in plan.Create)
        {
            found.Add(new Drift(DriftKind.EntriesChanged, $"the set {KernelNames.LogicalOf(set.Name)} is to be built anew"));
        }

        foreach (string name in plan.Destroy)
        {
            found.Add(new Drift(DriftKind.SetUnused, $"nothing needs the set {name}"));
        }
    }

    private static void AddRules(ImmutableArray<Drift>.Builder found, TablePlan table, LiveFamily? live, bool namesCount)
    {
        string family = table.Family == Family.Inet ? "IPv4" : "IPv6";
        if (live is not { HasChain: true })
        {
            found.Add(new Drift(DriftKind.ChainMissing, $"the chain {KernelNames.Chain} of {family} is gone"));
            return;
        }

        int before = found.Count;
        if (live.Jumps.IsEmpty)
        {
            found.Add(new Drift(DriftKind.JumpMissing, $"no rule of FORWARD of {family} jumps to {KernelNames.Chain}"));
        }
        else if (live.Jumps[0].Position > 0)
        {
            string rules = live.Jumps[0].Position == 1 ? "a rule stands" : $"{live.Jumps[0].Position} rules stand";
            found.Add(new Drift(DriftKind.JumpNotFirst, $"{rules} before the jump to {KernelNames.Chain} in FORWARD of {family}"));
        }
        else if (live.Jumps.Length > 1)
        {
            found.Add(new Drift(
                DriftKind.JumpChanged, $"{live.Jumps.Length} rules of FORWARD of {family} jump to {KernelNames.Chain}"));
        }
        else if (table.Jump is { } jump && live.Jumps[0].Rule.Rule?.Meaning != jump.Meaning)
        {
            found.Add(new Drift(DriftKind.JumpChanged, $"the jump to {KernelNames.Chain} in FORWARD of {family} is another rule"));
        }

        int more = table.Changes.Count(change => change.Kind == RuleChangeKind.Remove && IsOfChain(change));
        int fewer = table.Changes.Count(change => change.Kind == RuleChangeKind.Add && IsOfChain(change));
        int moved = table.Changes.Count(change => change.Kind == RuleChangeKind.Move && IsOfChain(change));
        if (more + fewer + moved > 0)
        {
            found.Add(new Drift(
                DriftKind.ChainChanged,
                $"the chain {KernelNames.Chain} of {family} lacks {fewer} of its rules, has {more} others, and {moved} out of their order"));
        }
        else if (namesCount && found.Count == before && table.Changes.Any(change => change.Kind == RuleChangeKind.Update))
        {
            found.Add(new Drift(DriftKind.ChainChanged, $"rules of {KernelNames.Chain} of {family} ask other sets or name another policy"));
        }
    }

    private static bool IsOfChain(RuleChange change) => change.Text.StartsWith($"-A {KernelNames.Chain} ", StringComparison.Ordinal);

    private static string Count(int entries) => entries == 1 ? "1 entry" : $"{entries} entries";
}
