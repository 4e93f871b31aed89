using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Brings the services of a clause to one form for one meaning. Stateless; safe to call from any thread.</summary>
public static class ServiceCanonicalizer
{
    /// <summary>
    /// Sorts services; duplicates go, overlapping and adjacent port ranges of a protocol become one, and an ICMP type or code that a wider
    /// item covers goes.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static ImmutableArray<Service> Canonicalize(IEnumerable<Service> services)
    {
        List<Service> sorted = [.. services];
        sorted.Sort();
        var canonical = ImmutableArray.CreateBuilder<Service>(sorted.Count);
        foreach (Service next in sorted)
        {
            if (canonical.Count > 0 && TryJoin(canonical[^1], next, out Service joined))
            {
                canonical[^1] = joined;
            }
            else
            {
                canonical.Add(next);
            }
        }

        return canonical.DrainToImmutable();
    }

    // The order puts what covers directly before what it covers: icmp, icmp/3, icmp/3/1.
    private static bool TryJoin(Service last, Service next, out Service joined)
    {
        joined = last;
        if (last.Protocol != next.Protocol)
        {
            return false;
        }

        if (last.IsIcmp)
        {
            return last.IcmpType is null || (last.IcmpType == next.IcmpType && (last.IcmpCode is null || last.IcmpCode == next.IcmpCode));
        }

        joined = last with { LastPort = Math.Max(last.LastPort, next.LastPort) };
        return next.FirstPort <= last.LastPort + 1;
    }
}
