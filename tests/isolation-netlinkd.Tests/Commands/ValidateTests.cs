using System.Text.Json;
using DcosIsolation.Daemon.Commands;
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

    [Fact]
    public void A_good_policy_is_counted()
    {
        string path = _directory.Write(Good);

        CommandRun run = CommandRun.Of("validate", path);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.StartsWith(
            $"{path} is valid: 2 networks with 3 prefixes, 1 allow, 1 deny, 1 exceptions\npolicy digest  ",
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
