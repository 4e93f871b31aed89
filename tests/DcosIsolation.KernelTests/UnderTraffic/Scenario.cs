using System.Net;
using System.Text.RegularExpressions;
using DcosIsolation.Policy;
using DcosIsolation.Policy.Tests;
using Xunit;

namespace DcosIsolation.KernelTests.UnderTraffic;

/// <summary>Two policies to flip between, and what of the addresses in them is probed.</summary>
/// <param name="Name">What makes the two different.</param>
/// <param name="Before">One policy, for <see cref="Read"/>.</param>
/// <param name="After">The other one.</param>
internal sealed partial record Scenario(string Name, string Before, string After)
{
    private static readonly string[] s_services = ["80/tcp", "81/tcp", "53/udp", "9/udp"];

    /// <summary>The IPv4 addresses between which probes go, in both directions; their IPv6 twins are probed too.</summary>
    public string[] Addresses { get; init; } =
        ["10.1.1.1", "10.1.2.1", "10.2.1.1", "10.2.2.1", "10.3.1.1", "10.4.1.1", "203.0.113.1"];

    /// <summary>Flips, in parts of what most scenarios make: fewer where each costs much.</summary>
    public double Flips { get; init; } = 1;

    /// <summary>Whether connections are tracked: see <see cref="TrafficNetwork"/>.</summary>
    public bool IsTracked { get; init; }

    /// <summary>The way that each flip must take; null where that is the kernel's abilities' business.</summary>
    public SwitchPath? Path { get; init; }

    public override string ToString() => Name;

    /// <summary>Every packet that is probed: both families, TCP and UDP.</summary>
    public Packet[] Packets() =>
    [
        .. from isInet6 in new[] { false, true }
           from source in Addresses
           from destination in Addresses
           where source != destination
           from service in s_services
           select Packet.Of(isInet6 ? Inet6(source) : source, isInet6 ? Inet6(destination) : destination, service),
    ];

    /// <summary>What must become of packets under a policy, as the policy format says.</summary>
    public static Fate[] Fates(IsolationPolicy policy, Packet[] packets) =>
        [.. packets.Select(packet => SlowModel.Passes(SlowModel.Judge(policy, packet)) ? Fate.Passes : Fate.IsRefused)];

    /// <summary>What must become of them at every moment of a flip between two policies.</summary>
    public static Fate[] Fates(Fate[] before, Fate[] after) => [.. before.Zip(after, (one, other) => one == other ? one : Fate.Either)];

    /// <summary>A policy's file; a network that has <c>both</c> in place of <c>subnets</c> has its prefixes' twins, too.</summary>
    public static string Yaml(string text) => "version: 1\n"
        + Both().Replace(text, nets => "subnets" + Inet().Replace(nets.Groups[1].Value, ip => $"{ip}, '{Inet6(ip.Value)}'"));

    /// <summary>Reads a policy.</summary>
    public static IsolationPolicy Read(string text)
    {
        PolicyReadResult result = PolicyReader.Read("policy.yaml", Yaml(text), _ => throw new IOException("there is no such file"));
        Assert.True(result.Policy is not null, string.Join('\n', result.Diagnostics));
        return result.Policy;
    }

    // 10.1.2.128/25 has the twin fd00:1:2:80::/57: each of the last three octets becomes a group, so that what an IPv4 prefix contains its
    // twin contains too. Addresses outside of 10.0.0.0/8 have theirs in 2001:db8::/32.
    private static string Inet6(string text)
    {
        string[] parts = text.Split('/');
        byte[] octets = IPAddress.Parse(parts[0]).GetAddressBytes();
        string address = $"{(octets[0] == 10 ? "fd00" : "2001:db8")}:{octets[1]:x}:{octets[2]:x}:{octets[3]:x}::";
        int length = parts.Length == 1 ? 0 : int.Parse(parts[1], null);
        return parts.Length == 1 ? address : $"{address}/{length / 8 * 16 + (length % 8 == 0 ? 0 : 8 + (length % 8))}";
    }

    [GeneratedRegex(@"both(: \[[^\]]*\])")]
    private static partial Regex Both();

    [GeneratedRegex(@"\b10\.[0-9./]+")]
    private static partial Regex Inet();
}
