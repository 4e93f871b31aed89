using System.Collections.Immutable;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>How much passes from one network to another.</summary>
public enum MatrixVerdict
{
    /// <summary>Every packet passes.</summary>
    All,

    /// <summary>Some services pass, the same between all addresses.</summary>
    Services,

    /// <summary>What passes is not the same between all addresses.</summary>
    Partly,

    /// <summary>No packet passes.</summary>
    Nothing,

    /// <summary>The networks have no address family in common.</summary>
    NoPackets,
}

/// <summary>What a policy says between some addresses of two networks.</summary>
/// <param name="Family">The family.</param>
/// <param name="Addresses">Which addresses, as text; null for all of the family.</param>
/// <param name="Services">What it says of each service.</param>
public sealed record MatrixPart(Family Family, string? Addresses, ImmutableArray<ServiceRuling> Services)
{
    /// <summary>The services that pass: <c>everything</c>, <c>80/tcp, icmp</c>, <c>everything but 22/tcp</c>, <c>nothing</c>.</summary>
    public string Passing
    {
        get
        {
            List<string> passing = [];
            List<string> refused = [];
            foreach (ServiceRuling service in Services)
            {
                (service.Ruling.Passes ? passing : refused).Add(service.Text);
            }

            return refused.Count == 0 ? "everything"
                : passing.Count == 0 ? "nothing"
                : Services[^1].Ruling.Passes ? $"everything but {string.Join(", ", refused)}"
                : string.Join(", ", passing);
        }
    }
}

/// <summary>What a policy says of packets from one network to another.</summary>
/// <param name="Verdict">How much passes.</param>
/// <param name="Parts">What it says, and between which addresses: IPv4 first.</param>
public sealed record MatrixCell(MatrixVerdict Verdict, ImmutableArray<MatrixPart> Parts)
{
    /// <summary>What passes, in one line.</summary>
    public string Text
    {
        get
        {
            List<string> lines = [];
            bool hasFamilies = Parts.Length > 1 && Parts[0].Family != Parts[^1].Family && !Parts.All(part => part.Passing == Parts[0].Passing);
            foreach (MatrixPart part in Parts)
            {
                string family = hasFamilies ? part.Family == Family.Inet ? " (IPv4)" : " (IPv6)" : "";
                string line = (part.Addresses is null ? "" : $"{part.Addresses}: ") + part.Passing + family;
                if (!lines.Contains(line))
                {
                    lines.Add(line);
                }
            }

            return string.Join("; ", lines);
        }
    }
}

/// <summary>What passes between each two networks of a policy. Cells that are alike are one. Immutable.</summary>
public sealed class PolicyMatrix
{
    private const int MostPairs = 4;

    private readonly PolicyModel _model;
    private readonly int[] _cells;
    private readonly List<MatrixCell> _cases = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<Statement, int> _statements = [];
    private readonly Dictionary<string, (int Number, ImmutableArray<ServiceRuling> Services)> _services = new(StringComparer.Ordinal);
    private readonly StringBuilder _key = new();

    /// <summary>Computes the matrix.</summary>
    public PolicyMatrix(PolicyModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        _model = model;
        int count = Policy.Networks.Length;
        _cells = new int[count * count];
        NetworkClasses[] families = [new(model, Family.Inet), new(model, Family.Inet6)];
        for (int from = 0; from < count; from++)
        {
            for (int to = 0; to < count; to++)
            {
                _cells[(from * count) + to] = NumberOf(families, from, to);
            }
        }
    }

    /// <summary>The policy.</summary>
    public IsolationPolicy Policy => _model.Policy;

    /// <summary>The cells that occur, each once.</summary>
    public IReadOnlyList<MatrixCell> Cases => _cases;

    /// <summary>Which of <see cref="Cases"/> stands between two networks, by their indexes in the policy.</summary>
    public int CaseOf(int from, int to) => _cells[(from * Policy.Networks.Length) + to];

    /// <summary>What the policy says of packets from one network to another, by their indexes in the policy.</summary>
    public MatrixCell Cell(int from, int to) => _cases[CaseOf(from, to)];

