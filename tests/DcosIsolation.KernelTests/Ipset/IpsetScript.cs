using System.Globalization;
using static DcosIsolation.KernelTests.Ipset.IpsetWords;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>A random sequence of ipset commands over few sets and few entries, the same for the same seed.</summary>
/// <param name="seed">The seed.</param>
/// <param name="types">The names of the set types to make sets of.</param>
internal sealed class IpsetScript(int seed, IReadOnlyList<string> types)
{
    private const string List = "list:set";

    private readonly Random _random = new(seed);

    // More often those whose entries have more parts, in which more can go wrong.
    private readonly string[] _types = [.. types, .. types.Where(type => type != List), .. types.Where(type => type.Contains(','))];

    // What the sets are if all went as meant, so that most entries fit theirs.
    private readonly Dictionary<string, Set> _sets = [];

    public List<IpsetCommand> Next()
    {
        var script = new List<IpsetCommand>();
        for (int i = _random.Next(3, 6); i > 0; i--)
        {
            script.Add(new IpsetCommand([.. Create()]));
        }

        for (int i = _random.Next(18, 56); i > 0; i--)
        {
            script.Add(_random.Next(100) switch
            {
                < 8 => Restore(),
                < 22 => new IpsetCommand([.. Listing()]),
                _ => new IpsetCommand([.. WithManners(Change())]),
            });
        }

        return script;
    }

    private List<string> Change() => _random.Next(100) switch
    {
        < 14 => Create(),
        < 60 => Entry("add"),
        < 74 => Entry("del"),
        < 84 => Entry("test"),
        < 88 => Destroy(),
        < 91 => [Spelling("flush"), .. Chance(80) ? [Known()] : Array.Empty<string>()],
        < 94 => Exchange("rename"),
        < 98 => Exchange("swap"),
        _ => Nonsense(),
    };

    private List<string> Create()
    {
        string name = Name(), type = Any(_types);
        bool isList = type == List, isInet6 = !isList && Chance(40);
        List<string> words = [Spelling("create"), name, Chance(3) ? Any(["nethash", "setlist", "hash:nothing", "hash:net,"]) : type];
        var extensions = new HashSet<string>();
        if (!isList && (isInet6 || Chance(30)))
        {
            string[] family = isInet6 ? Any<string[]>([["family", "inet6"], ["-6"]]) : Any<string[]>([["family", "inet"], ["-4"]]);
            words.AddRange(family);
        }

        for (int i = _random.Next(4); i > 0; i--)
        {
            (string option, string[] values) = Mostly(isList ? ListOptions : HashOptions, isList ? 5 : 8);
            words.Add(option);
            words.AddRange(values.Length == 0 ? [] : [Mostly(values, 3)]);
            extensions.Add(option);
        }

        // Mostly given, for the order of the entries depends on it.
        if (!isList && Chance(95))
        {
            words.AddRange(["initval", Any(Seeds)]);
        }

        _sets.TryAdd(name, new Set(type, isInet6, extensions));
        return words;
    }

    private List<string> Entry(string command)
    {
        string name = Known();
        Set set = _sets.GetValueOrDefault(name) ?? new Set(Any(_types), Chance(50), []);
        List<string> words = [Spelling(command), name, set.Type == List ? Member() : Elements(set)];
        if (set.Type == List && Chance(30))
        {
            words.AddRange([Any(["before", "after", "before", "after", "behind"]), Member()]);
        }

        for (int i = command == "add" ? _random.Next(3) : _random.Next(7) / 6; i > 0; i--)
        {
            (string extension, string option, string[] values) = Any(EntryOptions);
            if (Chance(10) || (extension.Length == 0 && set.Type != List) || set.Extensions.Contains(extension))
            {
                words.Add(option);
                words.AddRange(values.Length == 0 ? [] : [Mostly(values, 4)]);
            }
        }

        if (Chance(2))
        {
            words.Add(Any(["colour", "timeout", "10.0.0.1", "-t", "--nomatch", "-exist"]));
        }

        return words;
    }

    private string Elements(Set set)
    {
        string type = Chance(2) ? Any(_types) : set.Type;
        if (type == List && set.Type != type)
        {
            // The name of a set would be that of a host.
            type = "hash:net";
        }

        string first = Prefix(set), second = Prefix(set);
        return type switch
        {
            "hash:net" => first,
            "hash:net,net" => $"{first},{second}",
            "hash:net,port,net" => $"{first},{Port()},{second}",
            _ => Known(),
        };
    }

