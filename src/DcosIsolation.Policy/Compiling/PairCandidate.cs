using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>A pair of endpoints with what one rule can say of it, before it is known whether it becomes that rule or entries.</summary>
/// <param name="location">Where the policy says it.</param>
/// <param name="clause">What the policy calls it.</param>
/// <param name="from">The source.</param>
/// <param name="to">The destination.</param>
/// <param name="protocol">The protocol; null for every one.</param>
/// <param name="services">Ports of the protocol, or one ICMP type; empty for every one.</param>
/// <param name="bytesPerEntry">The kernel memory of an entry.</param>
/// <param name="cost">The cost model.</param>
internal sealed class PairCandidate(
    SourceLocation location,
    string clause,
    Side from,
    Side to,
    Protocol? protocol,
    ImmutableArray<Service> services,
    long bytesPerEntry,
    EncodingCost cost)
{
    public Side From => from;

    public Side To => to;

    public Protocol? Protocol => protocol;

    public ImmutableArray<Service> Services => services;

    /// <summary>How many entries it would be; 0 when no entry can say it.</summary>
    public long Entries { get; } = (long)from.Prefixes.Length * to.Prefixes.Length * WidthOf(protocol, services);

    /// <summary>What the rule costs.</summary>
    public double RuleNs { get; } = cost.OfRule(from, to, !services.IsEmpty);

    /// <summary>The kernel memory of the entries.</summary>
    public long Bytes => Entries * bytesPerEntry;

    /// <summary>What is saved by entries instead of the rule, before the lookups of the set that holds them.</summary>
    public double Gain => RuleNs - cost.OfMemory(Bytes);

    public EncodingReason Reason { get; set; }

    /// <summary>The services as the policy writes them; empty for every protocol.</summary>
    public string ServicesText { get; } = services.IsEmpty ? $"{protocol}".ToLowerInvariant() : string.Join(',', services);

    /// <summary>Says what was chosen.</summary>
    /// <param name="family">The family.</param>
    /// <param name="shared">The prefix lengths in the set that the entries are in, or would be in.</param>
    public EncodingChoice ToChoice(Family family, (UInt128 Sources, UInt128 Destinations) shared)
    {
        int combinations = EncodingCost.CountOf(shared.Sources | from.Lengths) * EncodingCost.CountOf(shared.Destinations | to.Lengths);
        return new EncodingChoice(
            location, clause, family, from.Name, to.Name, ServicesText, Reason, Entries, Bytes, combinations, FirstLengths, RuleNs);
    }

    /// <summary>How many prefix lengths the set has that the rule asks first; 0 when it asks none.</summary>
    private int FirstLengths => from.Set is not null ? EncodingCost.CountOf(from.Lengths) : to.Set is not null ? EncodingCost.CountOf(to.Lengths) : 0;

    /// <summary>How many ports it is to hash:net,port,net, which holds one ICMP type with one code; 1 for every protocol.</summary>
    private static int WidthOf(Protocol? protocol, ImmutableArray<Service> services)
    {
        if (protocol is null)
        {
            return 1;
        }

        int width = 0;
        foreach (Service service in services)
        {
            if (service.IsIcmp)
            {
                return service.IcmpCode is null ? 0 : 1;
            }

            width += service.LastPort - service.FirstPort + 1;
        }

        return width;
    }
}
