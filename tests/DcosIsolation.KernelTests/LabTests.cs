using System.Net;
using System.Net.Sockets;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests;

/// <summary>The probes tell the verdicts apart that the other tests ask them about.</summary>
public sealed class LabTests : IDisposable
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(300);

    private readonly TestNetwork _network = new();
    private readonly TestHost _a;
    private readonly TestHost _b;

    public LabTests()
    {
        _a = _network.AddHost("a", "10.1.0.2/24", "fd00:a::2/64");
        _b = _network.AddHost("b", "10.2.0.2/24", "fd00:b::2/64").ListenTcp(80).ListenUdp(53);
    }

    public static TheoryData<AddressFamily> Families => [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6];

    public void Dispose() => _network.Dispose();

    [Theory]
    [MemberData(nameof(Families))]
    public void What_listens_is_reached_through_the_node(AddressFamily family)
    {
        Assert.Equal(Outcome.Reached, Probe.Send(_a, _b, family, Traffic.Tcp(80)));
        Assert.Equal(Outcome.Reached, Probe.Send(_a, _b, family, Traffic.Udp(53)));
        Assert.Equal(Outcome.Reached, Probe.Send(_a, _b, family, Traffic.Icmp));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void A_port_without_a_listener_is_refused(AddressFamily family)
    {
        Assert.Equal(Outcome.Refused, Probe.Send(_a, _b, family, Traffic.Tcp(81)));
        Assert.Equal(Outcome.Refused, Probe.Send(_a, _b, family, Traffic.Udp(54)));
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void What_the_node_has_no_route_to_is_unreachable(AddressFamily family)
    {
        IPAddress nowhere = IPAddress.Parse(family == AddressFamily.InterNetwork ? "10.9.0.1" : "fd00:9::1");
        foreach (Traffic traffic in new[] { Traffic.Tcp(80), Traffic.Udp(53), Traffic.Icmp })
        {
            Assert.Equal(Outcome.Unreachable, Probe.Send(_a, nowhere, traffic).Outcome);
        }
    }

    [Theory]
    [InlineData(AddressFamily.InterNetwork, "iptables-legacy", "REJECT", Outcome.Rejected)]
    [InlineData(AddressFamily.InterNetworkV6, "ip6tables-legacy", "REJECT", Outcome.Rejected)]
    [InlineData(AddressFamily.InterNetwork, "iptables-legacy", "DROP", Outcome.TimedOut)]
    [InlineData(AddressFamily.InterNetworkV6, "ip6tables-legacy", "DROP", Outcome.TimedOut)]
    public void Reject_and_drop_are_told_apart_however_many_the_packets(AddressFamily family, string iptables, string target, Outcome expected)
    {
        _network.Node.Exec(iptables, "-A", "FORWARD", "-j", target).EnsureSuccess();

        IPAddress to = _b.Address(family);
        var probes = Enumerable.Range(0, 60).Select(i => (_a, to, new[] { Traffic.Tcp(80), Traffic.Udp(53), Traffic.Icmp }[i % 3])).ToArray();

        Assert.All(Probe.SendAll(probes, expected == Outcome.TimedOut ? Short : null), result => Assert.Equal(expected, result.Outcome));
    }

    [Fact]
    public void A_program_runs_in_the_namespace_and_is_killed_at_its_deadline()
    {
        Assert.Contains("eth0", _a.Namespace.Exec("ip", "-o", "link").Output, StringComparison.Ordinal);
        Assert.Equal(3, _a.Namespace.Exec("sh", "-c", "exit 3").ExitCode);
        Assert.Throws<TimeoutException>(() => _a.Namespace.Exec("sleep", ["60"], deadline: Short));
    }

    [Fact]
    public void Nothing_of_a_network_remains()
    {
        string name = _network.Node.Name;
        Assert.True(File.Exists($"/run/netns/{name}"));

        _network.Dispose();

        Assert.False(File.Exists($"/run/netns/{name}"));
    }

    [Fact]
    public void Code_runs_at_home_wherever_its_thread_was_born()
    {
        string home = "", here = "";
        _network.Node.Run(() =>
        {
            // As a thread of the pool may be that is made here.
            var born = new Thread(() =>
            {
                here = Namespace("/proc/thread-self");
                home = NetworkNamespace.RunAtHome(() => Namespace("/proc/thread-self"));
            });
            born.Start();
            born.Join();
        });

        Assert.Equal(Namespace("/proc/self"), home);
        Assert.NotEqual(home, here);

        static string Namespace(string process) => File.ResolveLinkTarget(process + "/ns/net", returnFinalTarget: false)!.Name;
    }
}