    private string Prefix(Set set)
    {
        if (Chance(6))
        {
            return Any(set.IsInet6 ? BadPrefixes6 : BadPrefixes4);
        }

        return Chance(60) ? Mostly(set.IsInet6 ? Prefixes6 : Prefixes4, 6) : Made(set.IsInet6);
    }

    // Of any length, in a small part of the space, host bits and all.
    private string Made(bool isInet6)
    {
        string address = isInet6 ? $"2001:db8:0:{_random.Next(4):x}::{_random.Next(20):x}" : $"10.0.{_random.Next(4)}.{_random.Next(20)}";
        return Chance(30) ? address : string.Create(CultureInfo.InvariantCulture, $"{address}/{_random.Next(1, isInet6 ? 129 : 33)}");
    }

    private string Port() => Chance(8) ? Any(BadPorts) : Any(Ports);

    private List<string> Exchange(string command)
    {
        string from = Known(), to = command == "swap" ? Known() : Name();
        (Set? first, Set? second) = (_sets.GetValueOrDefault(from), _sets.GetValueOrDefault(to));
        if (command == "swap" && first is not null && second is not null && (first.Type, first.IsInet6) == (second.Type, second.IsInet6))
        {
            (_sets[from], _sets[to]) = (second, first);
        }
        else if (command == "rename" && first is not null && second is null)
        {
            _sets.Remove(from);
            _sets[to] = first;
        }

        return [Spelling(command), from, to];
    }

    private List<string> Destroy()
    {
        if (Chance(5))
        {
            _sets.Clear();
            return [Spelling("destroy")];
        }

        string name = Known();
        _sets.Remove(name);
        return [Spelling("destroy"), name];
    }

    private List<string> Listing()
    {
        List<string> words = [Spelling(Any(["list", "save"])), .. Chance(60) ? [Known()] : Array.Empty<string>()];
        for (int i = _random.Next(3); i > 0; i--)
        {
            words.InsertRange(_random.Next(2) * words.Count, Mostly(Listings, 16));
        }

        return WithManners(words);
    }

    private List<string> Nonsense() => Any<List<string>>(
    [
        [], ["create"], ["create", "a"], ["add"], ["add", "a"], ["del", "a"], ["test", "a"], ["rename", "a"], ["swap"], ["nothing"], ["-Z"],
        ["add", "del", "a"], ["list", "a", "b"], ["destroy", "a", "b"], ["--nothing", "list"], ["-o", "list"], ["flush", "a", "b"],
        ["create", "l", "list:set", "size"], ["swap", "a", "b", "c"], ["-N", "-A", "a"], ["add", "a", "10.0.0.1", "add"],
    ]);

    private List<string> WithManners(List<string> words)
    {
        if (Chance(15))
        {
            words.InsertRange(_random.Next(2) * words.Count, Any(Manners));
        }

        return words;
    }

    private IpsetCommand Restore()
    {
        var lines = new List<string>();
        for (int i = _random.Next(1, 10); i > 0; i--)
        {
            lines.Add(_random.Next(20) switch
            {
                0 => "",
                1 => "# a comment",
                2 => "COMMIT",
                3 => "  " + Line(Entry("add")) + "  ",
                4 => Line(Entry("add")).Replace(' ', '\t'),
                5 => Line(Listing()),
                6 => Any(BadLines),
                < 15 => Line(Entry("add")),
                _ => Line(WithManners(Change())),
            });
        }

        return new IpsetCommand([.. WithManners([Spelling("restore"), .. Chance(2) ? [Name()] : Array.Empty<string>()])], [.. lines]);
    }

    private static string Line(List<string> words) => new IpsetCommand([.. words]).ToString();

    private string Spelling(string command) => Mostly(Commands[command], 1);

    private string Name() => Chance(3) ? Any(BadNames) : Any(Names);

    private string Known() => _sets.Count > 0 && Chance(93) ? Any([.. _sets.Keys]) : Name();

    private string Member() => Chance(80) ? _sets.FirstOrDefault(set => set.Value.Type != List && Chance(60)).Key ?? Known() : Known();

    // The first ones, or now and then any.
    private T Mostly<T>(IReadOnlyList<T> all, int first) => Chance(85) ? all[_random.Next(Math.Min(first, all.Count))] : Any(all);

    private T Any<T>(IReadOnlyList<T> all) => all[_random.Next(all.Count)];

    private bool Chance(int percent) => _random.Next(100) < percent;

    private sealed record Set(string Type, bool IsInet6, HashSet<string> Extensions);
}
