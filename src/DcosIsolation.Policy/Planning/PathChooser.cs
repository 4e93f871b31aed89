using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What was chosen for a family.</summary>
/// <param name="Path">The way, and why.</param>
/// <param name="Edits">The edits in place.</param>
/// <param name="Kept">The desired sets that keep the set in force, changed in place or by SWAP.</param>
/// <param name="Swapped">The desired set that is built anew for SWAP, or null.</param>
internal sealed record PathChoice(
    FamilyPath Path, ImmutableArray<StagedEdit> Edits, ImmutableArray<SetDifference> Kept, SetSpec? Swapped);

/// <summary>
/// Chooses how a family's sets come to their desired entries: the cheapest way on which every packet gets the old or the new verdict. Why
/// each way is right, and what it needs for that, stands in interop-docs/switch.md.
/// </summary>
internal sealed class PathChooser
{
    private readonly FamilyState _wanted;
    private readonly LiveState _live;
    private readonly LiveSets _sets;
    private readonly InPlaceLimits _limits;
    private readonly LiveRules _rules;
    private readonly ImmutableArray<SetDifference> _all;
    private readonly ImmutableArray<SetDifference> _changed;

    public PathChooser(
        FamilyState wanted, LiveFamily found, LiveState live, LiveSets sets, SetDifferences differences, InPlaceLimits limits)
    {
        (_wanted, _live, _sets, _limits) = (wanted, live, sets, limits);
        _rules = new LiveRules(found, sets);
        _all = [.. wanted.Sets.Select(differences.Of)];
        _changed = [.. _all.Where(difference => !(difference.HasSameEntries && difference.HasRoom))];
    }

    /// <summary>The way; null when no set in force changes.</summary>
    public PathChoice? Choose()
    {
        if (_changed.All(difference => difference.Live is null) || !_rules.IsInForce)
        {
            return null;
        }

        if (!_live.CanAwaitPackets)
        {
            return Generation("this kernel lets no process wait for packets that are under way (membarrier)");
        }

        if ((_rules.WhyText(_wanted) ?? _rules.WhyForeign()) is { } why)
        {
            return Generation(why);
        }

        bool arePairs = _changed.All(PairEdit.IsPairSet);
        return (arePairs ? TryPairs(out why) : TryNetworks(out why)) ?? TrySwap(ref why) ?? Generation(why);
    }

    private PathChoice Generation(string why) => Choice(SwitchPath.Generation, why, [], [], null);

    private PathChoice Choice(
        SwitchPath path, string why, IEnumerable<StagedEdit> edits, IEnumerable<SetDifference> kept, SetSpec? swapped) =>
        new(new FamilyPath(_wanted.Family, path, why), [.. edits], [.. kept], swapped);

    /// <summary>Pair sets alone, which all come to pass more, or all to pass less: each entry does the same, in whatever order.</summary>
    private PathChoice? TryPairs(out string why)
    {
        bool loosens = _changed.All(PairEdit.Loosens);
        why = (!_rules.MeanTheSameAs(_wanted) ? "the rules change with it" : null)
            ?? WhyNotWorthIt(_changed)
            ?? (!loosens && !_changed.All(PairEdit.Tightens) ? "some of it lets more pass and some less" : null)
            ?? _changed.Select(PairEdit.WhyNot).FirstOrDefault(reason => reason is not null)
            ?? "";
        return why.Length > 0
            ? null
            : Choice(
                SwitchPath.InPlace,
                $"{CountsOf(_changed)}, and all of it lets {(loosens ? "more" : "less")} pass",
                _changed.SelectMany(PairEdit.Edits),
                _changed,
                null);
    }

