using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// Finds what a plan changes for packets that open a connection, from what the kernel holds and what it shall hold: exactly, unless a notice
/// says otherwise. Pure.
/// </summary>
public static class VerdictDiff
{
    /// <summary>Compares what is in force with what shall be.</summary>
    public static VerdictChanges Of(DesiredState desired, LiveState live)
    {
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(live);
        List<string> notices = [];
        List<VerdictChange> changes = [];
        int compared = 0;
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            FamilyState? wanted = desired.Families.FirstOrDefault(item => item.Family == family);
            LiveFamily? found = live.Families.FirstOrDefault(item => item.Family == family);
            string name = family == Family.Inet ? "IPv4" : "IPv6";
            bool isInForce = found is { HasChain: true, Jumps.IsEmpty: false };
            if (wanted is null)
            {
                notices.AddRange(isInForce ? [$"{name} is no longer isolated at all"] : []);
                continue;
            }

            if (!isInForce)
            {
                notices.Add($"isolation begins in {name}, between the networks {string.Join(", ", NetworksOf(wanted))}");
                continue;
            }

            try
            {
                var comparison = new FamilyComparison(wanted, found!, live);
                changes.AddRange(comparison.ByNetworks());
                notices.AddRange(comparison.Notices);
                compared++;
            }
            catch (NotSupportedException e)
            {
                notices.Add($"{name}: what changes for packets cannot be told: {e.Message}");
            }
        }

        return new VerdictChanges(Merge(changes, compared), [.. notices]);
    }

    private static IEnumerable<string> NetworksOf(FamilyState family) =>
        family.Sets.OfType<ListSet>().SelectMany(list => list.Entries).Select(entry => entry.Network ?? entry.Set) is var named && named.Any()
            ? named
            : family.Sets.Where(set => KernelNames.IsNetworkSet(set.Name)).Select(set => set.Name);

    /// <summary>What changes in both families alike is said once.</summary>
    private static ImmutableArray<VerdictChange> Merge(List<VerdictChange> changes, int families)
    {
        HashSet<VerdictChange> known = [.. changes];
        ImmutableArray<VerdictChange>.Builder merged = ImmutableArray.CreateBuilder<VerdictChange>();
        foreach (VerdictChange change in changes)
        {
            Family other = change.Family == Family.Inet ? Family.Inet6 : Family.Inet;
            bool isBoth = known.Contains(change with { Family = other });
            if (!isBoth || change.Family == Family.Inet)
            {
                merged.Add(isBoth || families == 1 ? change with { Family = null } : change);
            }
        }

        return merged.ToImmutable();
    }
}
