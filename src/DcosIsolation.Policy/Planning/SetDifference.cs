namespace DcosIsolation.Policy;

/// <summary>A desired set beside what is in force of it.</summary>
/// <param name="Desired">The desired set.</param>
/// <param name="Live">The set in force; null where there is none.</param>
/// <param name="Added">The entries that only the desired set has, under its name; null for none.</param>
/// <param name="Removed">The entries that only the set in force has, under its name and with logical member names; null for none.</param>
internal sealed record SetDifference(SetSpec Desired, LiveSet? Live, SetSpec? Added, SetSpec? Removed)
{
    public int Changes => (Added?.Count ?? 0) + (Removed?.Count ?? 0);

    /// <summary>Whether the set in force has just the desired entries.</summary>
    public bool HasSameEntries => Live is { Content: not null } && Changes == 0;

    /// <summary>Whether the set in force has room for the desired entries.</summary>
    public bool HasRoom => Desired is ListSet || Live?.MaxElem >= Desired.Count;
}

/// <summary>The differences of desired sets from those in force, each worked out once.</summary>
internal sealed class SetDifferences(LiveSets sets)
{
    private readonly Dictionary<string, SetDifference> _known = new(StringComparer.Ordinal);

    public SetDifference Of(SetSpec desired)
    {
        if (!_known.TryGetValue(desired.Name, out SetDifference? known))
        {
            LiveSet? live = KernelNames.Slots(desired.Name).Where(sets.IsInForce).Select(slot => sets.Ours[slot]).FirstOrDefault();
            SetSpec? content = Logical(live?.Content);
            (SetSpec? added, SetSpec? removed) = content is not null && desired.HasSameEntries(content)
                ? (null, null)
                : EntryDiff.Between(content, desired);
            _known.Add(desired.Name, known = new SetDifference(desired, live, added, removed));
        }

        return known;
    }

    /// <summary>The same set, its members under logical names where it is a list.</summary>
    public static SetSpec? Logical(SetSpec? content) => content is ListSet list
        ? new ListSet(list.Name, list.Family, [.. list.Entries.Select(entry => entry with { Set = KernelNames.LogicalOf(entry.Set) })])
        : content;
}
