using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Builds one plan: which live sets stay, where new ones are made, what the tables shall hold, what goes away and when.</summary>
internal sealed class PlanBuilder
{
    private readonly DesiredState _desired;
    private readonly LiveState _live;
    private readonly InPlaceLimits _limits;
    private readonly LiveSets _sets;
    private readonly SetDifferences _differences;
    private readonly List<PathChoice> _choices = [];
    private readonly Dictionary<string, SwitchPath> _paths = new(StringComparer.Ordinal);
    private readonly List<SetSwap> _swaps = [];
    private readonly Dictionary<string, string> _kernelNames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _kept = new(StringComparer.Ordinal);
    private readonly HashSet<string> _discarded = new(StringComparer.Ordinal);
    private readonly HashSet<string> _destroyed = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _listReferences = new(StringComparer.Ordinal);
    private readonly List<string> _notices = [];
    private readonly List<string> _conflicts = [];

    public PlanBuilder(DesiredState desired, LiveState live, InPlaceLimits limits)
    {
        (_desired, _live, _limits) = (desired, live, limits);
        _sets = new LiveSets(live);
        _differences = new SetDifferences(_sets);
    }

    public Plan Build()
    {
        ChoosePaths();
        KeepSets();
        AddUnused(_discarded, set => !_sets.IsInForce(set.Name));
        ImmutableArray<SetSpec> create = PlaceNewSets();
        ImmutableArray<TablePlan> tables = PlanTables();
        AddUnused(_destroyed, _ => true);
        NoticeSets();
        if (_conflicts.Count > 0)
        {
            throw new PlanConflictException([.. _conflicts]);
        }

        ImmutableArray<SetChange> changes = new SetChanges(_desired, _sets, _differences, _kernelNames, _kept, _paths, _notices).List();
        ImmutableArray<string> destroy = [.. ListsFirst(_destroyed), .. _swaps.Select(swap => swap.Fresh)];
        return new Plan(ListsFirst(_discarded), create, tables, destroy, changes, [.. _notices])
        {
            Shrink = Phases(stage => stage < EditStage.Grow),
            Swaps = [.. _swaps],
            Grow = Phases(stage => stage >= EditStage.Grow),
            Paths = [.. _choices.Select(choice => choice.Path)],
            KernelNames = _kernelNames,
        };
    }

    private IEnumerable<SetSpec> DesiredSets => _desired.Families.SelectMany(family => family.Sets);

    /// <summary>Chooses each family's way; sets that are changed in place or exchanged stay.</summary>
    private void ChoosePaths()
    {
        foreach (FamilyState wanted in _desired.Families)
        {
            if (_live.Families.FirstOrDefault(item => item.Family == wanted.Family) is not { } found
                || new PathChooser(wanted, found, _live, _sets, _differences, _limits).Choose() is not { } choice)
            {
                continue;
            }

            _choices.Add(choice);
            foreach (SetDifference kept in choice.Kept)
            {
                _kernelNames.Add(kept.Desired.Name, kept.Live!.Name);
                _kept.Add(kept.Live.Name);
                _paths.Add(kept.Desired.Name, choice.Path.Path);
            }
        }
    }

    private ImmutableArray<EditPhase> Phases(Func<EditStage, bool> isWanted) =>
    [
        .. _choices.SelectMany(choice => choice.Edits)
            .Where(edit => isWanted(edit.Stage))
            .GroupBy(edit => edit.Stage)
            .OrderBy(stage => stage.Key)
            .Select(stage => new EditPhase([.. stage.Select(edit => edit.Edit)])),
    ];

    /// <summary>Finds the live sets that already hold what is desired; of two, the one in force.</summary>
    private void KeepSets()
    {
        foreach (SetSpec set in DesiredSets.Where(set => !_kernelNames.ContainsKey(set.Name)))
        {
            if (set is ListSet list && !list.Entries.All(entry => _kernelNames.ContainsKey(entry.Set)))
            {
                continue;
            }

            SetSpec resolved = Resolve(set, set.Name);
            foreach (string slot in KernelNames.Slots(set.Name).OrderByDescending(_sets.IsInForce))
            {
                if (_sets.Ours.TryGetValue(slot, out LiveSet? found)
                    && HasRoom(found, set)
                    && found.Content?.HasSameEntries(resolved) == true)
                {
                    _kernelNames.Add(set.Name, slot);
                    _kept.Add(slot);
                    ExplainMembers(found);
                    break;
                }
            }
        }
    }

    private static bool HasRoom(LiveSet set, SetSpec wanted) => wanted is ListSet || set.MaxElem >= wanted.Count;

