using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads <c>failsafe</c>: addresses as they stand there, no names, so that what it becomes depends on no set.</summary>
/// <param name="names">The names of the policy's networks, as far as they could be read.</param>
/// <param name="clauses">Reads <c>ports</c>.</param>
/// <param name="diagnostics">Where errors go.</param>
internal sealed class FailsafeReader(IReadOnlySet<string> names, ClausesReader clauses, DiagnosticBag diagnostics)
{
    private const string Example = "{from: 192.0.2.0/24, ports: [22/tcp]}";

    /// <summary>The items that have no errors.</summary>
    public List<FailsafeItem> Items { get; } = [];

    /// <summary>Every prefix that was read, with its place.</summary>
    public List<(Prefix Prefix, SourceLocation Location)> Literals { get; } = [];

    /// <summary>Reads the list.</summary>
    public void Read(YamlNode node)
    {
        if (Expect.Sequence(diagnostics, node, "'failsafe'", $"a list, like - {Example}") is not { } sequence)
        {
            return;
        }

        foreach (YamlNode item in sequence.Items)
        {
            if (Expect.Mapping(diagnostics, item, "an item of 'failsafe'", $"a mapping, like {Example}") is { } mapping
                && ReadItem(mapping) is { } failsafe)
            {
                Items.Add(failsafe);
            }
        }
    }

    private FailsafeItem? ReadItem(YamlMapping mapping)
    {
        ImmutableArray<Prefix>? from = null;
        ImmutableArray<Prefix>? to = null;
        ImmutableArray<Service> services = [];
        foreach ((string key, _, YamlNode value) in Expect.Keys(diagnostics, mapping, "an item of 'failsafe'", "from", "to", "ports"))
        {
            switch (key)
            {
                case "from":
                    from = ReadSide(value, "'from'");
                    break;
                case "to":
                    to = ReadSide(value, "'to'");
                    break;
                case "ports":
                    services = clauses.ReadServices(value);
                    break;
            }
        }

        if (from is null)
        {
            diagnostics.Error(mapping.Location, "the item of 'failsafe' has no 'from'; write a prefix, or a list of prefixes");
        }

        if (from is not [_, ..] || to is [])
        {
            return null;
        }

        FailsafeItem item = new(from.Value, to ?? [], services, mapping.Location);
        if (!HasBoth(item, Family.Inet) && !HasBoth(item, Family.Inet6))
        {
            diagnostics.Error(mapping.Location, "'from' and 'to' are of different families, and no packet goes from one to the other;"
                + " write prefixes of one family");
        }

        return item;
    }

    private static bool HasBoth(FailsafeItem item, Family family) => item.FromOf(family).Count > 0 && item.ToOf(family).Count > 0;

    /// <summary>A prefix or a list of prefixes; empty after reporting that it is neither.</summary>
    private ImmutableArray<Prefix> ReadSide(YamlNode node, string key)
    {
        PrefixBuilder prefixes = new();
        if (node is not YamlSequence sequence)
        {
            ReadPrefix(node, key, "a prefix, or a list of prefixes", prefixes);
            return prefixes.ToCanonical();
        }

        if (sequence.Items.Count == 0)
        {
            string every = key == "'to'" ? "remove 'to' for every address" : "write 0.0.0.0/0 and \"::/0\" for every address";
            diagnostics.Error(node.Location, $"{key} is an empty list; name at least one prefix, or {every}");
        }

        foreach (YamlNode item in sequence.Items)
        {
            ReadPrefix(item, $"an item of {key}", "a prefix", prefixes);
        }

        return prefixes.ToCanonical();
    }

    private void ReadPrefix(YamlNode node, string what, string expected, PrefixBuilder prefixes)
    {
        if (Expect.Scalar(diagnostics, node, what, expected) is not { } scalar)
        {
            return;
        }

        if (scalar.Text == "*" || names.Contains(scalar.Text))
        {
            string found = scalar.Text == "*" ? "\"*\"" : $"the network {scalar.Description}";
            diagnostics.Error(scalar.Location, $"{what}: expected {expected}, found {found};"
                + " 'failsafe' takes addresses only, so that it holds whatever becomes of the networks");
        }
        else if (Expect.Prefix(diagnostics, scalar) is { } prefix)
        {
            prefixes.Add(prefix);
            Literals.Add((prefix, node.Location));
        }
    }
}
