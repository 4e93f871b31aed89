using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads <c>allow</c>, <c>deny</c> and <c>exceptions</c>.</summary>
internal sealed class ClausesReader(EndpointsReader endpoints, DiagnosticBag diagnostics)
{
    private const string ClauseExample = "{from: hr, to: it, ports: [80/tcp]}";
    private const string PairExample = "[10.250.1.0/24, 192.168.5.0/24]";

    /// <summary>Adds the clauses of <c>allow</c> or <c>deny</c> that have no errors.</summary>
    public void ReadClauses(string key, YamlNode node, ImmutableArray<Clause>.Builder clauses)
    {
        if (Expect.Sequence(diagnostics, node, $"'{key}'", $"a list of clauses, like - {ClauseExample}") is not { } sequence)
        {
            return;
        }

        foreach (YamlNode item in sequence.Items)
        {
            if (Expect.Mapping(diagnostics, item, $"an item of '{key}'", $"a clause, like {ClauseExample}") is { } mapping
                && ReadClause(mapping) is { } clause)
            {
                clauses.Add(clause);
            }
        }
    }

    private Clause? ReadClause(YamlMapping mapping)
    {
        ImmutableArray<Endpoint>? from = null;
        ImmutableArray<Endpoint>? to = null;
        ImmutableArray<Service> services = [];
        foreach ((string key, _, YamlNode value) in Expect.Keys(diagnostics, mapping, "a clause", "from", "to", "ports"))
        {
            switch (key)
            {
                case "from":
                    from = endpoints.Read(value, "'from'");
                    break;
                case "to":
                    to = endpoints.Read(value, "'to'");
                    break;
                case "ports":
                    services = ReadServices(value);
                    break;
            }
        }

        RequireSide(mapping, "from", from is not null);
        RequireSide(mapping, "to", to is not null);
        if (from is not [_, ..] || to is not [_, ..])
        {
            return null;
        }

        RejectTwoFamilies(from.Value, to.Value, mapping.Location);
        return new Clause(from.Value, to.Value, services, mapping.Location);
    }

    private void RequireSide(YamlMapping mapping, string key, bool present)
    {
        if (!present)
        {
            diagnostics.Error(mapping.Location, $"the clause has no '{key}';"
                + " name a network, a list of networks, a prefix, or \"*\" for every network");
        }
    }

    /// <summary>The services of <c>ports</c> that have no errors.</summary>
    public ImmutableArray<Service> ReadServices(YamlNode node)
    {
        if (Expect.Sequence(diagnostics, node, "'ports'", "a list, like [80/tcp, icmp]") is not { } sequence)
        {
            return [];
        }

        if (sequence.Items.Count == 0)
        {
            diagnostics.Error(node.Location, "'ports' is an empty list, which may mean every protocol or none;"
                + " remove 'ports' for every protocol, or the clause for none");
        }

        List<Service> services = [];
        foreach (YamlNode item in sequence.Items)
        {
            if (Expect.Scalar(diagnostics, item, "an item of 'ports'", "a port, like 80/tcp, or a protocol") is not { } scalar)
            {
                continue;
            }

            if (ServiceParser.TryParse(scalar.Text, out Service service, out string? error))
            {
                services.Add(service);
            }
            else
            {
                diagnostics.Error(item.Location, error);
            }
        }

        return ServiceCanonicalizer.Canonicalize(services);
    }

    /// <summary>Adds the pairs of <c>exceptions</c> that have no errors.</summary>
    public void ReadExceptions(YamlNode node, ImmutableArray<ExceptionPair>.Builder exceptions)
    {
        string list = $"a list of [source, destination] pairs, like - {PairExample}";
        if (Expect.Sequence(diagnostics, node, "'exceptions'", list) is not { } sequence)
        {
            return;
        }

        foreach (YamlNode item in sequence.Items)
        {
            const string expected = $"a [source, destination] pair, like {PairExample}";
            if (Expect.Sequence(diagnostics, item, "an item of 'exceptions'", expected) is not { } pair)
            {
                continue;
            }

            if (pair.Items.Count != 2)
            {
                diagnostics.Error(item.Location, $"an item of 'exceptions': expected {expected}, found a list of {pair.Items.Count}");
            }

            List<Endpoint?> sides = pair.Items.ConvertAll(
                side => endpoints.ReadOne(side, "a side of an exception", "a network's name or a prefix", mayBeAny: false));
            if (sides is [{ } source, { } destination])
            {
                RejectTwoFamilies([source], [destination], item.Location);
                exceptions.Add(new ExceptionPair(source, destination, item.Location));
            }
        }
    }

    private void RejectTwoFamilies(ImmutableArray<Endpoint> from, ImmutableArray<Endpoint> to, SourceLocation location)
    {
        if (from is [{ Prefix: { } source }] && to is [{ Prefix: { } destination }] && source.Family != destination.Family)
        {
            diagnostics.Error(location, $"{source} and {destination} are of different families, and no packet goes from one to the other;"
                + " write two prefixes of one family");
        }
    }
}
