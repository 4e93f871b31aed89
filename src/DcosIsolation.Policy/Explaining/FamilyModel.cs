using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>One family's part of a <see cref="PolicyModel"/>.</summary>
internal sealed class FamilyModel
{
    private readonly Family _family;
    private readonly List<Statement> _statements;
    private readonly Dictionary<string, int> _networkMarks = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _literalMarks = new(StringComparer.Ordinal);
    private readonly SideIndex _sources;
    private readonly SideIndex _destinations;

    public FamilyModel(IsolationPolicy policy, Family family)
    {
        _family = family;
        _statements = Statement.Of(policy, family);
        List<ImmutableArray<Prefix>> marks = [];
        foreach (Network network in policy.Networks)
        {
            _networkMarks.Add(network.Name, marks.Count);
            marks.Add(network.PrefixesOf(family));
        }

        var sources = new List<int>?[_statements.Count];
        var destinations = new List<int>?[_statements.Count];
        for (int i = 0; i < _statements.Count; i++)
        {
            (sources[i], destinations[i]) = SidesOf(_statements[i], marks);
        }

        Classes = AddressClassBuilder.Build(family, policy.Networks.Length, marks);
        _sources = new SideIndex(sources, marks.Count, Classes);
        _destinations = new SideIndex(destinations, marks.Count, Classes);
    }

    public AddressClasses Classes { get; }

    public Ruling Judge(int source, int destination, PacketService service) =>
        source == AddressClasses.Outside || destination == AddressClasses.Outside
            ? Ruling.Outside
            : Judge(Between(source, destination), service);

    public ImmutableArray<ServiceRuling> Services(int source, int destination)
    {
        if (source == AddressClasses.Outside || destination == AddressClasses.Outside)
        {
            return [new ServiceRuling(null, 0, ushort.MaxValue, Ruling.Outside)];
        }

        List<Statement> between = Between(source, destination);
        Ruling other = Judge(between, PacketService.Other);
        ImmutableArray<ServiceRuling>.Builder all = ImmutableArray.CreateBuilder<ServiceRuling>();

        // Where a protocol's ranges may begin; what begins behind the last port is none.
        List<int> cuts = [];
        foreach (Statement statement in between)
        {
            foreach (Service service in statement.Services)
            {
                if (service.AppliesTo(_family))
                {
                    (ushort first, ushort last) = PacketService.Bounds(service);
                    int protocol = (byte)service.Protocol << 17;
                    cuts.AddRange(protocol, protocol | first, protocol | (last + 1));
                }
            }
        }

        cuts.Sort();
        foreach (int cut in cuts)
        {
            if ((cut & 0x10000) == 0)
            {
                Append(all, (Protocol)(cut >> 17), (ushort)cut, Judge(between, new PacketService((byte)(cut >> 17), (ushort)cut)));
            }
        }

        for (int i = all.Count - 1; i >= 0; i--)
        {
            if (all[i] is { First: 0, Last: ushort.MaxValue } && all[i].Ruling.IsSameAs(other))
            {
                all.RemoveAt(i);
            }
        }

        all.Add(new ServiceRuling(null, 0, ushort.MaxValue, other));
        return all.ToImmutable();
    }

    /// <summary>Adds the rest of a protocol's services, from a first one on.</summary>
    private static void Append(ImmutableArray<ServiceRuling>.Builder all, Protocol protocol, ushort first, Ruling ruling)
    {
        if (all.Count > 0 && all[^1].Protocol == protocol)
        {
            if (all[^1].Ruling.IsSameAs(ruling))
            {
                return;
            }

            all[^1] = all[^1] with { Last = (ushort)(first - 1) };
        }

        all.Add(new ServiceRuling(protocol, first, ushort.MaxValue, ruling));
    }

    private Ruling Judge(List<Statement> between, PacketService service)
    {
        Statement? decider = null;
        ImmutableArray<Statement>.Builder? first = null;
        ImmutableArray<Statement>.Builder? shadowed = null;
        foreach (Statement statement in between)
        {
            if (!service.IsAmong(statement.Services.AsSpan(), _family) || (decider is not null && statement.Kind == StatementKind.Default))
            {
                continue;
            }

            if (decider is not null)
            {
                (shadowed ??= ImmutableArray.CreateBuilder<Statement>()).Add(statement);
            }
            else if (statement.Verdict == RulingVerdict.Unknown)
            {
                (first ??= ImmutableArray.CreateBuilder<Statement>()).Add(statement);
            }
            else
            {
                decider = statement;
            }
        }

        return new Ruling(decider!.Verdict, decider, first?.ToImmutable() ?? [], shadowed?.ToImmutable() ?? []);
    }

