using Xunit;

namespace DcosIsolation.Policy.Tests;

/// <summary>What a kernel does with packets when it holds certain sets and rules.</summary>
internal static class RuleMachine
{
    /// <summary>REJECT, DROP, ACCEPT, or RETURN when the packet goes on, judged or not.</summary>
    public static RuleTarget Run(DesiredState state, Packet packet)
    {
        FamilyState? family = state.Families.FirstOrDefault(item => item.Family == packet.Family);
        if (family is null || !Matches(family.Jump, family, packet))
        {
            return RuleTarget.Return;
        }

        Rule? logged = null;
        foreach (Rule rule in family.Chain.Where(rule => Matches(rule, family, packet)))
        {
            if (rule.Target == RuleTarget.Log)
            {
                Assert.Null(logged);
                logged = rule;
            }
            else if (VerdictOf(rule, packet) is { } verdict)
            {
                // What is logged is what the policy refuses, and all of it.
                bool isRefused = rule.Target is RuleTarget.Reject or RuleTarget.Drop;
                Assert.Equal(isRefused && HasLog(family), logged is not null);
                return verdict;
            }
        }

        Assert.Null(logged);
        return RuleTarget.Return;
    }

    /// <summary>What a rule does with a packet that it matches; null where the next rule is asked.</summary>
    public static RuleTarget? VerdictOf(Rule rule, Packet packet) => rule.Text is { } text ? OperatorText.Judge(text, packet).Verdict
        : rule.Target == RuleTarget.Log ? null
        : rule.Target;

    private static bool HasLog(FamilyState family) => family.Chain.Any(rule => rule.Target == RuleTarget.Log);

    private static bool Matches(Rule rule, FamilyState family, Packet packet) =>
        HeaderMatches(rule, packet)
        && rule.Sets.All(match => SetMatches(Find(family, match.Set), family, match.Directions, packet) != match.Negated);

    /// <summary>Whether all but the matches against sets are true.</summary>
    public static bool HeaderMatches(Rule rule, Packet packet)
    {
        if (rule.Text is { } text)
        {
            return OperatorText.Judge(text, packet).Matches;
        }

        if (rule.Source is { } source && (source.Family != packet.Family || !source.Contains(packet.Source)))
        {
            return false;
        }

        if (rule.Destination is { } destination && (destination.Family != packet.Family || !destination.Contains(packet.Destination)))
        {
            return false;
        }

        if (rule.Protocol is { } protocol && (byte)protocol != packet.Protocol)
        {
            return false;
        }

        return PortsMatch(rule, packet) && (!rule.RelatedOrEstablished || packet.Established);
    }

    private static bool PortsMatch(Rule rule, Packet packet)
    {
        if (!rule.SourcePorts.IsEmpty)
        {
            Assert.True(rule.SourcePorts.Sum(ports => ports.FirstPort == ports.LastPort ? 1 : 2) <= 15);
            Assert.All(rule.SourcePorts, ports => Assert.Equal(rule.Protocol, ports.Protocol));
            if (!rule.SourcePorts.Any(ports => ports.FirstPort <= packet.SourcePort && packet.SourcePort <= ports.LastPort))
            {
                return false;
            }
        }

        if (rule.Ports.IsEmpty)
        {
            return true;
        }

        Assert.Equal((byte)rule.Ports[0].Protocol, (byte)rule.Protocol!.Value);
        if (rule.Protocol is Protocol.Icmp or Protocol.IcmpV6)
        {
            // net/ipv4/netfilter/ip_tables.c, icmp_type_code_match: 255 is every type; the IPv6 match has no such case.
            Service type = Assert.Single(rule.Ports);
            return (rule.Protocol == Protocol.Icmp && type.IcmpType == 255)
                || (type.IcmpType == packet.Port >> 8 && (type.IcmpCode is null || type.IcmpCode == (packet.Port & 255)));
        }

        Assert.True(rule.Ports.Sum(ports => ports.FirstPort == ports.LastPort ? 1 : 2) <= 15);
        Assert.All(rule.Ports, ports => Assert.Equal(rule.Protocol, ports.Protocol));
        return rule.Ports.Any(ports => ports.FirstPort <= packet.Port && packet.Port <= ports.LastPort);
    }

    private static bool SetMatches(SetSpec set, FamilyState family, SetDirections directions, Packet packet)
    {
        UInt128 first = directions == SetDirections.Destination ? packet.Destination : packet.Source;
        bool isSingle = directions is SetDirections.Source or SetDirections.Destination;
        switch (set)
        {
            case NetSet net:
                Assert.True(isSingle);
                return net.Entries.Any(entry => Holds(entry, packet, first));
            case ListSet list:
                Assert.True(isSingle);
                return list.Entries.Any(entry => SetMatches(Find(family, entry.Set), family, directions, packet));
            case NetNetSet pairs:
                Assert.Equal(SetDirections.SourceDestination, directions);
                return pairs.Entries.Any(entry =>
                    Holds(entry.Source, packet, packet.Source) && Holds(entry.Destination, packet, packet.Destination));
            default:
                Assert.Equal(SetDirections.SourceDestinationDestination, directions);
                return ((NetPortNetSet)set).Entries.Any(entry =>
                    Holds(entry.Source, packet, packet.Source)
                    && (byte)entry.Protocol == packet.Protocol
                    && entry.Port == packet.Port
                    && Holds(entry.Destination, packet, packet.Destination));
        }
    }

    private static SetSpec Find(FamilyState family, string name) => family.Sets.Single(set => set.Name == name);

    private static bool Holds(Prefix entry, Packet packet, UInt128 address)
    {
        Assert.NotEqual(0, entry.Length);
        Assert.Equal(packet.Family, entry.Family);
        return entry.Contains(address);
    }
}
