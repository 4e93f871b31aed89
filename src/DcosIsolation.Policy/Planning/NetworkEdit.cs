using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>When an edit takes place. The table is committed between <see cref="Shrink"/> and <see cref="Grow"/>.</summary>
internal enum EditStage
{
    /// <summary>Entries inside others that go away next: no address comes with them.</summary>
    Prepare,

    /// <summary>Addresses leave the union of all networks, if the jump asks that.</summary>
    ShrinkUnion,

    /// <summary>Addresses leave the networks.</summary>
    Shrink,

    /// <summary>Addresses join the networks.</summary>
    Grow,

    /// <summary>Addresses join the union.</summary>
    GrowUnion,

    /// <summary>Entries inside others that have come: no address goes with them.</summary>
    Tidy,
}

/// <summary>One edit and when it takes place.</summary>
internal readonly record struct StagedEdit(EditStage Stage, SetEdit Edit);

/// <summary>
/// How a hash:net in force comes to its desired entries so that its addresses first only leave and then, after the commit, only join, one by
/// one. Merged prefixes make entries differ where addresses do not: such entries overlap for a while.
/// </summary>
internal sealed class NetworkEdit
{
    private readonly NetSet _prepare;
    private readonly NetSet _shrink;
    private readonly NetSet _grow;
    private readonly NetSet _tidy;

    private NetworkEdit(SetDifference difference, NetSet live)
    {
        Difference = difference;
        var none = new NetSet(live.Name, live.Family, []);
        ImmutableArray<Prefix> added = difference.Added is NetSet { Entries: var come } ? come : [];
        ImmutableArray<Prefix> removed = difference.Removed is NetSet { Entries: var go } ? go : [];
        (ImmutableArray<Prefix> prepare, ImmutableArray<Prefix> grow) = Split(added, holders: removed);
        (ImmutableArray<Prefix> tidy, ImmutableArray<Prefix> shrink) = Split(removed, holders: added);
        (_prepare, _grow) = (none with { Entries = prepare }, none with { Entries = grow });
        (_tidy, _shrink) = (none with { Entries = tidy }, none with { Entries = shrink });
        AddressRanges before = AddressRanges.Of(removed);
        AddressRanges after = AddressRanges.Of(added);
        Leaving = before.Except(after);
        Joining = after.Except(before);
    }

    public SetDifference Difference { get; }

    public string Name => Difference.Desired.Name;

    /// <summary>The kernel's name of the set.</summary>
    public string LiveName => Difference.Live!.Name;

    /// <summary>The addresses that only the set in force has.</summary>
    public AddressRanges Leaving { get; }

    /// <summary>The addresses that only the desired set has.</summary>
    public AddressRanges Joining { get; }

    /// <summary>The edit, or null and why the set cannot be changed in place.</summary>
    public static NetworkEdit? TryMake(SetDifference difference, out string why)
    {
        string name = difference.Desired.Name;
        if (difference.Live?.Content is not NetSet live || difference.Desired is not NetSet || live.Family != difference.Desired.Family)
        {
            why = $"what {name} holds is not known";
            return null;
        }

        if (Overlap(live.Entries) is { } overlapping)
        {
            why = $"{overlapping} overlaps another entry of {name}";
            return null;
        }

        var edit = new NetworkEdit(difference, live);
        why = edit.WhyNot(live) ?? "";
        return why.Length == 0 ? edit : null;
    }

    /// <summary>The edits, those without entries left out.</summary>
    public IEnumerable<StagedEdit> Edits(bool isUnion) => new StagedEdit[]
    {
        new(EditStage.Prepare, new SetEdit(true, _prepare)),
        new(isUnion ? EditStage.ShrinkUnion : EditStage.Shrink, new SetEdit(false, _shrink)),
        new(isUnion ? EditStage.GrowUnion : EditStage.Grow, new SetEdit(true, _grow)),
        new(EditStage.Tidy, new SetEdit(false, _tidy)),
    }.Where(edit => edit.Edit.Entries.Count > 0);

    private string? WhyNot(NetSet live)
    {
        int prepared = live.Count + _prepare.Count;
        int most = Math.Max(prepared, prepared - _shrink.Count + _grow.Count);
        if (Difference.Live!.MaxElem < most)
        {
            return $"{Name} has room for {Difference.Live.MaxElem} entries, and {most} would be in it for a moment";
        }

        var lengths = new PrefixLengths(live);
        int? coming = lengths.Add(_prepare);
        int? going = lengths.Remove(_shrink);
        coming ??= lengths.Add(_grow);
        going ??= lengths.Remove(_tidy);
        return coming is { } first ? PrefixLengths.WhyNotComing(Name, first)
            : going is { } last ? PrefixLengths.WhyNotGoing(Name, last)
            : null;
    }

    private static (ImmutableArray<Prefix> Inside, ImmutableArray<Prefix> Outside) Split(
        ImmutableArray<Prefix> entries, ImmutableArray<Prefix> holders)
    {
        ImmutableArray<Prefix>.Builder inside = ImmutableArray.CreateBuilder<Prefix>();
        ImmutableArray<Prefix>.Builder outside = ImmutableArray.CreateBuilder<Prefix>();
        int holder = 0;
        foreach (Prefix entry in entries)
        {
            while (holder + 1 < holders.Length && holders[holder + 1].Bits <= entry.Bits)
            {
                holder++;
            }

            (holder < holders.Length && holders[holder].Contains(entry) ? inside : outside).Add(entry);
        }

        return (inside.DrainToImmutable(), outside.DrainToImmutable());
    }

    private static Prefix? Overlap(ImmutableArray<Prefix> entries)
    {
        for (int i = 1; i < entries.Length; i++)
        {
            if (entries[i - 1].Contains(entries[i]))
            {
                return entries[i];
            }
        }

        return null;
    }
}
