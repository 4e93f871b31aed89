namespace DcosIsolation.Policy.Tests;

/// <summary>The verdict as the policy's documentation states it, read straight off the policy.</summary>
internal static class SlowModel
{
    public static RuleTarget Judge(IsolationPolicy policy, Packet packet)
    {
        RuleTarget refusal = policy.DenyWith == DenyMode.Drop ? RuleTarget.Drop : RuleTarget.Reject;
        if (!Lies(policy, packet.Family, packet.Source) || !Lies(policy, packet.Family, packet.Destination))
        {
            return RuleTarget.Return;
        }

        if (policy.Failsafe.Any(item => Accepts(item, packet) || (packet.Established && Accepts(item, packet, isAnswer: true))))
        {
            return RuleTarget.Accept;
        }

        foreach (ExceptionPair exception in policy.Exceptions)
        {
            if (Covers(policy, exception.Source, packet.Family, packet.Source)
                && Covers(policy, exception.Destination, packet.Family, packet.Destination))
            {
                return RuleTarget.Return;
            }
        }

        if (Ask(policy, policy.Rules.First, packet) is { } first)
        {
            return first;
        }

        if (packet.Established)
        {
            return RuleTarget.Return;
        }

        if (policy.Deny.Any(clause => Applies(policy, clause, packet)))
        {
            return refusal;
        }

        List<Network> both =
            [.. policy.Networks.Where(n => Belongs(n, packet.Family, packet.Source) && Belongs(n, packet.Family, packet.Destination))];
        if (both.Exists(network => !network.InternalAllowed))
        {
            return refusal;
        }

        if (both.Count > 0 || policy.Allow.Any(clause => Applies(policy, clause, packet)))
        {
            return RuleTarget.Return;
        }

        if (Ask(policy, policy.Rules.Last, packet) is { } last)
        {
            return last;
        }

        return policy.Default == DefaultVerdict.Accept ? RuleTarget.Return : refusal;
    }

    /// <summary>Whether a verdict lets the packet go on.</summary>
    public static bool Passes(RuleTarget verdict) => verdict is RuleTarget.Return or RuleTarget.Accept;

    /// <summary>Whether the packet is one of the item's, or one that answers such a packet: then its source's port counts.</summary>
    private static bool Accepts(FailsafeItem item, Packet packet, bool isAnswer = false)
    {
        (UInt128 from, UInt128 to) = isAnswer ? (packet.Destination, packet.Source) : (packet.Source, packet.Destination);
        return item.From.Any(prefix => prefix.Family == packet.Family && prefix.Contains(from))
            && (item.To.IsEmpty || item.To.Any(prefix => prefix.Family == packet.Family && prefix.Contains(to)))
            && (item.Services.IsEmpty || item.Services.Any(service => isAnswer && service.IsIcmp
                ? service.AppliesTo(packet.Family) && (byte)service.Protocol == packet.Protocol
                : Carries(service, isAnswer ? packet with { Port = packet.SourcePort } : packet)));
    }

    private static RuleTarget? Ask(IsolationPolicy policy, IEnumerable<OperatorRule> rules, Packet packet)
    {
        foreach (RuleText text in rules.Select(rule => packet.Family == Family.Inet ? rule.Inet : rule.Inet6).OfType<RuleText>())
        {
            bool fits = text.Networks.All(match => match.Negated != policy.Networks.Any(network =>
                network.Name == match.Network && Belongs(network, packet.Family, match.IsSource ? packet.Source : packet.Destination)));
            if (fits && OperatorText.Judge(text.Words, packet) is { Matches: true, Verdict: { } verdict })
            {
                return verdict;
            }
        }

        return null;
    }

    private static bool Applies(IsolationPolicy policy, Clause clause, Packet packet) =>
        clause.From.Any(endpoint => Covers(policy, endpoint, packet.Family, packet.Source))
        && clause.To.Any(endpoint => Covers(policy, endpoint, packet.Family, packet.Destination))
        && (clause.Services.IsEmpty || clause.Services.Any(service => Carries(service, packet)));

    private static bool Carries(Service service, Packet packet)
    {
        if ((byte)service.Protocol != packet.Protocol)
        {
            return false;
        }

        switch (service.Protocol)
        {
            case Protocol.Icmp when packet.Family != Family.Inet:
            case Protocol.IcmpV6 when packet.Family != Family.Inet6:
                return false;
            case Protocol.Icmp or Protocol.IcmpV6:
                int type = packet.Port / 256;
                int code = packet.Port % 256;
                return (service.IcmpType ?? type) == type && (service.IcmpCode ?? code) == code;
            default:
                return packet.Port >= service.FirstPort && packet.Port <= service.LastPort;
        }
    }

    private static bool Covers(IsolationPolicy policy, Endpoint endpoint, Family family, UInt128 address)
    {
        if (endpoint.Prefix is { } prefix)
        {
            return prefix.Family == family && prefix.Contains(address);
        }

        return policy.Networks.Any(network => (endpoint.IsAny || network.Name == endpoint.Network) && Belongs(network, family, address));
    }

    private static bool Lies(IsolationPolicy policy, Family family, UInt128 address) =>
        policy.Networks.Any(network => Belongs(network, family, address));

    private static bool Belongs(Network network, Family family, UInt128 address) =>
        network.Prefixes.Any(prefix => prefix.Family == family && prefix.Contains(address));
}
