using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Tells what changes, set by set, between the sets in force and the desired ones.</summary>
/// <param name="desired">What is desired.</param>
/// <param name="sets">The live sets.</param>
/// <param name="differences">By what desired sets differ from those in force.</param>
/// <param name="kernelNames">The kernel names of the desired sets.</param>
/// <param name="kept">The kernel names of the sets that stay.</param>
/// <param name="paths">The desired sets whose set in force stays and changes, and how.</param>
/// <param name="notices">Where to tell what an operator should know.</param>
internal sealed class SetChanges(
    DesiredState desired,
    LiveSets sets,
    SetDifferences differences,
    Dictionary<string, string> kernelNames,
    HashSet<string> kept,
    Dictionary<string, SwitchPath> paths,
    List<string> notices)
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
                IReadOnlyList<string> entries = SetDifferences.Logical(set.Content)?.EntryTexts ?? [];
                changes.Add(new SetChange(SetChangeKind.Destroy, logical, set.TypeName, [], entries));
            }
        }

        return changes.DrainToImmutable();
    }

    private SetChange? ChangeOf(SetSpec set)
    {
        string name = kernelNames[set.Name];
        SetDifference difference = differences.Of(set);
        LiveSet? before = difference.Live;
        if (!paths.ContainsKey(set.Name) && kept.Contains(name) && (before is null || sets.IsInForce(name)))
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

        if (difference.HasSameEntries)
        {
            // A list is built anew with its members, and means what it meant.
            if (set is not ListSet)
            {
                notices.Add(
                    $"the set {before.Name} takes {before.MaxElem} entries at most, fewer than it should; it is built anew with more room");
            }

            return null;
        }

        return new SetChange(
            SetChangeKind.Update, set.Name, set.TypeName, difference.Added?.EntryTexts ?? [], difference.Removed?.EntryTexts ?? [])
        {
            Path = paths.GetValueOrDefault(set.Name, SwitchPath.Generation),
        };
    }
}
