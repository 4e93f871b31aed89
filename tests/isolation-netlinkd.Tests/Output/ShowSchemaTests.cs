using System.Text.Json;
using System.Text.RegularExpressions;
using DcosIsolation.Daemon.Confirming;
using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Daemon.Output;
using DcosIsolation.Netlink.Tests;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Output;

/// <summary>What <c>show --json</c> prints is what interop-docs/show.schema.json says, and with <c>--rules</c> show-rules.schema.json.</summary>
public class ShowSchemaTests
{
    private static readonly JsonElement s_schema = Schema("show.schema.json");
    private static readonly JsonElement s_rulesSchema = Schema("show-rules.schema.json");

    [Fact]
    public void What_is_printed_follows_the_schema()
    {
        var pending = new PendingSwitch(Guid.Empty, Guid.Empty, 0, BootClock.Now + TimeSpan.FromHours(1), new DesiredState("", []));
        foreach (ShowReport report in new[] { new ShowReport(State.Nothing), new ShowReport(State.InForce()), new ShowReport(State.InForce(), pending) })
        {
            // What the report adds to every document.
            using JsonDocument document = JsonDocument.Parse(ReportText.Json(report.WriteJson));
            Assert.Empty(Mistakes(s_schema, document.RootElement, "$"));
        }
    }

    [Fact]
    public void What_is_printed_of_rules_follows_their_schema()
    {
        ListedRule jump = new(Family.Inet, "FORWARD", new XtablesCounters(3, 180), "-j dcos-isolation");
        ListedRule rule = new(Family.Inet6, "dcos-isolation", new XtablesCounters(0, ulong.MaxValue), "-j RETURN");
        foreach (RulesReport report in new[] { new RulesReport(null, null), new RulesReport([jump], [rule]) })
        {
            using JsonDocument document = JsonDocument.Parse(ReportText.Json(report.WriteJson));
            Assert.Empty(Mistakes(s_rulesSchema, document.RootElement, "$"));
        }

        using JsonDocument other = JsonDocument.Parse("""{"rules": [{"chain": "INPUT"}]}""");
        Assert.Contains("$.rules[0].chain is none of what it may be", Mistakes(s_rulesSchema, other.RootElement, "$"));
    }

    [Theory]
    [InlineData("""{"inForce": true}""", "$ lacks policyDigest")]
    [InlineData("""{"more": 1}""", "$ has more, which the schema has not")]
    [InlineData("""{"inForce": 1}""", "$.inForce is a Number")]
    [InlineData("""{"stateDigest": "x"}""", "$.stateDigest is not ^[0-9a-f]{64}$")]
    [InlineData("""{"rules": [{"family": "ipx"}]}""", "$.rules[0].family is none of what it may be")]
    [InlineData("""{"rules": [{"packets": -1}]}""", "$.rules[0].packets is less than 0")]
    public void What_does_not_follow_it_is_found(string document, string mistake)
    {
        using JsonDocument json = JsonDocument.Parse(document);
        Assert.Contains(mistake, Mistakes(s_schema, json.RootElement, "$"));
    }

    private static IEnumerable<string> Mistakes(JsonElement schema, JsonElement value, string at)
    {
        foreach (JsonProperty keyword in schema.EnumerateObject())
        {
            IEnumerable<string> found = keyword.Name switch
            {
                "$schema" or "title" or "description" => [],
                "type" => OneOf(keyword.Value).Any(type => IsOf(value, type)) ? [] : [$"{at} is a {value.ValueKind}"],
                "enum" => keyword.Value.EnumerateArray().Any(item => item.ToString() == value.ToString()) ? [] : [$"{at} is none of what it may be"],
                "pattern" => value.ValueKind != JsonValueKind.String || Regex.IsMatch(value.GetString()!, keyword.Value.GetString()!)
                    ? []
                    : [$"{at} is not {keyword.Value}"],
                "minimum" => value.ValueKind != JsonValueKind.Number || value.GetDecimal() >= keyword.Value.GetDecimal()
                    ? []
                    : [$"{at} is less than {keyword.Value}"],
                "required" => value.ValueKind != JsonValueKind.Object
                    ? []
                    : keyword.Value.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)).Select(name => $"{at} lacks {name}"),
                "additionalProperties" => value.ValueKind != JsonValueKind.Object
                    ? []
                    : value.EnumerateObject().Where(property => !schema.GetProperty("properties").TryGetProperty(property.Name, out _))
                        .Select(property => $"{at} has {property.Name}, which the schema has not"),
                "properties" => value.ValueKind != JsonValueKind.Object
                    ? []
                    : keyword.Value.EnumerateObject().Where(property => value.TryGetProperty(property.Name, out _))
                        .SelectMany(property => Mistakes(property.Value, value.GetProperty(property.Name), $"{at}.{property.Name}")),
                "items" => value.ValueKind != JsonValueKind.Array
                    ? []
                    : value.EnumerateArray().SelectMany((item, i) => Mistakes(keyword.Value, item, $"{at}[{i}]")),
                _ => throw new NotSupportedException($"the schema's {keyword.Name} is not looked at"),
            };
            foreach (string mistake in found)
            {
                yield return mistake;
            }
        }
    }

    private static IEnumerable<string> OneOf(JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Select(item => item.GetString()!) : [type.GetString()!];

    private static bool IsOf(JsonElement value, string type) => (type, value.ValueKind) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) or ("null", JsonValueKind.Null) => true,
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer", JsonValueKind.Number) => value.TryGetInt64(out _) || value.TryGetUInt64(out _),
        _ => false,
    };

    private static JsonElement Schema(string name) =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryFiles.Root, "interop-docs", name))).RootElement;
}
