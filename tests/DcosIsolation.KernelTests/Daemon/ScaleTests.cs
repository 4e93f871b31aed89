using System.Diagnostics;
using DcosIsolation.Lab;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Large policies apply, and cost no more memory than they should.</summary>
public sealed class ScaleTests(ITestOutputHelper output) : IDisposable
{
    private const int Subnets = 20_000;
    private const int MostKibibytes = 120 * 1024;

    private readonly Node _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Two_networks_of_many_subnets()
    {
        WriteSubnets("a.txt", 10, Subnets);
        WriteSubnets("b.txt", 20, Subnets);
        string policy = _node.Policy("""
            version: 1
            networks:
              a: {subnets-file: a.txt}
              b: {subnets-file: b.txt}
            allow:
              - {from: a, to: b, ports: [80]}

            """);

        Measure("applied:", "apply", policy);
        Assert.Equal(2 * Subnets + 2, _node.Sets().Split('\n').Count(line => line.StartsWith("add ", StringComparison.Ordinal)));
        Measure("nothing to do", "apply", policy);

        WriteSubnets("b.txt", 20, Subnets + 1);
        ProgramResult plan = _node.Run("plan", policy);
        Assert.Contains("~ set dcos-net-b hash:net: 1 added, 0 removed, in place\n", plan.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("dcos-net-a", plan.Output.Split("IPv4")[0], StringComparison.Ordinal);
        Measure("applied:", "apply", policy);
        Assert.Equal(0, _node.Run("plan", policy).ExitCode);
        Measure("removed", "remove");
        Assert.Empty(_node.SetNames());
    }

    [SkippableFact]
    public void Long_work_shows_on_a_terminal_how_far_it_is_and_nowhere_else()
    {
        const int Addresses = 1_500_000;
        Skip.IfNot(File.Exists("/usr/bin/script"), "needs the program script, which makes a terminal");
        _node.Write("a.txt", string.Concat(Enumerable.Range(0, Addresses).Select(i => $"10.{i >> 15}.{(i >> 7) & 255}.{(i << 1) & 255}\n")));
        string policy = _node.Policy("version: 1\nnetworks:\n  a: {subnets-file: a.txt}\n");
        string typescript = _node.Write("typescript", "");

        _node.Exec(["script", "-qec", string.Join(' ', _node.Netlinkd("apply", policy)), typescript]).EnsureSuccess();

        string seen = File.ReadAllText(typescript);
        Assert.Matches(@"\rloading dcos-net-a  [0-9,]+ of 1,500,000", seen);
        Assert.Matches(@"\r +\rapplied: ", seen);
        Assert.Empty(_node.Run("plan", policy).EnsureSuccess().Error);
    }

    [Fact]
    public void Many_networks()
    {
        string policy = _node.Policy("version: 1\nnetworks:\n"
            + string.Concat(Enumerable.Range(1, 300).Select(i => $"  n{i}: {{subnets: [10.{i >> 8}.{i & 255}.0/24, 'fd00:{i:x}::/32']}}\n"))
            + "allow:\n  - {from: n7, to: '*', ports: [80]}\n  - {from: [n1, n2, n3], to: [n4, n5, n6]}\n");

        Measure("applied:", "apply", policy);
        Assert.Equal(2 * 302, _node.SetNames().Count(name => !name.Contains("-allowed", StringComparison.Ordinal)));
        Measure("nothing to do", "apply", policy);
        Measure("removed", "remove");
        Assert.Empty(_node.SetNames());
    }

    // Every other /24, so that none can be merged.
    private void WriteSubnets(string name, int block, int count) =>
        _node.Write(name, string.Concat(Enumerable.Range(0, count).Select(i => $"{block}.{i >> 7}.{(i << 1) & 255}.0/24\n")));

    private void Measure(string expected, params string[] arguments)
    {
        string[] command = _node.Netlinkd(arguments);
        long start = Stopwatch.GetTimestamp();
        using RunningProgram running = _node.Space.Start(command[0], command[1..]);
        int most = 0;
        while (!running.HasExited)
        {
            most = Math.Max(most, PeakKibibytes(running.Id));
            Thread.Sleep(1);
        }

        ProgramResult result = running.WaitForExit(TimeSpan.FromSeconds(60)).EnsureSuccess();
        output.WriteLine($"{arguments[0]}: {Stopwatch.GetElapsedTime(start).TotalMilliseconds:0} ms, {most} KiB at most");
        Assert.StartsWith(expected, result.Output, StringComparison.Ordinal);
        Assert.InRange(most, 0, MostKibibytes);
    }

    // The kernel forgets it with the process, so that it is asked for until then.
    private static int PeakKibibytes(int process)
    {
        try
        {
            string[] lines = File.ReadAllLines($"/proc/{process}/status");
            string line = lines.FirstOrDefault(line => line.StartsWith("VmHWM:", StringComparison.Ordinal), "");
            return line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, _] ? int.Parse(number, null) : 0;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