    private int NumberOf(NetworkClasses[] families, int from, int to)
    {
        List<(NetworkClasses Family, int Number, ImmutableArray<ServiceRuling> Services, List<(int Source, int Destination)> Pairs)> groups = [];
        foreach (NetworkClasses family in families)
        {
            int first = groups.Count;
            foreach (int source in family.Of(from))
            {
                foreach (int destination in family.Of(to))
                {
                    (int number, ImmutableArray<ServiceRuling> services) = Intern(_model.Services(family.Family, source, destination));
                    int known = groups.FindIndex(first, group => group.Number == number);
                    if (known < 0)
                    {
                        known = groups.Count;
                        groups.Add((family, number, services, []));
                    }

                    groups[known].Pairs.Add((source, destination));
                }
            }
        }

        StringBuilder key = new();
        ImmutableArray<MatrixPart>.Builder parts = ImmutableArray.CreateBuilder<MatrixPart>(groups.Count);
        foreach ((NetworkClasses family, int number, ImmutableArray<ServiceRuling> services, List<(int, int)> pairs) in groups)
        {
            bool isWhole = pairs.Count == family.Of(from).Count * family.Of(to).Count;
            string? addresses = isWhole ? null : family.Text(pairs, MostPairs);
            parts.Add(new MatrixPart(family.Family, addresses, services));
            key.Append((int)family.Family).Append(' ').Append(number).Append(' ').Append(addresses).Append('\n');
        }

        string text = key.ToString();
        if (!_numbers.TryGetValue(text, out int found))
        {
            _numbers.Add(text, found = _cases.Count);
            _cases.Add(new MatrixCell(VerdictOf(parts), parts.ToImmutable()));
        }

        return found;
    }

    private static MatrixVerdict VerdictOf(ImmutableArray<MatrixPart>.Builder parts)
    {
        MatrixVerdict? all = null;
        foreach (MatrixPart part in parts)
        {
            MatrixVerdict own = part.Passing switch
            {
                "everything" => MatrixVerdict.All,
                "nothing" => MatrixVerdict.Nothing,
                _ => MatrixVerdict.Services,
            };
            bool isOther = parts.Any(other => other.Family == part.Family && other.Passing != part.Passing);
            all = isOther || (all ?? own) != own ? MatrixVerdict.Partly : own;
            if (all == MatrixVerdict.Partly)
            {
                break;
            }
        }

        return all ?? MatrixVerdict.NoPackets;
    }

    /// <summary>The same rulings as one object, and its number.</summary>
    private (int Number, ImmutableArray<ServiceRuling> Services) Intern(ImmutableArray<ServiceRuling> services)
    {
        _key.Clear();
        foreach (ServiceRuling service in services)
        {
            _key.Append((char)(service.Protocol ?? 0)).Append((char)service.First).Append((char)service.Last);
            Append(service.Ruling.Decider);
            foreach (Statement first in service.Ruling.MayDecideFirst)
            {
                Append(first);
            }

            _key.Append('\n');
        }

        string key = _key.ToString();
        if (!_services.TryGetValue(key, out (int Number, ImmutableArray<ServiceRuling> Services) known))
        {
            _services.Add(key, known = (_services.Count, services));
        }

        return known;
    }

    private void Append(Statement? statement)
    {
        int number = -1;
        if (statement is not null && !_statements.TryGetValue(statement, out number))
        {
            _statements.Add(statement, number = _statements.Count);
        }

        _key.Append(number).Append(' ');
    }

    /// <summary>The classes of each network in one family, and where they are.</summary>
    private sealed class NetworkClasses
    {
        private readonly AddressClasses _classes;
        private readonly List<int>[] _ofNetwork;
        private readonly string[] _texts;

        public NetworkClasses(PolicyModel model, Family family)
        {
            Family = family;
            _classes = model.Classes(family);
            _texts = new string[_classes.Count];
            _ofNetwork = new List<int>[model.Policy.Networks.Length];
            for (int network = 0; network < _ofNetwork.Length; network++)
            {
                _ofNetwork[network] = [];
            }

            for (int number = 1; number < _classes.Count; number++)
            {
                foreach (int network in _classes.NetworksOf(number))
                {
                    _ofNetwork[network].Add(number);
                }
            }

            for (int i = 0; i < _classes.RangeCount; i++)
            {
                (UInt128 first, UInt128 last, int number) = _classes.Range(i);
                if (number == AddressClasses.Outside)
                {
                    continue;
                }

                // The first range stands for the class.
                _texts[number] = _texts[number] is not { } known ? AddressText.Of(family, first, last)
                    : known.EndsWith(AddressText.More) ? known
                    : known + AddressText.More;
            }
        }

        public Family Family { get; }

        public List<int> Of(int network) => _ofNetwork[network];

        public string Text(List<(int Source, int Destination)> pairs, int most)
        {
            IEnumerable<string> texts = pairs.Take(most).Select(pair => $"{_texts[pair.Source]} to {_texts[pair.Destination]}");
            return string.Join(", ", texts) + (pairs.Count > most ? $" and {pairs.Count - most} more" : "");
        }
    }
}