    /// <summary>What is said of packets between two classes, whatever they carry.</summary>
    private List<Statement> Between(int source, int destination)
    {
        int[] sources = _sources.Of(source);
        int[] destinations = _destinations.Of(destination);
        List<Statement> both = [];
        for (int i = 0, j = 0; i < sources.Length && j < destinations.Length;)
        {
            int order = sources[i] - destinations[j];
            if (order == 0 && Fits(_statements[sources[i]], source, destination))
            {
                both.Add(_statements[sources[i]]);
            }

            i += order <= 0 ? 1 : 0;
            j += order >= 0 ? 1 : 0;
        }

        return both;
    }

    /// <summary>Whether an operator's rule may fit, by its conditions on networks.</summary>
    private bool Fits(Statement statement, int source, int destination)
    {
        foreach (NetworkMatch match in statement.Rule?.Networks ?? [])
        {
            ImmutableArray<int> networks = Classes.NetworksOf(match.IsSource ? source : destination);
            if (networks.Contains(_networkMarks[match.Network]) == match.Negated)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The marks of which a packet's source, and its destination, has one when a statement fits; null for every address.</summary>
    private (List<int>? Sources, List<int>? Destinations) SidesOf(Statement statement, List<ImmutableArray<Prefix>> marks)
    {
        if (statement.Network is { } network)
        {
            int mark = _networkMarks[network.Name];
            return ([mark], [mark]);
        }

        if (statement.Exception is { } pair)
        {
            return (Marks([pair.Source]), Marks([pair.Destination]));
        }

        if (statement.Clause is { } clause)
        {
            return (Marks(clause.From), Marks(clause.To));
        }

        if (statement.FailsafeItem is { } item)
        {
            return (item.FromOf(_family).ConvertAll(Literal), item.To.IsEmpty ? null : item.ToOf(_family).ConvertAll(Literal));
        }

        return (null, null);

        List<int>? Marks(ImmutableArray<Endpoint> endpoints)
        {
            if (endpoints.Contains(Endpoint.Any))
            {
                return null;
            }

            List<int> found = [];
            foreach (Endpoint endpoint in endpoints)
            {
                if (endpoint.Network is { } name)
                {
                    found.Add(_networkMarks[name]);
                }
                else if (endpoint.Prefix is { } prefix && prefix.Family == _family)
                {
                    found.Add(Literal(prefix));
                }
            }

            return found;
        }

        int Literal(Prefix prefix)
        {
            string text = prefix.ToString();
            if (!_literalMarks.TryGetValue(text, out int mark))
            {
                _literalMarks.Add(text, mark = marks.Count);
                marks.Add([prefix]);
            }

            return mark;
        }
    }

    /// <summary>The statements that fit one side of a packet, by the class of its address there: found when first asked for, then kept.</summary>
    private sealed class SideIndex
    {
        private readonly AddressClasses _classes;
        private readonly List<int> _always = [];
        private readonly List<int>?[] _ofMark;
        private readonly int[]?[] _ofClass;

        public SideIndex(List<int>?[] marksOfStatement, int marks, AddressClasses classes)
        {
            (_classes, _ofMark, _ofClass) = (classes, new List<int>?[marks], new int[]?[classes.Count]);
            for (int statement = 0; statement < marksOfStatement.Length; statement++)
            {
                if (marksOfStatement[statement] is not { } own)
                {
                    _always.Add(statement);
                    continue;
                }

                foreach (int mark in own)
                {
                    (_ofMark[mark] ??= []).Add(statement);
                }
            }
        }

        /// <summary>Ascending, each once.</summary>
        public int[] Of(int number) => _ofClass[number] ??= Find(number);

        private int[] Find(int number)
        {
            List<int> all = [.. _always];
            foreach (int mark in _classes.MarksOf(number))
            {
                all.AddRange(_ofMark[mark] ?? []);
            }

            all.Sort();
            List<int> distinct = new(all.Count);
            foreach (int statement in all)
            {
                if (distinct.Count == 0 || distinct[^1] != statement)
                {
                    distinct.Add(statement);
                }
            }

            return [.. distinct];
        }
    }
}
