using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Compiles one family's part of a policy.</summary>
internal sealed class FamilyCompiler
{
    /// <summary>
    /// The most members that <c>dcos-overlays</c> has when the jump asks it: a list:set is scanned, twice, for every packet.
    /// </summary>
    private const int MaxScannedMembers = 8;

    private readonly IsolationPolicy _policy;
    private readonly KernelAbilities _abilities;
    private readonly Family _family;
    private readonly List<(Network Network, NetSet Set)> _networks = [];
    private readonly Dictionary<string, Side> _sides = new(StringComparer.Ordinal);

    public FamilyCompiler(IsolationPolicy policy, KernelAbilities abilities, Dictionary<string, string> labels, Family family)
    {
        (_policy, _abilities, _family) = (policy, abilities, family);
        foreach (Network network in policy.Networks)
        {
            ImmutableArray<Prefix> prefixes = PrefixesOf(network);
            if (!prefixes.IsEmpty)
            {
                var set = new NetSet(KernelNames.NetworkSet(labels[network.Name], family), family, prefixes);
                _networks.Add((network, set));
                _sides.Add(network.Name, Side.Of(set));
            }
        }
    }

    /// <summary>Returns the family's objects, or null when no network has a prefix in it.</summary>
    public FamilyState? Compile(string policyDigest)
    {
        if (_networks.Count == 0)
        {
            return null;
        }

        RuleTarget refusal = _policy.DenyWith == DenyMode.Reject ? RuleTarget.Reject : RuleTarget.Drop;
        var exceptions = new PairEncoder(RuleTarget.Return, _abilities.HashNetNet, _abilities.HashNetPortNet);
        var denied = new PairEncoder(refusal, _abilities.HashNetNet, _abilities.HashNetPortNet);
        var allowed = new PairEncoder(RuleTarget.Return, _abilities.HashNetNet, _abilities.HashNetPortNet);
        foreach (ExceptionPair pair in _policy.Exceptions)
        {
            if (SideOf(pair.Source) is { } source && SideOf(pair.Destination) is { } destination)
            {
                exceptions.Add(source, destination);
            }
        }

        AddClauses(_policy.Deny, denied);
        foreach ((Network network, _) in _networks)
        {
            Side side = _sides[network.Name];
            (network.InternalAllowed ? allowed : denied).Add(side, side);
        }

        AddClauses(_policy.Allow, allowed);

        var pairSets = new List<SetSpec>();
        SetMatch? exceptionSet = AddSet(pairSets, KernelNames.Exceptions(_family), exceptions.Pairs);
        SetMatch? simpleDenied = AddSet(pairSets, KernelNames.SimpleDenied(_family), denied.Pairs);
        SetMatch? complexDenied = AddSet(pairSets, KernelNames.ComplexDenied(_family), denied.Services);
        SetMatch? simpleAllowed = AddSet(pairSets, KernelNames.SimpleAllowed(_family), allowed.Pairs);
        SetMatch? complexAllowed = AddSet(pairSets, KernelNames.ComplexAllowed(_family), allowed.Services);

        ImmutableArray<Rule>.Builder chain = ImmutableArray.CreateBuilder<Rule>();
        chain.AddRange(exceptions.Rules);
        chain.Add(new Rule { RelatedOrEstablished = true, Target = RuleTarget.Return });
        AddRule(chain, simpleDenied, refusal);
        AddRule(chain, complexDenied, refusal);
        chain.AddRange(denied.Rules);
        AddRule(chain, simpleAllowed, RuleTarget.Return);
        AddRule(chain, complexAllowed, RuleTarget.Return);
        chain.AddRange(allowed.Rules);

        List<SetSpec> networkSets = NetworkSets(chain, out string overlays);
        chain.Add(LastRule(policyDigest, overlays, refusal));
        return new FamilyState(_family, [.. networkSets, .. pairSets], Jump(overlays, exceptionSet), chain.DrainToImmutable());
    }

    /// <summary>
    /// What is left gets the default verdict. A refusal asks for the overlays once more: a packet whose address has left its network's set
    /// since the jump, so that no rule allowed it any more, is none to judge.
    /// </summary>
    private Rule LastRule(string policyDigest, string overlays, RuleTarget refusal) => _policy.Default == DefaultVerdict.Deny
        ? new Rule { Sets = Both(overlays), Comment = RuleComment.OfPolicy(policyDigest), Target = refusal }
        : new Rule { Comment = RuleComment.OfPolicy(policyDigest), Target = RuleTarget.Return };

    private static Rule Jump(string overlays, SetMatch? exceptions)
    {
        ImmutableArray<SetMatch> both = Both(overlays);
        return new Rule
        {
            Sets = exceptions is { } match ? both.Add(match with { Negated = true }) : both,
            Target = RuleTarget.JumpToIsolation,
        };
    }

    private static ImmutableArray<SetMatch> Both(string overlays) =>
        [new(overlays, SetDirections.Source), new(overlays, SetDirections.Destination)];

