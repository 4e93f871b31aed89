using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// What this process left in the kernel's sets, so that the next look needs their headers only. It shares the desired state's entries. That
/// a set still has as many entries is no proof that they are the same; who must know reads them.
/// </summary>
internal sealed class KnownSets
{
    private readonly Dictionary<string, SetSpec> _contents = new(StringComparer.Ordinal);

    /// <param name="desired">What is desired.</param>
    /// <param name="plan">The plan that brought the kernel there.</param>
    public KnownSets(DesiredState desired, Plan plan)
    {
        foreach (SetSpec set in desired.Families.SelectMany(family => family.Sets).Where(set => set is not ListSet))
        {
            string name = plan.KernelNames[set.Name];
            _contents.Add(name, set with { Name = name });
        }
    }

    /// <summary>What the set of a header holds, under its kernel name; null if it must be read.</summary>
    public SetSpec? Of(IpsetInfo info) =>
        _contents.TryGetValue(info.Name, out SetSpec? content)
        && content.TypeName == info.TypeName && content.Count == info.Elements && content.Family == SetReader.FamilyOf(info)
            ? content
            : null;
}