    /// <summary>Networks' sets: what leaves goes before the commit, what joins comes after it; other sets are built anew meanwhile.</summary>
    private PathChoice? TryNetworks(out string why)
    {
        SetDifference[] networks = [.. _changed.Where(difference => KernelNames.IsNetworkSet(difference.Desired.Name))];
        if (_rules.WhyNotInPlace(_wanted) is { } forbidden)
        {
            why = forbidden;
            return null;
        }

        if (!IsUnion(_rules.Overlays))
        {
            return TryListed(networks, out why);
        }

        SetDifference union = _all.First(difference => difference.Live?.Name == _rules.Overlays);
        SetDifference[] together = [.. networks, .. _changed.Where(difference => difference == union)];
        if (WhyNotWorthIt(together) is { } cheap)
        {
            why = cheap;
            return null;
        }

        List<NetworkEdit> edits = [];
        foreach (SetDifference network in networks)
        {
            if (TryEdit(network, out why) is not { } edit)
            {
                return null;
            }

            edits.Add(edit);
        }

        if (NetworkEdit.TryMake(union, out why) is not { } unionEdit)
        {
            return null;
        }

        if (!unionEdit.Leaving.SequenceEqual(AddressRanges.Union(edits.Select(edit => edit.Leaving)))
            || !unionEdit.Joining.SequenceEqual(AddressRanges.Union(edits.Select(edit => edit.Joining))))
        {
            why = $"the addresses that change in {union.Desired.Name} are not those that change in the networks' sets";
            return null;
        }

        return InPlace([.. edits.SelectMany(edit => edit.Edits(isUnion: false)), .. unionEdit.Edits(isUnion: true)], together);
    }

    /// <summary>Networks' sets that packets ask through the list: each by itself in place, or built anew.</summary>
    private PathChoice? TryListed(SetDifference[] networks, out string why)
    {
        why = WhyNotWorthIt(networks) ?? "";
        if (why.Length > 0)
        {
            return null;
        }

        List<NetworkEdit> edits = [];
        foreach (SetDifference network in networks.OrderByDescending(network => network.Live?.Content?.Count ?? 0))
        {
            string? whyNot = null;
            if (IsLarge(network) && !IsSmallChange([network]))
            {
                whyNot = $"{CountsOf([network])}";
            }
            else if (WhyNotListed(network) is { } reason)
            {
                whyNot = reason;
            }
            else if (TryEdit(network, out string blocked) is { } edit)
            {
                edits.Add(edit);
            }
            else
            {
                whyNot = blocked;
            }

            why = why.Length == 0 ? whyNot ?? "" : why;
        }

        return edits.Exists(edit => IsLarge(edit.Difference))
            ? InPlace([.. edits.SelectMany(edit => edit.Edits(isUnion: false))], [.. edits.Select(edit => edit.Difference)])
            : null;
    }

    private PathChoice InPlace(StagedEdit[] edits, SetDifference[] changed) =>
        Choice(SwitchPath.InPlace, $"{CountsOf(changed)}, whose addresses are in no other network", edits, changed, null);

    /// <summary>One set that is built anew under a free name, and exchanged.</summary>
    private PathChoice? TrySwap(ref string why)
    {
        string? whyNot = WhyNoSwap(out string because);
        if (whyNot is not null)
        {
            why = $"{why}, and {whyNot}";
            return null;
        }

        return Choice(SwitchPath.Swap, $"{because} (not in place: {why})", [], _changed, _changed[0].Desired);
    }

