using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// Gathers pairs with one verdict, and then encodes each as entries of a set that holds the product of its prefixes and ports, or as a rule
/// over the networks' sets: what <see cref="EncodingCost"/> says is cheaper, or what alone the kernel or an entry can say.
/// </summary>
internal sealed class PairEncoder(Family family, RuleTarget verdict, KernelAbilities abilities, EncodingCost cost)
{
    private readonly long _pairBytes = EncodingCost.BytesPerEntry("hash:net,net", family);
    private readonly long _serviceBytes = EncodingCost.BytesPerEntry("hash:net,port,net", family);
    private readonly HashSet<(string From, string To, string Services)> _known = [];
    private readonly List<PairCandidate> _candidates = [];
    private readonly List<NetNetEntry> _pairs = [];
    private readonly List<NetPortNetEntry> _services = [];
    private readonly HashSet<Rule> _knownRules = [];
    private readonly List<Rule> _rules = [];
    private readonly List<EncodingChoice> _choices = [];

    /// <summary>Entries for every protocol, sorted.</summary>
    public ImmutableArray<NetNetEntry> Pairs => Sorted(_pairs);

    /// <summary>Entries for one service each, sorted.</summary>
    public ImmutableArray<NetPortNetEntry> Services => Sorted(_services);

    /// <summary>The rules, in the order of their pairs.</summary>
    public IReadOnlyList<Rule> Rules => _rules;

    /// <summary>How each pair was encoded, in the order of the pairs.</summary>
    public IReadOnlyList<EncodingChoice> Choices => _choices;

    /// <summary>Adds services between two sides: as many as one rule can say are decided together.</summary>
    /// <param name="location">Where the policy says it.</param>
    /// <param name="clause">What the policy calls it.</param>
    /// <param name="from">The source.</param>
    /// <param name="to">The destination.</param>
    /// <param name="services">The services, sorted; none means every protocol.</param>
    public void Add(SourceLocation location, string clause, Side from, Side to, IReadOnlyList<Service> services)
    {
        if (services.Count == 0)
        {
            AddCandidate(null, []);
            return;
        }

        foreach (ServiceGroup group in ServiceGroup.Of(services))
        {
            AddCandidate(group.Protocol, group.Services);
        }

        void AddCandidate(Protocol? protocol, ImmutableArray<Service> ofProtocol)
        {
            long bytes = protocol is null ? _pairBytes : _serviceBytes;
            var candidate = new PairCandidate(location, clause, from, to, protocol, ofProtocol, bytes, cost);
            if (_known.Add((from.Name, to.Name, candidate.ServicesText)))
            {
                _candidates.Add(candidate);
            }
        }
    }

    /// <summary>Decides for all pairs together, and encodes them.</summary>
    public void Encode()
    {
        (UInt128, UInt128) ofPairs = Choose(abilities.HashNetNet, _candidates.Where(candidate => candidate.Protocol is null));
        (UInt128, UInt128) ofServices = Choose(abilities.HashNetPortNet, _candidates.Where(candidate => candidate.Protocol is not null));
        foreach (PairCandidate candidate in _candidates)
        {
            if (candidate.Reason == EncodingReason.EntriesCheaper)
            {
                AddEntries(candidate);
            }
            else
            {
                AddRule(candidate);
            }

            _choices.Add(candidate.ToChoice(family, candidate.Protocol is null ? ofPairs : ofServices));
        }
    }

    /// <summary>Decides what becomes entries of one set; returns the prefix lengths that the set has then.</summary>
    private (UInt128 Sources, UInt128 Destinations) Choose(bool hasType, IEnumerable<PairCandidate> candidates)
    {
        var able = new List<PairCandidate>();
        foreach (PairCandidate candidate in candidates)
        {
            candidate.Reason = candidate.Entries == 0 ? EncodingReason.NoEntry : EncodingReason.NoSetType;
            if (candidate.Entries > 0 && hasType)
            {
                able.Add(candidate);
            }
        }

        EncodingChooser.Choose(able, cost);
        UInt128 sources = 0;
        UInt128 destinations = 0;
        foreach (PairCandidate candidate in able.Where(candidate => candidate.Reason == EncodingReason.EntriesCheaper))
        {
            (sources, destinations) = (sources | candidate.From.Lengths, destinations | candidate.To.Lengths);
        }

        return (sources, destinations);
    }

    private void AddEntries(PairCandidate candidate)
    {
        foreach (Prefix source in candidate.From.Prefixes)
        {
            foreach (Prefix destination in candidate.To.Prefixes)
            {
                if (candidate.Protocol is null)
                {
                    _pairs.Add(new NetNetEntry(source, destination));
                    continue;
                }

                foreach (Service service in candidate.Services)
                {
                    AddEntries(source, service, destination);
                }
            }
        }
    }

    private void AddEntries(Prefix source, Service service, Prefix destination)
    {
        int first = service.IsIcmp ? (service.IcmpType!.Value << 8) | service.IcmpCode!.Value : service.FirstPort;
        int last = service.IsIcmp ? first : service.LastPort;
        for (int port = first; port <= last; port++)
        {
            _services.Add(new NetPortNetEntry(source, service.Protocol, (ushort)port, destination));
        }
    }

    private void AddRule(PairCandidate candidate)
    {
        ImmutableArray<SetMatch>.Builder sets = ImmutableArray.CreateBuilder<SetMatch>();
        if (candidate.From.Set is { } from)
        {
            sets.Add(new SetMatch(from, SetDirections.Source));
        }

        if (candidate.To.Set is { } to)
        {
            sets.Add(new SetMatch(to, SetDirections.Destination));
        }

        var rule = new Rule
        {
            Source = candidate.From.Literal,
            Destination = candidate.To.Literal,
            Protocol = candidate.Protocol,
            Ports = candidate.Services,
            Sets = sets.DrainToImmutable(),
            Target = verdict,
        };
        if (_knownRules.Add(rule))
        {
            _rules.Add(rule);
        }
    }

    private static ImmutableArray<TEntry> Sorted<TEntry>(List<TEntry> entries)
        where TEntry : struct, IEquatable<TEntry>
    {
        entries.Sort();
        ImmutableArray<TEntry>.Builder distinct = ImmutableArray.CreateBuilder<TEntry>(entries.Count);
        foreach (TEntry entry in entries)
        {
            if (distinct.Count == 0 || !distinct[^1].Equals(entry))
            {
                distinct.Add(entry);
            }
        }

        return distinct.DrainToImmutable();
    }
}
