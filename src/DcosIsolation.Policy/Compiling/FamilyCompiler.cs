using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Compiles one family's part of a policy.</summary>
internal sealed class FamilyCompiler
{
    private readonly IsolationPolicy _policy;
    private readonly KernelAbilities _abilities;
    private readonly Family _family;
    private readonly EncodingCost _cost;
    private readonly List<(Network Network, NetSet Set)> _networks = [];
    private readonly Dictionary<string, Side> _sides = new(StringComparer.Ordinal);

    public FamilyCompiler(
        IsolationPolicy policy, KernelAbilities abilities, Dictionary<string, string> labels, Family family, EncodingCost cost)
    {
        (_policy, _abilities, _family, _cost) = (policy, abilities, family, cost);
        foreach (Network network in policy.Networks)
        {
            ImmutableArray<Prefix> prefixes = network.PrefixesOf(family);
            if (!prefixes.IsEmpty)
            {
                var set = new NetSet(KernelNames.NetworkSet(labels[network.Name], family), family, prefixes);
                _networks.Add((network, set));
                _sides.Add(network.Name, Side.Of(network.Name, set));
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
        var exceptions = new PairEncoder(_family, RuleTarget.Return, _abilities, _cost);
        var denied = new PairEncoder(_family, refusal, _abilities, _cost);
        var allowed = new PairEncoder(_family, RuleTarget.Return, _abilities, _cost);
        foreach (ExceptionPair pair in _policy.Exceptions)
        {
            if (SideOf(pair.Source) is { } source && SideOf(pair.Destination) is { } destination)
            {
                exceptions.Add(pair.Location, "exception", source, destination, []);
            }
        }

        AddClauses("deny", _policy.Deny, denied);
        foreach ((Network network, _) in _networks)
        {
            Side side = _sides[network.Name];
            (network.InternalAllowed ? allowed : denied).Add(network.Location, "internal", side, side, []);
        }

        AddClauses("allow", _policy.Allow, allowed);
        PairEncoder[] encoders = [exceptions, denied, allowed];
        foreach (PairEncoder encoder in encoders)
        {
            encoder.Encode();
        }

        var pairSets = new List<SetSpec>();
        SetMatch? exceptionSet = AddSet(pairSets, KernelNames.Exceptions(_family), exceptions.Pairs);
        SetMatch? simpleDenied = AddSet(pairSets, KernelNames.SimpleDenied(_family), denied.Pairs);
        SetMatch? complexDenied = AddSet(pairSets, KernelNames.ComplexDenied(_family), denied.Services);
        SetMatch? simpleAllowed = AddSet(pairSets, KernelNames.SimpleAllowed(_family), allowed.Pairs);
        SetMatch? complexAllowed = AddSet(pairSets, KernelNames.ComplexAllowed(_family), allowed.Services);

        ImmutableArray<Rule>.Builder chain = ImmutableArray.CreateBuilder<Rule>();
        chain.AddRange(FailsafeRules.Of(_policy.Failsafe, _family));

        // What is accepted first of all must come to the chain, exception or not.
        bool jumpAsksExceptions = chain.Count == 0;
        AddRule(chain, jumpAsksExceptions ? null : exceptionSet, RuleTarget.Return);
        var operatorRules = new OperatorRuleCompiler(_family, SetOf);
        chain.AddRange(exceptions.Rules);
        operatorRules.Compile(_policy.Rules.First, chain);
        chain.Add(new Rule { RelatedOrEstablished = true, Target = RuleTarget.Return });
        AddRule(chain, simpleDenied, refusal);
        AddRule(chain, complexDenied, refusal);
        foreach (Rule rule in denied.Rules)
        {
            AddRule(chain, rule);
        }

        AddRule(chain, simpleAllowed, RuleTarget.Return);
        AddRule(chain, complexAllowed, RuleTarget.Return);
        chain.AddRange(allowed.Rules);
        operatorRules.Compile(_policy.Rules.Last, chain);

        List<SetSpec> networkSets = NetworkSets(chain, out string overlays, out OverlaysChoice choice);
        AddRule(chain, LastRule(policyDigest, overlays, refusal));
        Rule jump = Jump(overlays, jumpAsksExceptions ? exceptionSet : null);
        return new FamilyState(_family, [.. networkSets, .. pairSets], jump, chain.DrainToImmutable())
        {
            Overlays = choice,
            Choices = [.. encoders.SelectMany(encoder => encoder.Choices)],
        };
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

    private void AddRule(ImmutableArray<Rule>.Builder chain, SetMatch? match, RuleTarget target)
    {
        if (match is not null)
        {
            AddRule(chain, new Rule { Sets = [match.Value], Target = target });
        }
    }

    /// <summary>Adds a rule and, before one that refuses, the rule that logs what it refuses.</summary>
    private void AddRule(ImmutableArray<Rule>.Builder chain, Rule rule)
    {
        if (_policy.LogDenied is { } log && rule.Target is RuleTarget.Reject or RuleTarget.Drop)
        {
            chain.Add(rule.ToLog(log));
        }

        chain.Add(rule);
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
    private List<SetSpec> NetworkSets(ImmutableArray<Rule>.Builder chain, out string overlays, out OverlaysChoice choice)
    {
        choice = ChooseOverlays();
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
        if (choice.IsFlattened)
        {
            overlays = KernelNames.OverlaysFlat(_family);
            sets.Add(new NetSet(overlays, _family, Union()));
        }

        return sets;
    }

    /// <summary>Every packet pays for the jump. The flattened set is told at its most, as if no network's prefixes joined another's.</summary>
    private OverlaysChoice ChooseOverlays()
    {
        Side[] members = [.. _networks.Select(network => _sides[network.Network.Name])];
        UInt128 lengths = members.Aggregate(UInt128.Zero, (all, member) => all | member.Lengths);
        double list = _abilities.ListSet ? _cost.OfListJump(members) : double.PositiveInfinity;
        double flattened = _cost.OfFlattenedJump(lengths);
        long entries = members.Sum(member => (long)member.Prefixes.Length);
        long bytes = SetMemory.BytesOf("hash:net", _family, entries);
        bool isFlattened = list - flattened > _cost.CopyNs + (bytes / _cost.BytesPerNsOfEveryPacket);
        return new OverlaysChoice(_family, isFlattened, members.Length, list, flattened, entries, bytes);
    }

    private ImmutableArray<Prefix> Union() => PrefixUnion.Of([.. _networks.Select(network => network.Set.Entries)]);

    private void AddClauses(string kind, ImmutableArray<Clause> clauses, PairEncoder encoder)
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
                    if (SideOf(from) is { } source && SideOf(to) is { } destination)
                    {
                        encoder.Add(clause.Location, kind, source, destination, services);
                    }
                }
            }
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

    private string? SetOf(string network) => _networks.Find(item => item.Network.Name == network).Set?.Name;

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
}
