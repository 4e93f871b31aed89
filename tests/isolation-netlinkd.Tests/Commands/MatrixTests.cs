using System.Text.Json;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Commands;

public sealed class MatrixTests : IDisposable
{
    private const string Policy = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16]}
          it: {subnets: [10.250.0.0/16]}
        allow:
          - {from: hr, to: it, ports: [80/tcp]}

        """;

    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void The_grid_shows_both_directions_and_the_ports()
    {
        CommandRun run = CommandRun.Of("matrix", _directory.Write(Policy));
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("1 hr # p\n2 it . #\n", run.Output, StringComparison.Ordinal);
        Assert.Contains("hr -> it: 80/tcp\n", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_json_names_the_line_behind_a_cell()
    {
        using var json = JsonDocument.Parse(CommandRun.Of("matrix", "--json", _directory.Write(Policy)).Output);
        JsonElement ruling = json.RootElement.GetProperty("rulings")[json.RootElement.GetProperty("cells")[0][1].GetInt32()];
        Assert.Equal("80/tcp", ruling.GetProperty("passes").GetString());
        JsonElement services = ruling.GetProperty("parts")[0].GetProperty("services");
        Assert.Equal(6, services.EnumerateArray().Single(item => item.GetProperty("services").GetString() == "80/tcp").GetProperty("line").GetInt32());
    }

    [Fact]
    public void The_page_replaces_a_file_and_fetches_nothing()
    {
        string page = _directory.Write("old", "page.html");
        Assert.Equal(0, CommandRun.Of("matrix", _directory.Write(Policy), "--html", page).ExitCode);
        string text = File.ReadAllText(page);
        Assert.Contains("default-src 'none'", text, StringComparison.Ordinal);
        Assert.DoesNotContain("http://", text, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", text, StringComparison.Ordinal);
        Assert.Equal(["page.html", "policy.yaml"], Directory.GetFiles(_directory.Path).Select(Path.GetFileName).Order());
    }
}
