namespace DcosIsolation.Policy.Tests;

/// <summary>What a comparison of two states says about single packets.</summary>
internal sealed class VerdictProbe(DesiredState desired, LiveState live)
{
    private readonly Dictionary<Family, FamilyComparison> _families = desired.Families
        .Join(live.Families, wanted => wanted.Family, found => found.Family, (wanted, found) => (wanted, found))
        .ToDictionary(pair => pair.wanted.Family, pair => new FamilyComparison(pair.wanted, pair.found, live));

    public bool Compares(Family family) => _families.ContainsKey(family);

    /// <summary>What becomes of the packet before and after, or null when nothing changes.</summary>
    public string? ChangeOf(Packet packet)
    {
        FamilyComparison family = _families[packet.Family];
        (int from, int to) = (ClassOf(family, packet.Source), ClassOf(family, packet.Destination));
        IEnumerable<ServiceChange> changes = family.Pairs.Where(pair => (pair.From, pair.To) == (from, to)).SelectMany(pair => pair.Changes);
        return changes.SingleOrDefault(change => change.Ranges.Any(range => Fits(range, packet)) != change.AllBut) is { } found
            ? $"{found.Before} {found.After}"
            : null;
    }

    private static int ClassOf(FamilyComparison family, UInt128 address)
    {
        int[] own = [.. Enumerable.Range(0, family.Marks.All.Count).Where(mark => family.Marks.All[mark].Any(prefix => prefix.Contains(address)))];
        return family.Classes.FindIndex(marks => marks.AsSpan().SequenceEqual(own));
    }

    private static bool Fits(ServiceRuling range, Packet packet) =>
        (byte?)range.Protocol == packet.Protocol && range.First <= packet.Port && packet.Port <= range.Last;
}
