using System.Text.Json;
using DcosIsolation.Daemon.Commands;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

public sealed class ValidateTests : IDisposable
{
    private const string Good = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
          it: {subnets: [10.250.0.0/16]}
        allow:
          - {from: hr, to: it, ports: [80/tcp]}
        deny:
          - {from: it, to: hr, ports: [22]}
        exceptions:
          - [10.250.1.0/24, 192.168.5.0/24]

        """;

    // One mistake in each line that has a comment.
    private const string TenMistakes = """
        version: 2 # no such version
        default: perhaps # deny or accept
        deny-with: anger # reject or drop
        networks:
          hr: {subnets: [192.168.0.1/16]} # host bits
          it: {subnets: [10.250.0.0/33]} # too long
          dev: {subnets: [10.1.0.0/16], color: red} # no such key
          qa: {subnets: [10.2.0.0/16], internal: maybe} # allow or deny
        allow:
          - {from: hr, to: it, ports: [80/tpc]} # no such protocol
          - {from: hr, to: it, ports: [70000]} # no such port
        exceptions:
          - [10.1.0.0/16] # one of two

        """;

    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    private const string Rules = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
        rules:
          first:
            - -s 192.0.2.0/24 -j ACCEPT
            - -p tcp --dprot 22 -j ACCEPT
            - -j LGO
            - -j MARK
            - -g away
            - -m set --match-set mine src -j ACCEPT
            - {ipv4: -s 10.1.0.0/16 -j DROP}
            - -s @hr -m limit --limit 5/min -j LOG --log-prefix 'a b'

        """;

    [Fact]
    public void Rules_in_text_are_judged_by_the_installed_extensions_without_the_kernel()
    {
        string path = _directory.Write(Rules);

        CommandRun run = CommandRun.Of("validate", "-v", path);

        if (XtablesRuleText.WhyUnavailable is { } why)
        {
            Assert.Equal(ExitCode.Done, run.ExitCode);
            Assert.Equal([$"{path}:6:7: info: the rules in text are not checked: {why}"], run.ErrorLines);
            return;
        }

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Equal(
            $$"""
            {{path}}:6:7: error: for IPv6, host/network `192.0.2.0' not found; a rule for one family is {ipv4: "…"} or {ipv6: "…"}
            {{path}}:7:7: error: unknown option '--dprot'
            {{path}}:8:7: warning: 'LGO' is no target that is installed here; it is taken for a chain, which must exist when the policy is applied; did you mean 'LOG'?
            {{path}}:10:7: warning: 'away' is no target that is installed here; it is taken for a chain, which must exist when the policy is applied
            {{path}}:11:7: info: the rule names a set that only the kernel knows; it is checked when the policy is applied
            isolation-netlinkd: {{path}} is not valid: 3 errors; nothing was changed
            """,
            string.Join('\n', run.ErrorLines.Where(line => !line.Contains(":9:7: error: MARK", StringComparison.Ordinal))));
        Assert.Contains(run.ErrorLines, line => line.StartsWith($"{path}:9:7: error: MARK: ", StringComparison.Ordinal));

        using JsonDocument json = JsonDocument.Parse(CommandRun.Of("validate", "--json", path).Output);
        Assert.Equal(6, json.RootElement.GetProperty("diagnostics").GetArrayLength());
    }

