namespace DcosIsolation.Policy;

/// <summary>How a set of pairs in force comes to its desired entries where all that changes lets more pass, or less.</summary>
internal static class PairEdit
{
    public static bool IsPairSet(SetDifference difference) => difference.Desired is NetNetSet or NetPortNetSet;

    public static bool Loosens(SetDifference difference) =>
        (IsDenial(difference) ? difference.Added : difference.Removed) is null or { Count: 0 };

    public static bool Tightens(SetDifference difference) =>
        (IsDenial(difference) ? difference.Removed : difference.Added) is null or { Count: 0 };

    /// <summary>Why the set cannot be changed in place, or null.</summary>
    public static string? WhyNot(SetDifference difference)
    {
        string name = difference.Desired.Name;
        if (difference.Live?.Content is not { } live || live.TypeName != difference.Desired.TypeName)
        {
            return $"what {name} holds is not known";
        }

        if (!difference.HasRoom)
        {
            return $"{name} has room for {difference.Live.MaxElem} entries";
        }

        var lengths = new PrefixLengths(live);
        return difference.Removed is { } removed && lengths.Remove(removed) is { } last ? PrefixLengths.WhyNotGoing(name, last)
            : difference.Added is { } added && lengths.Add(added) is { } first ? PrefixLengths.WhyNotComing(name, first)
            : null;
    }

    public static IEnumerable<StagedEdit> Edits(SetDifference difference)
    {
        string name = difference.Live!.Name;
        if (difference.Removed is { Count: > 0 } removed)
        {
            yield return new StagedEdit(EditStage.Shrink, new SetEdit(false, removed with { Name = name }));
        }

        if (difference.Added is { Count: > 0 } added)
        {
            yield return new StagedEdit(EditStage.Grow, new SetEdit(true, added with { Name = name }));
        }
    }

    private static bool IsDenial(SetDifference difference)
    {
        Family family = difference.Desired.Family;
        return difference.Desired.Name == KernelNames.SimpleDenied(family) || difference.Desired.Name == KernelNames.ComplexDenied(family);
    }
}
