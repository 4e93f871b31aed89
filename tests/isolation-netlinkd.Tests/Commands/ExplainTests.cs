using System.Text.Json;
using DcosIsolation.Daemon.Commands;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>explain, asked of a policy alone.</summary>
public sealed class ExplainTests : IDisposable
{
    private const string Policy = """
        version: 1
        default: deny
        networks:
          hr: {subnets: [192.168.0.0/16]}
          it: {subnets: [10.250.0.0/16]}
        deny:
          - {from: hr, to: it, ports: [22]}
        allow:
          - {from: hr, to: it, ports: [80, 22]}

        """;

    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_verdict_comes_first_then_the_line_that_decides_then_what_it_shadows()
    {
        CommandRun run = Explain("192.168.1.1", "10.250.1.1", "22");
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            """
            192.168.1.1 (hr) to 10.250.1.1 (it), 22/tcp: rejected
            policy   rejected: POLICY:7:5: deny from hr to it ports 22/tcp
              shadows POLICY:9:5: allow from hr to it ports 22/tcp 80/tcp: passes
            asked of the first packet of a connection; answers to one that is allowed pass

            """,
            run.Output.Replace(_directory.PathOf("policy.yaml"), "POLICY", StringComparison.Ordinal));
    }

    [Fact]
    public void Without_a_service_those_are_named_that_are_ruled_otherwise()
    {
        CommandRun run = Explain("192.168.1.1", "10.250.1.1");
        Assert.Equal(
            """
            192.168.1.1 (hr) to 10.250.1.1 (it): rejected
            policy   rejected: POLICY:2:1: default: deny
              but 22/tcp rejected: POLICY:7:5: deny from hr to it ports 22/tcp
              but 80/tcp passes: POLICY:9:5: allow from hr to it ports 22/tcp 80/tcp
            asked of the first packet of a connection; answers to one that is allowed pass

            """,
            run.Output.Replace(_directory.PathOf("policy.yaml"), "POLICY", StringComparison.Ordinal));
        Assert.Contains(
            "to 10.251.1.1: not-judged\npolicy   not-judged: an address is in no network\n",
            Explain("192.168.1.1", "10.251.1.1").Output,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Json_has_it_all()
    {
        using JsonDocument json = JsonDocument.Parse(Explain("192.168.1.1", "10.250.1.1", "--json").Output);
        JsonElement policy = json.RootElement.GetProperty("policy");
        Assert.Equal("rejected", policy.GetProperty("verdict").GetString());
        Assert.Equal(2, policy.GetProperty("decidedBy").GetProperty("line").GetInt32());
        Assert.Equal(["22/tcp", "80/tcp"], json.RootElement.GetProperty("services").EnumerateArray().Select(item => item.GetProperty("service").GetString()));
        Assert.False(json.RootElement.TryGetProperty("kernel", out _));
    }

    [Fact]
    public void Each_question_of_a_file_is_a_line_and_what_is_none_is_told_with_its_place()
    {
        string questions = _directory.Write("192.168.1.1 10.250.1.1 80\n\n#\n10.250.1.1 192.168.1.1\n1.1.1.1 2.2.2.2 53/udp\n", "good");
        CommandRun run = Explain("--questions", questions);
        Assert.Equal((ExitCode.Done, ""), (run.ExitCode, run.Error));
        Assert.Equal(
            "192.168.1.1\t10.250.1.1\t80/tcp\tpasses\tPOLICY:9\t-\t-\t-\n"
            + "10.250.1.1\t192.168.1.1\tother\trejected\tPOLICY:2\t-\t-\t-\n"
            + "1.1.1.1\t2.2.2.2\t53/udp\tnot-judged\t-\t-\t-\t-\n",
            run.Output.Replace(_directory.PathOf("policy.yaml"), "POLICY", StringComparison.Ordinal));

        questions = _directory.Write("192.168.1.1 10.250.1.1 80\nhr it\n", "bad");
        run = Explain("--questions", questions, "--json");
        Assert.Equal(ExitCode.Invalid, run.ExitCode);
        Assert.StartsWith($"{questions}:2:1: error: 'hr' is a network; give one address of it", run.Error, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(run.Output);
        Assert.Equal(1, json.RootElement.GetProperty("questions").GetArrayLength());
        Assert.Equal((ExitCode.Invalid, 2), (json.RootElement.GetProperty("exitCode").GetInt32(), json.RootElement.GetProperty("diagnostics").GetArrayLength()));
    }

    [Fact]
    public void A_document_of_many_questions_is_whole()
    {
        string questions = _directory.Write(string.Concat(Enumerable.Range(0, 2500).Select(i => $"192.168.1.1 10.250.1.1 {i + 1}\n")), "many");
        using JsonDocument json = JsonDocument.Parse(Explain("--questions", questions, "--json").Output);
        Assert.Equal(2500, json.RootElement.GetProperty("asked").GetInt32());
        Assert.Equal(
            Enumerable.Range(1, 2500).Select(port => $"{port}/tcp"),
            json.RootElement.GetProperty("questions").EnumerateArray().Select(item => item.GetProperty("service").GetString()));
    }

    [Theory]
    [InlineData("explain", "explain takes SRC and DST, two addresses, or --questions FILE")]
    [InlineData("explain 10.0.0.1", "explain takes SRC and DST, two addresses, or --questions FILE")]
    [InlineData("explain 10.0.0.1 10.0.0.2 --no-kernel", "--no-kernel asks the policy alone; say which, with --policy")]
    [InlineData("explain 10.0.0.1 10.0.0.2 --from-kernel --policy a", "--from-kernel asks the kernel alone; leave it or --policy out")]
    [InlineData("explain 10.0.0.1 10.0.0.2 --questions a", "give one question, or a file of them with --questions; not both (10.0.0.1)")]
    [InlineData("explain hr 10.0.0.2 80", "SRC: 'hr' is not an address")]
    [InlineData("explain --questions none", "cannot read the questions 'none': there is no such file")]
    public void A_mistake_is_named(string line, string expected)
    {
        CommandRun run = CommandRun.Of(line.Split(' '));
        Assert.Equal((ExitCode.Invalid, ""), (run.ExitCode, run.Output));
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    private CommandRun Explain(params string[] arguments) =>
        CommandRun.Of(["explain", "--policy", _directory.Write(Policy), "--no-kernel", .. arguments]);
}
