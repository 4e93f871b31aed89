namespace DcosIsolation.Policy;

/// <summary>Finds what <c>failsafe</c> says in vain, and what of it leaves nothing of the isolation.</summary>
internal sealed class FailsafeWarnings(IsolationPolicy policy, DiagnosticBag diagnostics)
{
    public void Warn(List<(Prefix Prefix, SourceLocation Location)> literals)
    {
        foreach ((Prefix prefix, SourceLocation location) in literals)
        {
            if (!policy.Networks.Any(network => PolicyWarnings.Touches(network.Prefixes, prefix)))
            {
                diagnostics.Inform(location, $"{prefix} is outside of every network:"
                    + " packets from and to there never enter the chain, and need no failsafe");
            }
        }

        foreach (FailsafeItem item in policy.Failsafe)
        {
            Warn(item, Family.Inet, "IPv4");
            Warn(item, Family.Inet6, "IPv6");
        }
    }

    private void Warn(FailsafeItem item, Family family, string name)
    {
        List<Prefix> from = item.FromOf(family);
        (bool hasFrom, bool hasTo) = (from.Count > 0, item.ToOf(family).Count > 0);
        if (!hasFrom || !hasTo)
        {
            if (hasFrom || (hasTo && !item.To.IsEmpty))
            {
                diagnostics.Warn(item.Location, $"no {name} packet can match: {(hasFrom ? "'to'" : "'from'")} has no {name} prefix;"
                    + $" add one there, or remove those of {(hasFrom ? "'from'" : "'to'")}");
            }

            Service[] idle = [.. item.Services.Where(service => service.IsIcmp && service.AppliesTo(family))];
            if (idle.Length > 0)
            {
                (string other, string icmp) = family == Family.Inet ? ("IPv6", "icmpv6") : ("IPv4", "icmp");
                diagnostics.Warn(item.Location, $"no packet can match {string.Join(", ", idle)}: the two sides have only"
                    + $" {other} in common; write {icmp}");
            }
        }
        else if (item.Services.IsEmpty && from[0].Length == 0)
        {
            diagnostics.Warn(item.Location, $"every {name} packet{(item.To.IsEmpty ? "" : " to 'to'")} is accepted from wherever it comes,"
                + " which switches the isolation off; name the addresses that need it, or 'ports'");
        }
    }
}