    private static void AddRule(ImmutableArray<Rule>.Builder chain, SetMatch? match, RuleTarget target)
    {
        if (match is not null)
        {
            chain.Add(new Rule { Sets = [match.Value], Target = target });
        }
    }

    private SetMatch? AddSet(List<SetSpec> sets, string name, ImmutableArray<NetNetEntry> entries)
    {
        if (entries.IsEmpty)
        {
            return null;
        }

        sets.Add(new NetNetSet(name, _family, entries));
        return new SetMatch(name, SetDirections.SourceDestination);
    }

    private SetMatch? AddSet(List<SetSpec> sets, string name, ImmutableArray<NetPortNetEntry> entries)
    {
        if (entries.IsEmpty)
        {
            return null;
        }

        sets.Add(new NetPortNetSet(name, _family, entries));
        return new SetMatch(name, SetDirections.SourceDestinationDestination);
    }

    /// <summary>The networks' own sets and those of all networks together; <paramref name="overlays"/> is the one for the jump.</summary>
    private List<SetSpec> NetworkSets(ImmutableArray<Rule>.Builder chain, out string overlays)
    {
        overlays = KernelNames.Overlays(_family);
        var sets = new List<SetSpec>();
        if (!_abilities.ListSet)
        {
            // Without a list that holds it, a network's set that no rule asks would be in nobody's use.
            HashSet<string> used = [.. chain.SelectMany(rule => rule.Sets).Select(match => match.Set)];
            sets.AddRange(_networks.Select(network => network.Set).Where(set => used.Contains(set.Name)));
            sets.Add(new NetSet(overlays, _family, Union()));
            return sets;
        }

        sets.AddRange(_networks.Select(network => network.Set));
        sets.Add(new ListSet(overlays, _family, [.. _networks.Select(network => new ListEntry(network.Set.Name, network.Network.Name))]));
        if (_networks.Count > MaxScannedMembers)
        {
            overlays = KernelNames.OverlaysFlat(_family);
            sets.Add(new NetSet(overlays, _family, Union()));
        }

        return sets;
    }

    private ImmutableArray<Prefix> Union() => PrefixUnion.Of([.. _networks.Select(network => network.Set.Entries)]);

    private ImmutableArray<Prefix> PrefixesOf(Network network)
    {
        // IPv4 sorts before IPv6; the whole array is shared, not copied, when it has one family only.
        ImmutableArray<Prefix> prefixes = network.Prefixes;
        int split = ~prefixes.AsSpan().BinarySearch(new FirstInet6());
        return _family == Family.Inet
            ? ImmutableArray.Create(prefixes, 0, split)
            : ImmutableArray.Create(prefixes, split, prefixes.Length - split);
    }

    private void AddClauses(ImmutableArray<Clause> clauses, PairEncoder encoder)
    {
        foreach (Clause clause in clauses)
        {
            List<Service> services = [.. clause.Services.Where(service => service.AppliesTo(_family))];
            RefuseIcmpType255(clause, services);

            // Without this, a clause about the other family's ICMP alone would come to mean every protocol.
            if (services.Count == 0 && !clause.Services.IsEmpty)
            {
                continue;
            }

            foreach (Endpoint from in clause.From)
            {
                foreach (Endpoint to in clause.To)
                {
                    AddPair(encoder, SideOf(from), SideOf(to), services);
                }
            }
        }
    }

    private static void AddPair(PairEncoder encoder, Side? from, Side? to, List<Service> services)
    {
        if (from is null || to is null)
        {
            return;
        }

        if (services.Count == 0)
        {
            encoder.Add(from, to);
        }
        else
        {
            encoder.Add(from, to, services);
        }
    }

    /// <summary>What an endpoint is in this family; null when it has no address in it.</summary>
    private Side? SideOf(Endpoint endpoint)
    {
        if (endpoint.Network is { } network)
        {
            return _sides.GetValueOrDefault(network);
        }

        if (endpoint.Prefix is { } prefix)
        {
            return prefix.Family == _family ? Side.Of(prefix) : null;
        }

        return Side.Any;
    }

    // net/ipv4/netfilter/ip_tables.c, icmp_type_code_match: a rule's type 255 means every type, so that none can ask for 255 itself.
    private static void RefuseIcmpType255(Clause clause, List<Service> services)
    {
        if (services.Exists(service => service is { Protocol: Protocol.Icmp, IcmpType: 255 }))
        {
            throw new PolicyCompilationException(
                clause.Location,
                "ICMP type 255 cannot be matched: to the kernel's icmp match it means every type");
        }
    }

    private readonly struct FirstInet6 : IComparable<Prefix>
    {
        /// <summary>Comes before every IPv6 prefix and after every IPv4 one.</summary>
        public int CompareTo(Prefix other) => other.Family == Family.Inet6 ? -1 : 1;
    }
}
