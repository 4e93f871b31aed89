using System.Globalization;
using DcosIsolation.KernelTests.Daemon;
using DcosIsolation.Lab;
using DcosIsolation.Policy.Tests;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>
/// The daemon ends, by SIGTERM or SIGKILL at any time, and starts again with the other one of two policies, and no packet that both let
/// through or both refuse gets another verdict. A thousand times with RESTARTS=1000.
/// </summary>
public sealed class RestartTests(ITestOutputHelper output)
{
    private const int Sigkill = 9;
    private const int Sigterm = 15;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    private static int Restarts =>
        int.TryParse(Environment.GetEnvironmentVariable("RESTARTS"), NumberStyles.None, CultureInfo.InvariantCulture, out int count) ? count
        : Scenarios.IsSlowKernel ? 12
        : 60;

    [Fact]
    public void No_restart_shows_a_wrong_verdict()
    {
        Scenario scenario = Scenarios.MovingAddresses;
        Packet[] packets = scenario.Packets();
        using var network = new TrafficNetwork(isTracked: false);
        using var node = new Node(network.Node);
        string policy = node.Policy(Scenario.Yaml(scenario.Before));
        Fate[][] fates = [.. new[] { scenario.Before, scenario.After }.Select(text => Scenario.Fates(Scenario.Read(text), packets))];
        Fate[] always = Scenario.Fates(fates[0], fates[1]);
        int restart = 0;
        using var checker = new Checker(network, packets) { Situation = () => $"restart {restart}" };
        using (RunningProgram first = Start(node, policy))
        {
            first.WaitForOutput("in force: policy", s_patience);
            checker.CheckAll(fates[0]);
            first.Signal(Sigkill);
        }

        var random = new Random(1);
        bool isOver = false;
        using var checking = new BackgroundThread(() => checker.Check(always, () => !Volatile.Read(ref isOver) && checker.Wrong == 0));
        int whole = 0;
        try
        {
            for (; restart < Restarts && checking.IsRunning; restart++)
            {
                // The file is another one while nobody looks, as after a reboot or an upgrade.
                node.Policy(Scenario.Yaml(restart % 2 == 0 ? scenario.After : scenario.Before));
                using RunningProgram daemon = Start(node, policy);
                if (restart % 4 < 2)
                {
                    daemon.WaitForOutput("in force: policy", s_patience);
                    whole++;
                }
                else
                {
                    Thread.Sleep(random.Next(Scenarios.IsSlowKernel ? 200 : 20));
                }

                daemon.Signal(restart % 3 == 0 ? Sigterm : Sigkill);
                WaitForEnd(daemon);
            }
        }
        finally
        {
            Volatile.Write(ref isOver, true);
        }

        checking.Join();
        output.WriteLine($"{restart} restarts, {whole} of them waited for; {checker.Sent} probes, {checker.Wrong} wrong");
        Assert.True(checker.Wrong == 0, checker.Description);
        Assert.Equal(Restarts, restart);
        Assert.InRange(checker.Sent, Restarts, long.MaxValue);
        (long sent, long arrived) = checker.Counts[Fate.Either];
        Assert.True(arrived > 0 && arrived < sent, "the probes saw only one of the policies");
    }

    private static RunningProgram Start(Node node, string policy)
    {
        string[] command = node.Netlinkd("run", "--policy", policy, "--verify-interval", "1s");
        return node.Space.Start(command[0], command[1..]);
    }

    private static void WaitForEnd(RunningProgram daemon)
    {
        long deadline = Environment.TickCount64 + (long)s_patience.TotalMilliseconds;
        while (!daemon.HasExited)
        {
            Assert.True(Environment.TickCount64 < deadline, $"the daemon did not end:\n{daemon.Error}");
            Thread.Sleep(1);
        }
    }
}
