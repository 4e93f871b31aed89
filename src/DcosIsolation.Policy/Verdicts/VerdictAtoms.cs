using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What a rule, or an entry of a set of pairs that a rule asks, does with the packets between the addresses it is about.</summary>
internal sealed record VerdictAtom(Protocol? Protocol, ImmutableArray<(ushort First, ushort Last)> Ports, RulingVerdict Verdict)
{
    public bool Fits(PacketService service)
    {
        if (Protocol is { } protocol && (byte)protocol != service.Protocol)
        {
            return false;
        }

        foreach ((ushort first, ushort last) in Ports)
        {
            if (first <= service.Port && service.Port <= last)
            {
                return true;
            }
        }

        return Ports.IsEmpty;
    }
}

/// <summary>The atoms of two states, those that are alike under one number.</summary>
internal sealed class VerdictAtoms
{
    private readonly Dictionary<UInt128, int> _numbers = [];
    private readonly Dictionary<string, int> _rules = new(StringComparer.Ordinal);

    public List<VerdictAtom> All { get; } = [];

    /// <summary>The number of an atom of a rule about two marks, or any addresses (-1).</summary>
    public int Of(Rule rule, int source, int destination, Protocol? protocol, ushort? port)
    {
        string meaning = rule.Meaning;
        if (!_rules.TryGetValue(meaning, out int number))
        {
            _rules.Add(meaning, number = _rules.Count);
        }

        uint service = port is null ? 0 : ((uint)protocol!.Value << 16) | port.Value;
        var key = new UInt128(((ulong)number << 32) | service, ((ulong)(uint)source << 32) | (uint)destination);
        if (!_numbers.TryGetValue(key, out int atom))
        {
            _numbers.Add(key, atom = All.Count);
            All.Add(new VerdictAtom(protocol ?? rule.Protocol, port is { } only ? [(only, only)] : PortsOf(rule), VerdictOf(rule.Target)));
        }

        return atom;
    }

    private static ImmutableArray<(ushort First, ushort Last)> PortsOf(Rule rule)
    {
        ImmutableArray<(ushort First, ushort Last)>.Builder ports = ImmutableArray.CreateBuilder<(ushort First, ushort Last)>();
        foreach (Service service in rule.Ports)
        {
            // net/ipv4/netfilter/ip_tables.c, icmp_type_code_match: 255 is every type.
            ports.Add(service is { Protocol: Protocol.Icmp, IcmpType: 255 } ? ((ushort)0, ushort.MaxValue) : PacketService.Bounds(service));
        }

        return ports.ToImmutable();
    }

    private static RulingVerdict VerdictOf(RuleTarget target) => target switch
    {
        RuleTarget.Reject => RulingVerdict.Rejected,
        RuleTarget.Drop => RulingVerdict.Dropped,
        _ => RulingVerdict.Passes,
    };
}