    /// <summary>Gives every other desired set a free kernel name, and every set to exchange one for its new content.</summary>
    private ImmutableArray<SetSpec> PlaceNewSets()
    {
        ImmutableArray<SetSpec>.Builder create = ImmutableArray.CreateBuilder<SetSpec>();
        HashSet<SetSpec> swapped = [.. _choices.Select(choice => choice.Swapped).OfType<SetSpec>()];
        foreach (SetSpec set in DesiredSets)
        {
            if (swapped.Contains(set))
            {
                string fresh = FreeSlot(set);
                _swaps.Add(new SetSwap(_kernelNames[set.Name], fresh));
                create.Add(Resolve(set, fresh));
            }
            else if (!_kernelNames.ContainsKey(set.Name))
            {
                _kernelNames.Add(set.Name, FreeSlot(set));
                create.Add(Resolve(set, _kernelNames[set.Name]));
            }
        }

        return create.DrainToImmutable();
    }

    private string FreeSlot(SetSpec set)
    {
        ImmutableArray<string> slots = KernelNames.Slots(set.Name);
        LiveSet[] foreign = [.. slots.Where(_sets.Foreign.ContainsKey).Select(slot => _sets.Foreign[slot])];
        if (foreign.Length > 0)
        {
            _conflicts.AddRange(foreign.Select(found =>
                $"the set {found.Name} is a {found.TypeName}, which the project never makes under that name, so someone else made it; "
                + $"{string.Join(", ", slots[..^1])} and {slots[^1]} are needed for a {set.TypeName}: rename or destroy it"));
            return set.Name;
        }

        if ((slots.FirstOrDefault(slot => !_sets.Ours.ContainsKey(slot)) ?? slots.FirstOrDefault(_discarded.Contains)) is { } free)
        {
            return free;
        }

        string[] stuck = [.. slots.Where(slot => !_sets.IsInForce(slot))];
        _conflicts.Add(
            $"{set.Name} must be built anew, but {string.Join(", ", slots[..^1])} and {slots[^1]} are all in use"
            + (stuck.Length == 0 ? " by the chain" : $", {string.Join(" and ", stuck)} by a rule or list that is not the project's")
            + ": remove the rules or lists that refer to one of them, then run again");
        return set.Name;
    }

    /// <summary>The set under a kernel name, list members too.</summary>
    private SetSpec Resolve(SetSpec set, string name)
    {
        if (set is ListSet list)
        {
            return list with { Name = name, Entries = [.. list.Entries.Select(entry => entry with { Set = _kernelNames[entry.Set] })] };
        }

        return set with { Name = name };
    }

    /// <summary>
    /// Adds the sets that nothing will refer to when their turn comes: neither a rule that stays, nor a list that does, nor anyone else.
    /// </summary>
    private void AddUnused(HashSet<string> unused, Func<LiveSet, bool> isCandidate)
    {
        // Lists first: a list that goes away lets go of its members.
        foreach (LiveSet set in _sets.Ours.Values.OrderByDescending(IsList))
        {
            if (!_kept.Contains(set.Name) && !_discarded.Contains(set.Name) && isCandidate(set) && !IsReferredToByOthers(set))
            {
                unused.Add(set.Name);
                ExplainMembers(set);
            }
        }
    }

    /// <summary>Counts the references that a list, kept or going away, holds to its members.</summary>
    private void ExplainMembers(LiveSet list)
    {
        foreach (string member in _sets.MembersOf(list))
        {
            _listReferences[member] = _listReferences.GetValueOrDefault(member) + 1;
        }
    }

    /// <summary>Whether more refers to a set than the project's rules and its lists that stay or go away.</summary>
    private bool IsReferredToByOthers(LiveSet set) =>
        set.References > _sets.ReferencesFromRules(set.Name) + _listReferences.GetValueOrDefault(set.Name);

    private ImmutableArray<TablePlan> PlanTables()
    {
        ImmutableArray<TablePlan>.Builder tables = ImmutableArray.CreateBuilder<TablePlan>();
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            FamilyState? wanted = _desired.Families.FirstOrDefault(item => item.Family == family);
            LiveFamily found = _live.Families.FirstOrDefault(item => item.Family == family)
                ?? new LiveFamily(family, false, [], [], [], null);
            NoticeForeignJumps(wanted, found);
            if (TableFor(wanted, found) is { } table)
            {
                NoticeForeignRules(wanted, found, table);
                tables.Add(table);
            }
        }

