using System.Net.Sockets;
using System.Text.Json;
using DcosIsolation.Lab;
using Xunit;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>show --rules against what iptables-legacy-save prints of the same lines.</summary>
public sealed class ShowRulesTests : IDisposable
{
    private static readonly bool[] s_families = [false, true];

    private readonly TestNetwork _network = new();
    private readonly Node _node;

    public ShowRulesTests() => _node = new Node(_network.Node);

    public void Dispose()
    {
        _node.Dispose();
        _network.Dispose();
    }

    [Fact]
    public void The_rules_are_what_iptables_save_prints_with_counters_and_can_be_restored()
    {
        TestHost hr = _network.AddHost("hr", "192.168.1.10/24", "fd00:1::1:10/112");
        TestHost it = _network.AddHost("it", "10.250.1.10/24", "fd00:2::1:10/112").ListenTcp(80);
        _node.Reference("iptables-legacy -A FORWARD -m mark --mark 7 -j DROP");
        _node.Apply(Policies.HrItMore.Replace("53/udp", "53/udp, 60-70, icmp/echo-request, icmpv6", StringComparison.Ordinal));
        foreach (AddressFamily family in new[] { AddressFamily.InterNetwork, AddressFamily.InterNetworkV6 })
        {
            Assert.Equal(Outcome.Reached, Probe.Send(hr, it, family, Traffic.Tcp(80)));
            Assert.Equal(Outcome.Rejected, Probe.Send(hr, it, family, Traffic.Tcp(22)));
        }

        string[] saved = [.. s_families.Select(OurLines)];
        string shown = _node.Run("show", "--rules").EnsureSuccess().Output;

        Assert.Equal($"# IPv4\n*filter\n{saved[0]}COMMIT\n# IPv6\n*filter\n{saved[1]}COMMIT\n", shown);
        Assert.DoesNotContain("[0:0] -A FORWARD", shown, StringComparison.Ordinal);

        using JsonDocument json = JsonDocument.Parse(_node.Run("show", "--rules", "--json").EnsureSuccess().Output);
        Assert.Equal(
            string.Concat(saved).Split('\n').Where(line => line.StartsWith('[')),
            json.RootElement.GetProperty("rules").EnumerateArray().Select(Line));

        // What is shown is what is restored, where nothing of it is.
        _node.Reference("iptables-legacy -F");
        _node.Reference("iptables-legacy -X");
        _node.Reference("iptables-legacy-restore -c --noflush", shown.Split("# IPv6")[0]);
        Assert.Equal(saved[0], OurLines(false));
    }

    [Fact]
    public void Nothing_in_force_is_said()
    {
        Assert.Equal("no policy is in force\n", _node.Run("show", "--rules").EnsureSuccess().Output);
        using JsonDocument json = JsonDocument.Parse(_node.Run("show", "--rules", "--json").EnsureSuccess().Output);
        Assert.Equal(0, json.RootElement.GetProperty("rules").GetArrayLength());
    }

    [Fact]
    public void Without_libxtables_the_reason_is_told_and_plain_show_works()
    {
        _node.Apply(Policies.HrIt);
        string empty = _node.Write("empty", "");
        string hide = "for lib in $(/sbin/ldconfig -p | sed -n 's/^\tlibxtables.so.12 .*=> //p'); do "
            + $"mount --bind {empty} $lib || exit 9; done; exec \"$@\"";
        string[] hidden = ["unshare", "--mount", "sh", "-c", hide, "sh"];

        ProgramResult rules = _node.Exec([.. hidden, .. _node.Netlinkd("show", "--rules")]);

        Assert.Equal(1, rules.ExitCode);
        Assert.Empty(rules.Output);
        Assert.Contains("libxtables", rules.Error, StringComparison.Ordinal);
        string plain = _node.Exec([.. hidden, .. _node.Netlinkd("show")]).EnsureSuccess().Output;
        Assert.Contains("dcos-isolation", plain, StringComparison.Ordinal);
    }

    private static string Line(JsonElement rule)
    {
        string counters = $"[{rule.GetProperty("packets")}:{rule.GetProperty("bytes")}]";
        return $"{counters} -A {rule.GetProperty("chain")} {rule.GetProperty("rule")}".TrimEnd();
    }

    /// <summary>The chain, the jump to it and its rules, of iptables-save.</summary>
    private string OurLines(bool isInet6) => string.Concat(_node.Rules(isInet6).Split('\n')
        .Where(line => line.StartsWith(":dcos-isolation ", StringComparison.Ordinal)
            || line.Contains("] -A dcos-isolation ", StringComparison.Ordinal)
            || line.Contains("-j dcos-isolation", StringComparison.Ordinal))
        .Select(line => line + "\n"));
}
