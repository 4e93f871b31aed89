using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads the networks and prefixes of <c>from</c>, <c>to</c> and <c>exceptions</c>.</summary>
/// <param name="names">The names of the policy's networks, or null if they could not be read, so that every name must be believed.</param>
/// <param name="diagnostics">Where errors go.</param>
internal sealed class EndpointsReader(IReadOnlySet<string>? names, DiagnosticBag diagnostics)
{
    /// <summary>Every literal prefix that was read, with its place.</summary>
    public List<(Prefix Prefix, SourceLocation Location)> Literals { get; } = [];

    /// <summary>A name, a prefix, <c>"*"</c>, or a list of names and prefixes; empty after reporting that it is none of them.</summary>
    public ImmutableArray<Endpoint> Read(YamlNode node, string key)
    {
        if (node is not YamlSequence sequence)
        {
            return ReadOne(node, key, "a network's name, a prefix, \"*\", or a list of names and prefixes", mayBeAny: true)
                is { } endpoint ? [endpoint] : [];
        }

        if (sequence.Items.Count == 0)
        {
            diagnostics.Error(node.Location, $"{key} is an empty list; name at least one network, or write \"*\" for every network");
        }

        List<Endpoint> endpoints = [];
        HashSet<Endpoint> seen = [];
        foreach (YamlNode item in sequence.Items)
        {
            if (ReadOne(item, $"an item of {key}", "a network's name or a prefix", mayBeAny: sequence.Items.Count == 1) is not { } endpoint)
            {
                continue;
            }

            if (seen.Add(endpoint))
            {
                endpoints.Add(endpoint);
            }
            else
            {
                diagnostics.Warn(item.Location, $"{item.Description} is in {key} twice; remove one");
            }
        }

        return [.. endpoints];
    }

    /// <summary>One name, prefix, or <c>"*"</c> if that is allowed; null after reporting that it is none of them.</summary>
    public Endpoint? ReadOne(YamlNode node, string what, string expected, bool mayBeAny)
    {
        if (Expect.Scalar(diagnostics, node, what, expected) is not { } scalar)
        {
            return null;
        }

        if (scalar.Text == "*")
        {
            if (mayBeAny)
            {
                return Endpoint.Any;
            }

            diagnostics.Error(node.Location, $"{what}: \"*\" may not stand here; expected {expected}");
            return null;
        }

        if (names is not null && names.Contains(scalar.Text))
        {
            return Endpoint.Of(scalar.Text);
        }

        if (!LooksLikePrefix(scalar.Text))
        {
            ReportUnknown(scalar);
            return null;
        }

        if (Expect.Prefix(diagnostics, scalar) is not { } prefix)
        {
            return null;
        }

        Literals.Add((prefix, node.Location));
        return Endpoint.Of(prefix);
    }

    private void ReportUnknown(YamlScalar scalar)
    {
        if (names is not null)
        {
            string otherwise = "; it is not in 'networks', and no prefix";
            string hint = diagnostics.IsFullOfErrors ? otherwise : Suggestion.For(scalar.Text, names, otherwise);
            diagnostics.Error(scalar.Location, $"unknown network {scalar.Description}{hint}");
        }
    }

    private static bool LooksLikePrefix(string text) =>
        text.AsSpan().ContainsAny('/', ':') || (text.Contains('.') && text.All(c => char.IsAsciiDigit(c) || c is '.' or '-'));
}
