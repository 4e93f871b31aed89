using System.Runtime.Versioning;
using DcosIsolation.Daemon.Metrics;
using DcosIsolation.Daemon.Tests.Commands;
using Xunit;

namespace DcosIsolation.Daemon.Tests.Metrics;

[UnsupportedOSPlatform("windows")]
public sealed class MetricsFileTests : IDisposable
{
    private readonly PolicyDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_new_file_takes_the_place_of_the_last_and_everybody_may_read_it()
    {
        string path = _directory.PathOf("isolation.prom");
        MetricsFile.Write(path, "a 1\n");
        using FileStream reader = File.OpenRead(path);
        MetricsFile.Write(path, "a 2\n");

        Assert.Equal("a 1\n", new StreamReader(reader).ReadToEnd());
        Assert.Equal("a 2\n", File.ReadAllText(path));
        Assert.Equal("644", Convert.ToString((int)File.GetUnixFileMode(path), 8));
        Assert.Single(Directory.GetFiles(_directory.Path));
    }

    [Fact]
    public void A_link_that_somebody_left_there_is_not_followed()
    {
        string victim = _directory.Write("victim", "victim");
        File.CreateSymbolicLink(_directory.PathOf("isolation.prom.new"), victim);
        MetricsFile.Write(_directory.PathOf("isolation.prom"), "a 1\n");

        Assert.Equal("victim", File.ReadAllText(victim));
    }
}
