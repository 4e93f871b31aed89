using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads <c>rules</c>.</summary>
/// <param name="names">The names of the policy's networks, or null if they could not be read, so that every name must be believed.</param>
/// <param name="diagnostics">Where errors go.</param>
internal sealed class RulesReader(IReadOnlySet<string>? names, DiagnosticBag diagnostics)
{
    private const string Example = "\"-p tcp --dport 22 -j ACCEPT\"";

    /// <summary>The rules that have no errors.</summary>
    public OperatorRules Read(YamlNode node)
    {
        ImmutableArray<OperatorRule> first = [];
        ImmutableArray<OperatorRule> last = [];
        if (Expect.Mapping(diagnostics, node, "'rules'", $"a mapping with 'first' and 'last', like first: [{Example}]") is { } mapping)
        {
            foreach ((string key, _, YamlNode value) in Expect.Keys(diagnostics, mapping, "'rules'", "first", "last"))
            {
                if (key == "first")
                {
                    first = ReadList(key, value);
                }
                else
                {
                    last = ReadList(key, value);
                }
            }
        }

        return new OperatorRules(first, last);
    }

    private ImmutableArray<OperatorRule> ReadList(string key, YamlNode node)
    {
        var rules = ImmutableArray.CreateBuilder<OperatorRule>();
        foreach (YamlNode item in Expect.Sequence(diagnostics, node, $"'{key}'", $"a list of rules, like - {Example}")?.Items ?? [])
        {
            OperatorRule rule = item is YamlMapping mapping ? ReadFamilies(key, mapping) : ForBoth(ReadText(item, $"an item of '{key}'"));
            if (rule.Inet is not null || rule.Inet6 is not null)
            {
                rules.Add(rule);
            }
        }

        return rules.ToImmutable();
    }

    private static OperatorRule ForBoth(RuleText? text) => new(text, text);

    private OperatorRule ReadFamilies(string key, YamlMapping mapping)
    {
        if (mapping.Entries.Count == 0)
        {
            diagnostics.Error(mapping.Location, $"an item of '{key}' is an empty mapping; expected a rule for 'ipv4', for 'ipv6', or for both");
        }

        RuleText? inet = null;
        RuleText? inet6 = null;
        foreach ((string family, _, YamlNode value) in Expect.Keys(diagnostics, mapping, "a rule", "ipv4", "ipv6"))
        {
            RuleText? text = ReadText(value, $"'{family}'");
            (inet, inet6) = family == "ipv4" ? (text, inet6) : (inet, text);
        }

        return new OperatorRule(inet, inet6);
    }

    private RuleText? ReadText(YamlNode node, string what)
    {
        string expected = $"a rule as iptables takes it, like {Example}";
        return Expect.Scalar(diagnostics, node, what, expected) is { } scalar
            ? new RuleTextParser(names, wrong => diagnostics.Error(node.Location, wrong)).Parse(scalar.Text, node.Location)
            : null;
    }
}
