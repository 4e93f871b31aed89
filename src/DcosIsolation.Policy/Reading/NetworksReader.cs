using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads <c>networks</c>.</summary>
internal sealed class NetworksReader(string policyFile, Func<string, Stream> openSubnetsFile, DiagnosticBag diagnostics)
{
    /// <summary>The longest network name, in characters.</summary>
    public const int MaxNameLength = 63;

    private static readonly string[] ReservedPrefixes = ["dcos-", "mesos-"];

    private readonly List<Network> _networks = [];

    /// <summary>Every name in the file, also that of a network with errors, so that who refers to it is not wrong as well.</summary>
    public HashSet<string> Names { get; } = new(StringComparer.Ordinal);

    /// <summary>The networks without errors, by name.</summary>
    public ImmutableArray<Network> Networks => [.. _networks.OrderBy(network => network.Name, StringComparer.Ordinal)];

    public void Read(SourceLocation keyLocation, YamlNode node)
    {
        if (Expect.Mapping(diagnostics, node, "'networks'", "a mapping of names to networks") is not { } mapping)
        {
            return;
        }

        if (mapping.Entries.Count == 0)
        {
            diagnostics.Error(keyLocation, "'networks' is empty; expected at least one network, like: hr: {subnets: [192.168.0.0/16]}");
        }

        foreach ((YamlScalar name, YamlNode value) in mapping.Entries)
        {
            CheckName(name);
            Names.Add(name.Text);
            ReadNetwork(name, value);
        }
    }

    private void CheckName(YamlScalar name)
    {
        string quoted = Quoted.Text(name.Text);
        string? wrong = null;
        if (name.Text.Length > MaxNameLength)
        {
            wrong = $"has {name.Text.Length} characters; the most is {MaxNameLength}";
        }
        else if (Array.Find(ReservedPrefixes, reserved => name.Text.StartsWith(reserved, StringComparison.Ordinal)) is { } reserved)
        {
            wrong = $"starts with '{reserved}', which is reserved; choose another name";
        }
        else if (!IsName(name.Text))
        {
            wrong = "is not a name; expected letters, digits, '_', '.' and '-', with a letter or a digit first";
        }

        if (wrong is not null)
        {
            diagnostics.Error(name.Location, $"the network name {quoted} {wrong}");
        }
        else if (PrefixParser.TryParse(name.Text, out _, out _))
        {
            diagnostics.Warn(name.Location, $"the network name {quoted} is also an address;"
                + " in 'from', 'to' and 'exceptions' it means the network");
        }
    }

    private static bool IsName(string text) =>
        text.Length > 0 && char.IsAsciiLetterOrDigit(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-');

    private void ReadNetwork(YamlScalar name, YamlNode node)
    {
        string what = $"the network {Quoted.Text(name.Text)}";
        if (Expect.Mapping(diagnostics, node, what, "a mapping with 'subnets' or 'subnets-file'") is not { } mapping)
        {
            return;
        }

        PrefixBuilder prefixes = new();
        bool internalAllowed = true;
        bool hasSubnets = false;
        bool complete = true;
        foreach ((string key, _, YamlNode value) in Expect.Keys(diagnostics, mapping, "a network", "subnets", "subnets-file", "internal"))
        {
            switch (key)
            {
                case "subnets":
                    hasSubnets = true;
                    complete &= ReadSubnets(value, prefixes);
                    break;
                case "subnets-file":
                    hasSubnets = true;
                    complete &= ReadSubnetsFile(value, prefixes);
                    break;
                case "internal":
                    internalAllowed = Expect.Choice(diagnostics, value, "'internal'", "allow", "deny") == false;
                    break;
            }
        }

        if (prefixes.Count > 0)
        {
            _networks.Add(new Network(name.Text, Canonical(name, prefixes), internalAllowed, name.Location));
        }
        else if (complete)
        {
            diagnostics.Error(name.Location, hasSubnets
                ? $"{what} has no prefix; expected at least one in 'subnets' or 'subnets-file'"
                : $"{what} has neither 'subnets' nor 'subnets-file'; expected at least one of them, like subnets: [192.168.0.0/16]");
        }
    }

    private bool ReadSubnets(YamlNode node, PrefixBuilder prefixes)
    {
        if (Expect.Sequence(diagnostics, node, "'subnets'", "a list, like [192.168.0.0/16, \"fd00:1::/64\"]") is not { } sequence)
        {
            return false;
        }

        bool good = true;
        foreach (YamlNode item in sequence.Items)
        {
            // fd00:: at the end of an item, and ::1 in brackets, are YAML for a key without a value.
            string expected = item is YamlMapping ? "a prefix (write IPv6 in quotes)" : "a prefix";
            if (Expect.Scalar(diagnostics, item, "an item of 'subnets'", expected) is not { } scalar)
            {
                good = false;
            }
            else if (Expect.Prefix(diagnostics, scalar) is { } prefix)
            {
                prefixes.Add(prefix);
            }
            else
            {
                good = false;
            }
        }

        return good;
    }

    private bool ReadSubnetsFile(YamlNode node, PrefixBuilder prefixes)
    {
        if (Expect.Scalar(diagnostics, node, "'subnets-file'", "the path of a file") is not { } scalar)
        {
            return false;
        }

        if (scalar.Text.Length == 0 || scalar.Text.Contains('\0'))
        {
            diagnostics.Error(node.Location, $"'subnets-file': expected the path of a file, found {scalar.Description}");
            return false;
        }

        string directory = Path.GetDirectoryName(policyFile) ?? "";
        string path = Path.Combine(directory, scalar.Text);
        int before = prefixes.Count;
        try
        {
            using Stream stream = openSubnetsFile(path);
            if (!new SubnetsFileReader(path, quotes: IsBelow(directory, path), prefixes, diagnostics).Read(stream))
            {
                return false;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            diagnostics.Error(node.Location, $"cannot read the subnets-file {Quoted.Text(path)}: {e.Message}");
            return false;
        }

        if (prefixes.Count == before && before > 0)
        {
            diagnostics.Warn(node.Location, $"the subnets-file {Quoted.Text(path)} holds no prefix");
        }

        return true;
    }

    private static bool IsBelow(string directory, string path) =>
        !Path.GetRelativePath(Path.Combine(".", directory), path).StartsWith("..", StringComparison.Ordinal);

    private ImmutableArray<Prefix> Canonical(YamlScalar name, PrefixBuilder prefixes)
    {
        int count = prefixes.Count;
        ImmutableArray<Prefix> canonical = prefixes.ToCanonical();
        if (canonical.Length < count)
        {
            diagnostics.Inform(name.Location, $"the network {Quoted.Text(name.Text)}: {count} prefixes merged into {canonical.Length}");
        }

        return canonical;
    }
}
