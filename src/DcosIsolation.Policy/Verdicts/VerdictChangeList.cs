namespace DcosIsolation.Policy;

/// <summary>Collects changes between classes of addresses, and tells them as changes between networks and parts of networks.</summary>
internal sealed class VerdictChangeList(Family family, List<string> texts, string?[][] names)
{
    private const int MostRanges = 3;

    private readonly SortedDictionary<string, Group> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _classes = ClassesOf(names);

    public void Add(int from, int to, ServiceChange change)
    {
        foreach (string? source in names[from])
        {
            foreach (string? destination in names[to])
            {
                string key = $"{source}\n{destination}\n{change.Text}\n{change.Before}\n{change.After}";
                if (!_groups.TryGetValue(key, out Group? group))
                {
                    _groups.Add(key, group = new Group(source, destination, change));
                }

                if (!group.Destinations.TryGetValue(from, out List<int>? own))
                {
                    group.Sources.Add(from);
                    group.Destinations.Add(from, own = []);
                }

                own.Add(to);
            }
        }
    }

    public List<VerdictChange> ToList()
    {
        List<VerdictChange> all = [];
        foreach (Group group in _groups.Values)
        {
            // Sources with the same destinations are told together, so that each line is true of every pair in it.
            Dictionary<string, List<int>> alike = new(StringComparer.Ordinal);
            foreach (int source in group.Sources)
            {
                string destinations = string.Join(' ', group.Destinations[source]);
                if (!alike.TryGetValue(destinations, out List<int>? same))
                {
                    alike.Add(destinations, same = []);
                }

                same.Add(source);
            }

            foreach (List<int> same in alike.Values)
            {
                all.Add(new VerdictChange(
                    family,
                    group.From,
                    Part(group.From, same),
                    group.To,
                    Part(group.To, group.Destinations[same[0]]),
                    group.Change.Text,
                    group.Change.Before,
                    group.Change.After));
            }
        }

        return all;
    }

    private string? Part(string? network, List<int> classes)
    {
        if (network is not null && _classes[network].Count == classes.Count)
        {
            return null;
        }

        IEnumerable<string> first = classes.Take(MostRanges).Select(number => texts[number]);
        return string.Join(", ", first) + (classes.Count > MostRanges ? $" and {classes.Count - MostRanges} more" : "");
    }

    private static Dictionary<string, List<int>> ClassesOf(string?[][] names)
    {
        Dictionary<string, List<int>> classes = new(StringComparer.Ordinal);
        for (int number = 0; number < names.Length; number++)
        {
            foreach (string? name in names[number])
            {
                if (name is null)
                {
                    continue;
                }

                if (!classes.TryGetValue(name, out List<int>? own))
                {
                    classes.Add(name, own = []);
                }

                own.Add(number);
            }
        }

        return classes;
    }

    private sealed record Group(string? From, string? To, ServiceChange Change)
    {
        public List<int> Sources { get; } = [];

        public Dictionary<int, List<int>> Destinations { get; } = [];
    }
}