    private string? WhyNoSwap(out string because)
    {
        SetDifference one = _changed[0];
        string name = one.Desired.Name;
        because = $"{name} alone changes, and a packet asks it once";
        if (_changed.Length > 1)
        {
            return $"{_changed.Length} sets change at once";
        }

        if (!_live.CanSwap)
        {
            return "SWAP is refused";
        }

        if (!_rules.MeanTheSameAs(_wanted))
        {
            return "the rules change with it";
        }

        if (one.Desired is ListSet || one.Live?.Content is not { } content || content.TypeName != one.Desired.TypeName)
        {
            return $"{name} cannot be exchanged";
        }

        if (!_rules.IsListed(one.Live.Name) && _rules.TimesAsked(one.Live.Name) <= 1)
        {
            return null;
        }

        if (!KernelNames.IsNetworkSet(name) || IsUnion(_rules.Overlays))
        {
            return $"a packet asks {name} more than once";
        }

        // As in place, but all at once; and what leaves and what joins at once could meet in one packet.
        if (WhyNotListed(one) is { } reason)
        {
            return reason;
        }

        if (one.Live.Content is not NetSet live || one.Desired is not NetSet desired)
        {
            return $"what {name} holds is not known";
        }

        AddressRanges before = AddressRanges.Of(live.Entries);
        AddressRanges after = AddressRanges.Of(desired.Entries);
        (AddressRanges leaving, AddressRanges joining) = (before.Except(after), after.Except(before));
        if (leaving.Count > 0 && joining.Count > 0)
        {
            return $"addresses leave {name} while others join it";
        }

        because = $"{name} alone changes, it only {(joining.Count > 0 ? "grows" : "shrinks")}, and the addresses are in no other network";
        return WhyShared(one, leaving) ?? WhyShared(one, joining);
    }

    private NetworkEdit? TryEdit(SetDifference network, out string why)
    {
        if (NetworkEdit.TryMake(network, out why) is not { } edit)
        {
            return null;
        }

        why = WhyShared(network, edit.Leaving) ?? WhyShared(network, edit.Joining) ?? "";
        return why.Length == 0 ? edit : null;
    }

    /// <summary>Which other network has one of the addresses, before or after: then the address is judged all the time.</summary>
    private string? WhyShared(SetDifference network, AddressRanges addresses)
    {
        if (addresses.Count == 0)
        {
            return null;
        }

        string own = network.Desired.Name;
        IEnumerable<SetSpec?> desired = _wanted.Sets.Where(set => KernelNames.IsNetworkSet(set.Name) && set.Name != own);
        IEnumerable<SetSpec?> inForce = _rules.InForce
            .Where(set => KernelNames.IsNetworkSet(set) && KernelNames.LogicalOf(set) != own)
            .Select(set => _sets.Ours[set].Content);
        foreach (SetSpec? other in desired.Concat(inForce))
        {
            if (other is not NetSet { Entries: var entries })
            {
                return "what another network's set holds is not known";
            }

            if (addresses.FirstSharedWith(entries) is { } shared)
            {
                return $"{shared} of {KernelNames.LogicalOf(other.Name)} has addresses that change in {own}";
            }
        }

        return null;
    }

    private string? WhyNotListed(SetDifference network)
    {
        string name = network.Desired.Name;
        return network.Live is not { } live ? $"{name} is new"
            : !_rules.IsListed(live.Name) ? $"{name} is not in the list that the jump asks"
            : _rules.WhyUnguarded(_wanted, live.Name);
    }

    private bool IsUnion(string overlays) => _sets.Ours[overlays].Content is NetSet;

    private bool IsLarge(SetDifference difference) => difference.Live?.Content?.Count >= _limits.MinEntries;

    private bool IsSmallChange(IReadOnlyCollection<SetDifference> changed) =>
        changed.Sum(difference => (long)difference.Changes) * _limits.MaxShare
        <= changed.Sum(difference => (long)(difference.Live?.Content?.Count ?? 0));

    private string? WhyNotWorthIt(IReadOnlyCollection<SetDifference> changed) =>
        !changed.Any(IsLarge) ? $"no set that changes has {_limits.MinEntries} entries or more"
        : !changed.Any(difference => IsLarge(difference) && IsSmallChange([difference])) ? CountsOf([.. changed.Where(IsLarge)])
        : null;

    private static string CountsOf(IEnumerable<SetDifference> changed) => string.Join(", ", changed
        .OrderByDescending(difference => difference.Changes)
        .Take(3)
        .Select(difference => $"{difference.Changes} changes to {difference.Live?.Content?.Count ?? 0} entries of {difference.Desired.Name}"));
}
