using System.Diagnostics;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class YamlErrorTests
{
    private const string Empty =
        "policy.yaml:1:1: error: the file says nothing; an empty file is not an empty policy: expected 'version: 1' and 'networks'";

    [Theory]
    [InlineData("")]
    [InlineData("\n\n")]
    [InlineData("\ufeff")]
    [InlineData("# only a comment\n")]
    [InlineData("---\n")]
    [InlineData("null")]
    public void An_empty_file_is_not_an_empty_policy(string text) => Reader.Says(Empty, text);

    [Theory]
    [InlineData("hello", "1:1: error: the policy: expected a mapping with 'version' and 'networks', found 'hello'")]
    [InlineData("[1, 2]", "1:1: error: the policy: expected a mapping with 'version' and 'networks', found a list")]
    [InlineData("{", "2:1: error: not YAML: While parsing a node, did not find expected node content")]
    [InlineData("a: b: c", "1:5: error: not YAML: While scanning a plain scalar value, found invalid mapping")]
    [InlineData("a: *", "1:4: error: not YAML: '*' alone would be an alias; every network is \"*\", in quotes")]
    [InlineData("a: 'b", "1:4: error: not YAML: While scanning a quoted scalar, found unexpected end of stream")]
    [InlineData(
        "[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]", "1:17: error: lists and mappings are nested deeper than 16 levels; a policy needs 4")]
    [InlineData(
        "a: # \0",
        "1:6: error: the character U+0000 may not stand in a policy: YAML readers disagree on what it means; remove it")]
    [InlineData(
        "a: # comment\u2028deny: []",
        "1:13: error: the character U+2028 may not stand in a policy: YAML readers disagree on what it means; remove it")]
    public void What_is_not_a_mapping_in_yaml_is_one_error(string text, string expected) => Reader.Says("policy.yaml:" + expected, text);

    [Theory]
    [InlineData("version: 1", "3:1: error: the key 'version' is here twice, first on line 1; keep one of them")]
    [InlineData("default: &x deny", "3:10: error: '&x' is a YAML anchor, which a policy may not use; remove it")]
    [InlineData("default: !!str deny", "3:10: error: 'tag:yaml.org,2002:str' is a YAML tag, which a policy may not use; remove it")]
    [InlineData("default: ! deny", "3:10: error: '!' is a YAML tag, which a policy may not use; remove it")]
    [InlineData(
        "default: *x",
        "3:10: error: '*x' is a YAML alias, which a policy may not use; write the value out (every network is \"*\", in quotes)")]
    [InlineData(
        "---\nversion: 1", "3:1: error: a second document starts here; a policy file holds one: put each policy into a file of its own")]
    [InlineData("? [a]\n: b", "3:3: error: a key must be a word, not a list")]
    [InlineData("~: b", "3:1: error: a key must be a word, not nothing")]
    [InlineData("<<: {}", "3:1: error: unknown key '<<'; a policy has: version, networks, default, deny-with, allow, deny, exceptions,"
        + " failsafe, log-denied, rules")]
    [InlineData("defualt: deny", "3:1: error: unknown key 'defualt'; did you mean 'default'?")]
    [InlineData("default:", "3:9: error: 'default': expected deny or accept, found nothing")]
    [InlineData("default: [deny]", "3:10: error: 'default': expected deny or accept, found a list")]
    [InlineData("default: Deny", "3:10: error: 'default': expected deny or accept, found 'Deny'; did you mean 'deny'?")]
    [InlineData("deny-with: refuse", "3:12: error: 'deny-with': expected reject or drop, found 'refuse'")]
    [InlineData("allow:", "3:7: error: 'allow': expected a list of clauses, like - {from: hr, to: it, ports: [80/tcp]}, found nothing")]
    [InlineData(
        "deny: {from: hr}", "3:7: error: 'deny': expected a list of clauses, like - {from: hr, to: it, ports: [80/tcp]}, found a mapping")]
    public void What_a_policy_has_no_use_for_is_rejected(string line, string expected) => Reader.Says(
        "policy.yaml:" + expected, "version: 1\nnetworks: {hr: {subnets: [192.168.0.0/16]}}\n" + line + "\n");

    [Theory]
    [InlineData("1:1: error: the policy has no 'version'; write 'version: 1' at the top", "networks: {hr: {subnets: [10.0.0.0/8]}}")]
    [InlineData(
        "1:1: error: the policy has no 'networks'; expected at least one, like networks: {hr: {subnets: [192.168.0.0/16]}}", "version: 1")]
    [InlineData("1:9: error: 'version': expected 1, found nothing", "version:\nnetworks: {hr: {subnets: [10.0.0.0/8]}}")]
    public void What_must_be_there_must_be_there(string expected, string text) => Reader.Says("policy.yaml:" + expected, text);

    [Fact]
    public void A_file_beyond_the_limit_is_not_read() => Reader.Says(
        $"policy.yaml:1:1: error: the file has more than 16777216 characters; put long lists of prefixes into a subnets-file",
        new string(' ', PolicyReader.MaxLength + 1));

    [Fact]
    public void A_file_of_forbidden_characters_is_not_read_to_its_end()
    {
        PolicyReadResult result = Reader.Read(new string('\0', 3_000_000));

        Assert.Equal(PolicyText.MaxErrors + 1, result.Diagnostics.Length);
        Assert.Equal("policy.yaml:1:21: error: another such character; from here on the file was not read", result.Diagnostics[^1].ToString());
    }

    [Fact]
    public void A_hundred_errors_and_a_hundred_warnings_are_told_and_the_others_counted()
    {
        string subnets = "version: 1\nnetworks: {hr: {subnets: [10.0.0.0/8]}}\n";
        PolicyReadResult errors = Reader.Read(subnets + string.Concat(Enumerable.Range(1, 150).Select(key => $"{key}: x\n")));
        PolicyReadResult warnings = Reader.Read(
            subnets + "allow:\n" + string.Concat(Enumerable.Repeat("  - {from: hr, to: hr}\n", 251)));

        Assert.Equal(DiagnosticBag.MaxTold + 1, errors.Diagnostics.Length);
        Assert.Equal(150, errors.ErrorCount);
        Assert.Equal("policy.yaml:103:1: error: … and 50 more; the first of them is here", errors.Diagnostics[^1].ToString());
        Assert.Equal(DiagnosticBag.MaxTold + 1, warnings.Diagnostics.Length);
        Assert.Equal("policy.yaml:105:5: warning: … and 150 more; the first of them is here", warnings.Diagnostics[^1].ToString());
        Assert.NotNull(warnings.Policy);
    }

    [Fact]
    public void A_mistake_in_each_of_many_names_is_cheap()
    {
        string names = string.Join(", ", Enumerable.Range(0, 20_000).Select(name => $"n{name:x}"));
        string networks = string.Join(", ", Enumerable.Range(0, 20_000).Select(name => $"m{name:x}: {{subnets: [10.0.0.0/8]}}"));
        Stopwatch watch = Stopwatch.StartNew();

        Assert.Equal(20_000, Reader.Read($"version: 1\nnetworks: {{{networks}}}\nallow: [{{from: [{names}], to: \"*\"}}]").ErrorCount);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
    }

    [Fact]
    public void The_second_of_two_equal_keys_is_checked_too() => Reader.Says(
        """
        policy.yaml:3:1: error: the key 'networks' is here twice, first on line 2; keep one of them
        policy.yaml:3:27: error: 'x' is not an address; expected a prefix, like 10.0.0.0/8 or fd00::/64
        """,
        """
        version: 1
        networks: {hr: {subnets: [10.0.0.0/8]}}
        networks: {it: {subnets: [x]}}
        allow: [{from: hr, to: it}]
        """);

    [Fact]
    public void Offending_text_cannot_take_over_a_terminal() => Reader.Says(
        @"policy.yaml:3:1: error: unknown key '\u001b[2J\n'; a policy has: version, networks, default, deny-with, allow, deny, exceptions,"
        + " failsafe, log-denied, rules",
        "version: 1\nnetworks: {hr: {subnets: [10.0.0.0/8]}}\n\"\\e[2J\\n\": 1");

    [Theory]
    [InlineData("default: &\u202ea deny", @"3:10: error: '&\u202ea' is a YAML anchor, which a policy may not use; remove it")]
    [InlineData("default: *\u2066a", @"3:10: error: '*\u2066a' is a YAML alias, which a policy may not use; write the value out"
        + " (every network is \"*\", in quotes)")]
    public void What_reorders_text_is_shown_by_its_number(string line, string expected) =>
        Reader.Says("policy.yaml:" + expected, "version: 1\nnetworks: {hr: {subnets: [192.168.0.0/16]}}\n" + line + "\n");
}