        return tables.DrainToImmutable();
    }

    private TablePlan? TableFor(FamilyState? wanted, LiveFamily found)
    {
        Rule? jump = wanted?.Jump.WithSets(name => _kernelNames[name]);
        ImmutableArray<Rule> chain = wanted is null ? [] : [.. wanted.Chain.Select(rule => rule.WithSets(name => _kernelNames[name]))];
        if (jump is null ? !found.IsPresent : IsInForce(jump, chain, found))
        {
            return null;
        }

        var chainDiff = new RuleDiff(found.Chain, chain);
        return new TablePlan(
            found.Family,
            jump,
            [.. chain.Select((rule, index) => Planned(rule, chainDiff.PartnerOf(index)))],
            [.. JumpChanges(jump, found), .. chainDiff.Changes()]);
    }

    private static PlannedRule Planned(Rule rule, LiveRule? partner) => new(rule, partner?.Packets ?? 0, partner?.Bytes ?? 0);

    private static bool IsInForce(Rule jump, ImmutableArray<Rule> chain, LiveFamily found) =>
        found.HasChain
        && found.Jumps is [{ Position: 0 } only]
        && jump.Equals(only.Rule.Rule)
        && chain.AsSpan().SequenceEqual(found.Chain.Select(rule => rule.Rule!).ToArray());

    private static IEnumerable<RuleChange> JumpChanges(Rule? jump, LiveFamily found)
    {
        LiveRule? partner = null;
        if (jump is not null)
        {
            LiveJump live = found.Jumps.FirstOrDefault(candidate => candidate.Rule.Rule?.Meaning == jump.Meaning);
            partner = live.Rule;
            if (partner is null || live.Position != 0 || !jump.Equals(partner.Rule))
            {
                RuleChangeKind kind =
                    partner is null ? RuleChangeKind.Add : live.Position != 0 ? RuleChangeKind.Move : RuleChangeKind.Update;
                yield return new RuleChange(kind, $"-I FORWARD 1 {jump.WithSets(KernelNames.LogicalOf)}");
            }
        }

        foreach (LiveRule rule in found.Jumps.Select(live => live.Rule).Where(rule => !ReferenceEquals(rule, partner)))
        {
            string text = rule.Rule?.WithSets(KernelNames.LogicalOf).ToString() ?? rule.Text;
            yield return new RuleChange(RuleChangeKind.Remove, $"-A FORWARD {text}");
        }
    }

    private void NoticeForeignJumps(FamilyState? wanted, LiveFamily found)
    {
        foreach (string jump in found.ForeignJumps)
        {
            if (wanted is null && found.IsPresent)
            {
                _conflicts.Add(
                    $"the chain dcos-isolation of {TextOf(found.Family)} cannot be removed: {jump} jumps to it, "
                    + "a rule that the project did not write: delete that rule, then run again");
            }
            else
            {
                _notices.Add(
                    $"{jump} of {TextOf(found.Family)} jumps to dcos-isolation too; the project did not write that rule and leaves it");
            }
        }
    }

    private void NoticeForeignRules(FamilyState? wanted, LiveFamily found, TablePlan table)
    {
        // A chain that names no policy was not written by the project, whatever its rules look like. Where it names the desired policy, text
        // that the policy has not is someone else's; under another policy it may be that policy's.
        bool isAdopted = !found.Chain.Any(rule => RuleComment.NamesPolicy(rule.Rule?.Comment));
        bool isSame = wanted is not null && found.Chain.Any(rule => rule.Rule?.Comment == wanted.Chain[^1].Comment);
        HashSet<string> known = [.. table.Chain.Select(planned => planned.Rule.Meaning)];
        string[] foreign =
        [
            .. found.Chain
                .Where(rule => isAdopted || rule.Rule is null || (isSame && rule.Rule.Text is not null && !known.Contains(rule.Rule.Meaning)))
                .Select(rule => rule.Text),
        ];
        foreach (LiveJump jump in found.Jumps.Where(jump => jump.Rule.Rule is null))
        {
            _notices.Add(
                $"rule {jump.Position + 1} of FORWARD of {TextOf(found.Family)} jumps to dcos-isolation; "
                + $"the project did not write that rule and takes it away: {jump.Rule.Text}");
        }

        if (foreign.Length > 0)
        {
            _notices.Add(
                $"the chain dcos-isolation of {TextOf(found.Family)} holds {foreign.Length} {(foreign.Length == 1 ? "rule" : "rules")} "
                + $"that the project did not write and takes away: {string.Join("; ", foreign)}");
        }
    }

    private void NoticeSets()
    {
        foreach (LiveSet set in _sets.Foreign.Values)
        {
            _notices.Add($"the set {set.Name} is a {set.TypeName}, which the project never makes under that name; it is left as it is");
        }

        foreach (LiveSet set in _sets.Ours.Values)
        {
            if (!_kept.Contains(set.Name) && !_discarded.Contains(set.Name) && !_destroyed.Contains(set.Name))
            {
                _notices.Add(
                    $"the set {set.Name} is no longer needed, but a rule or list that is not the project's refers to it; "
                    + "it stays, with the entries that it has, until that rule or list is gone");
            }
        }
    }

    private ImmutableArray<string> ListsFirst(HashSet<string> names) =>
        [.. names.OrderByDescending(name => IsList(_sets.Ours[name])).ThenBy(name => name, StringComparer.Ordinal)];

    private static bool IsList(LiveSet set) => set.TypeName == "list:set";

    private static string TextOf(Family family) => family == Family.Inet ? "IPv4" : "IPv6";
}
