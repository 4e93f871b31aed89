using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>What sets hold, as far as somebody knows without reading them.</summary>
internal interface IKnownContents
{
    /// <summary>What the set of a header holds, under its kernel name; null if it must be read.</summary>
    SetSpec? Of(IpsetInfo info);
}

/// <summary>
/// What this process left in the kernel's sets, so that the next look needs their headers only. It shares the desired state's entries. That
/// a set still has as many entries is no proof that they are the same; who must know reads them.
/// </summary>
internal sealed class KnownSets : IKnownContents
{
    private readonly Dictionary<string, SetSpec> _contents = new(StringComparer.Ordinal);

    private KnownSets()
    {
    }

    /// <summary>Looks where the kernel holds the sets that have just been made as desired, without reading their entries.</summary>
    public static KnownSets Find(KernelDataplane dataplane, DesiredState desired, IReadOnlySet<Family> needed)
    {
        var sets = desired.Families.SelectMany(family => family.Sets).ToDictionary(set => set.Name, StringComparer.Ordinal);
        LiveState live = dataplane.Read(needed, new AsDesired(sets));
        IReadOnlySet<string> inForce = live.SetsInForce();
        var known = new KnownSets();
        foreach (LiveSet set in live.Sets)
        {
            if (inForce.Contains(set.Name) && set.Content is { } content and not ListSet)
            {
                known._contents.Add(set.Name, content);
            }
        }

        return known;
    }

    /// <inheritdoc/>
    public SetSpec? Of(IpsetInfo info) => _contents.TryGetValue(info.Name, out SetSpec? content) && Fits(content, info) ? content : null;

    private static bool Fits(SetSpec content, IpsetInfo info) =>
        content is not ListSet && content.TypeName == info.TypeName && content.Count == info.Elements && content.Family == SetReader.FamilyOf(info);

    private sealed class AsDesired(Dictionary<string, SetSpec> sets) : IKnownContents
    {
        public SetSpec? Of(IpsetInfo info) =>
            sets.TryGetValue(KernelNames.LogicalOf(info.Name), out SetSpec? desired) && Fits(desired, info) ? desired with { Name = info.Name } : null;
    }
}