    [Fact]
    public void Where_the_policy_has_one_family_its_name_says_nothing()
    {
        string path = _directory.Write("version: 1\nnetworks: {hr: {subnets: [10.0.0.0/8]}}\nrules: {first: [-p tcp --dport no-such -j DROP]}\n");

        CommandRun run = CommandRun.Of("validate", path);

        if (XtablesRuleText.WhyUnavailable is null)
        {
            Assert.StartsWith($"{path}:3:17: error: invalid port/service `no-such' specified\n", run.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_good_policy_is_counted()
    {
        string path = _directory.Write(Good);

        CommandRun run = CommandRun.Of("validate", path);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.StartsWith(
            $"{path} is valid: 2 networks with 3 prefixes, 1 allow, 1 deny, 1 exception\npolicy digest  ",
            run.Output,
            StringComparison.Ordinal);
        Assert.Empty(run.Error);
    }

    [Fact]
    public void A_good_policy_is_counted_in_json()
    {
        CommandRun run = CommandRun.Of("validate", "--json", _directory.Write(Good));

        Assert.Equal(ExitCode.Done, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.True(json.RootElement.GetProperty("valid").GetBoolean());
        Assert.Matches("^[0-9a-f]{64}$", json.RootElement.GetProperty("policyDigest").GetString());
        Assert.Equal(
            [2, 3, 1, 1, 1],
            new[] { "networks", "prefixes", "allow", "deny", "exceptions" }.Select(name => json.RootElement.GetProperty(name).GetInt32()));
        Assert.Empty(json.RootElement.GetProperty("warnings").EnumerateArray());
        Assert.Empty(json.RootElement.GetProperty("diagnostics").EnumerateArray());
    }

    [Fact]
    public void One_of_a_kind_is_in_the_singular()
    {
        CommandRun run = CommandRun.Of("validate", _directory.Write("version: 1\nnetworks: {hr: {subnets: [10.0.0.0/8]}}\n"));

        Assert.Contains(" is valid: 1 network with 1 prefix, 0 allow, 0 deny, 0 exceptions\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Mistakes_are_in_the_json_with_their_places()
    {
        string path = _directory.Write(TenMistakes);

        CommandRun run = CommandRun.Of("validate", "--json", path);

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal($"{path} is not valid: 10 errors; nothing was changed", json.RootElement.GetProperty("error").GetString());
        Assert.Equal(
            run.ErrorLines[..^1],
            json.RootElement.GetProperty("diagnostics").EnumerateArray().Select(item =>
                $"{item.GetProperty("file")}:{item.GetProperty("line")}:{item.GetProperty("column")}: {item.GetProperty("severity")}: "
                + item.GetProperty("message")));
    }

    [Fact]
    public void Text_from_the_policy_is_harmless_to_a_terminal()
    {
        string path = _directory.Write("version: 1\nnetworks:\n  a: {subnets-file: \"\\e[31m\\u202ex\"}\n");
        _directory.Write("y\n", "\u001b[31m\u202ex");

        CommandRun run = CommandRun.Of("validate", "--json", path);

        Assert.Contains(@"\u001b[31m\u202ex:1:1: error: 'y' is not an address", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(run.Error + run.Output, c => c is '\u001b' or '\u202e');
    }

    [Fact]
    public void Ten_mistakes_are_ten_errors_each_with_its_line()
    {
        string path = _directory.Write(TenMistakes);
        string[] lines = TenMistakes.Split('\n');

        CommandRun run = CommandRun.Of("validate", path);

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Empty(run.Output);
        IEnumerable<int> wrong = Enumerable.Range(1, lines.Length).Where(line => lines[line - 1].Contains('#', StringComparison.Ordinal));
        Assert.Equal(
            wrong.Select(line => $"{path}:{line}"),
            run.ErrorLines[..^1].Select(text => string.Join(':', text.Split(':')[..2])));
        Assert.All(run.ErrorLines[..^1], text => Assert.Contains(": error: ", text, StringComparison.Ordinal));
        Assert.Equal($"isolation-netlinkd: {path} is not valid: 10 errors; nothing was changed", run.ErrorLines[^1]);
    }

    [Fact]
    public void A_warning_goes_to_standard_error_and_into_the_json()
    {
        string path = _directory.Write("""
            version: 1
            networks:
              a: {subnets: [10.0.0.0/8]}
              b: {subnets: [10.1.0.0/16]}

            """);

        CommandRun run = CommandRun.Of("validate", "--json", path);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        string warning = Assert.Single(run.ErrorLines);
        Assert.StartsWith($"{path}:4:", warning, StringComparison.Ordinal);
        Assert.Contains(": warning: ", warning, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal([warning], json.RootElement.GetProperty("warnings").EnumerateArray().Select(item => item.GetString()));
    }

    [Fact]
    public void A_missing_policy_is_one_line() => AssertUnreadable(_directory.PathOf("none.yaml"), "there is no such file");

    [Fact]
    public void A_policy_in_a_missing_directory_is_one_line() =>
        AssertUnreadable(_directory.PathOf("no/where.yaml"), "there is no such file");

    [Fact]
    public void A_directory_is_no_policy() => AssertUnreadable(_directory.Path, "it is a directory");

    [Fact]
    public void A_device_without_end_is_no_policy() => AssertUnreadable("/dev/zero", "it is not a regular file");

    [Fact]
    public void A_pipe_that_nobody_writes_into_is_no_policy() => AssertUnreadable(_directory.Pipe("pipe"), "it is not a regular file");

    [Fact]
    public void A_pipe_that_nobody_writes_into_is_no_subnets_file()
    {
        _directory.Pipe("pipe");
        string path = _directory.Write("version: 1\nnetworks:\n  a: {subnets-file: pipe}\n");

        Assert.EndsWith(": it is not a regular file", CommandRun.Of("validate", path).ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_no_policy()
    {
        string path = _directory.PathOf("policy.yaml");
        File.WriteAllBytes(path, [.. "# "u8, 0xff, .. "\nversion: 1\n"u8]);

        AssertUnreadable(path, "it is not UTF-8 text");
    }

    [Fact]
    public void Bytes_that_are_not_utf8_are_no_subnets_file()
    {
        File.WriteAllBytes(_directory.PathOf("a.txt"), [.. "10.0.0.0/8 # "u8, 0xff]);
        string path = _directory.Write("version: 1\nnetworks:\n  a: {subnets-file: a.txt}\n");

        Assert.EndsWith("a.txt': it is not UTF-8 text", CommandRun.Of("validate", path).ErrorLines[0], StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_is_skipped()
    {
        File.WriteAllBytes(_directory.PathOf("a.txt"), [0xef, 0xbb, 0xbf, .. "10.0.0.0/8\n"u8]);
        string path = _directory.Write("\ufeffversion: 1\nnetworks:\n  a: {subnets-file: a.txt}\n");

        Assert.Equal(ExitCode.Done, CommandRun.Of("validate", path).ExitCode);
    }

    [Fact]
    public void A_policy_beyond_the_limit_is_not_read_to_its_end()
    {
        string path = _directory.PathOf("policy.yaml");
        using (FileStream sparse = File.Create(path))
        {
            sparse.SetLength(1L << 36);
        }

        Assert.Contains("the file has more than 16777216 characters;", CommandRun.Of("validate", path).Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_path_is_no_policy() => AssertUnreadable("", "it is no path");

    [Fact]
    public void A_missing_subnets_file_is_an_error_at_its_place()
    {
        string path = _directory.Write("version: 1\nnetworks:\n  a: {subnets-file: none.txt}\n");

        CommandRun run = CommandRun.Of("validate", path);

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Equal(
            $"{path}:3:21: error: cannot read the subnets-file '{_directory.PathOf("none.txt")}': there is no such file",
            run.ErrorLines[0]);
    }

    private static void AssertUnreadable(string path, string reason)
    {
        CommandRun run = CommandRun.Of("validate", path);

        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.Equal($"isolation-netlinkd: cannot read the policy '{path}': {reason}\n", run.Error);
        Assert.Empty(run.Output);
    }
}
