using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Tells what changes, set by set, between the sets in force and the desired ones.</summary>
internal sealed class SetChanges(
    DesiredState desired, LiveSets sets, Dictionary<string, string> kernelNames, HashSet<string> kept, List<string> notices)
{
    public ImmutableArray<SetChange> List()
    {
        ImmutableArray<SetChange>.Builder changes = ImmutableArray.CreateBuilder<SetChange>();
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (SetSpec set in desired.Families.SelectMany(family => family.Sets))
        {
            wanted.Add(set.Name);
            if (ChangeOf(set) is { } change)
            {
                changes.Add(change);
            }
        }

        foreach (LiveSet set in sets.Ours.Values.OrderBy(set => set.Name, StringComparer.Ordinal))
        {
            string logical = KernelNames.LogicalOf(set.Name);
            if (sets.IsInForce(set.Name) && wanted.Add(logical))
            {
                changes.Add(new SetChange(SetChangeKind.Destroy, logical, set.TypeName, [], Logical(set.Content)?.EntryTexts ?? []));
            }
        }

        return changes.DrainToImmutable();
    }

    private SetChange? ChangeOf(SetSpec set)
    {
        string name = kernelNames[set.Name];
        LiveSet? before = KernelNames.Slots(set.Name).Where(sets.IsInForce).Select(slot => sets.Ours[slot]).FirstOrDefault();
        if (kept.Contains(name) && (before is null || sets.IsInForce(name)))
        {
            return null;
        }

        if (before is null)
        {
            return new SetChange(SetChangeKind.Create, set.Name, set.TypeName, set.EntryTexts, []);
        }

        if (before.Content is null)
        {
            notices.Add($"the set {before.Name} holds what the project never puts there; it is built anew");
        }

        if (before.Content is { } content && set.HasSameEntries(Logical(content)!))
        {
            // A list is built anew with its members, and means what it meant.
            if (set is not ListSet)
            {
                notices.Add(
                    $"the set {before.Name} takes {before.MaxElem} entries at most, fewer than it should; it is built anew with more room");
            }

            return null;
        }

        (IReadOnlyList<string> added, IReadOnlyList<string> removed) = EntryDiff.Between(Logical(before.Content), set);
        return new SetChange(SetChangeKind.Update, set.Name, set.TypeName, added, removed);
    }

    private static SetSpec? Logical(SetSpec? content) => content is ListSet list
        ? new ListSet(list.Name, list.Family, [.. list.Entries.Select(entry => entry with { Set = KernelNames.LogicalOf(entry.Set) })])
        : content;
}
