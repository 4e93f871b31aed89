using System.Net;

namespace DcosIsolation.Policy.Tests;

/// <summary>A packet on its way through FORWARD; of ICMP, the port is type and code.</summary>
internal readonly record struct Packet(Family Family, UInt128 Source, UInt128 Destination, byte Protocol, ushort Port, bool Established)
{
    /// <summary>The source port; ICMP has none.</summary>
    public ushort SourcePort { get; init; }

    public static Packet Of(string source, string destination, string service, bool established = false)
    {
        Prefix from = Prefix.From(IPAddress.Parse(source), source.Contains(':', StringComparison.Ordinal) ? 128 : 32);
        Prefix to = Prefix.From(IPAddress.Parse(destination), from.Length);
        Service parsed = PolicyBuilder.Service(service);
        ushort port = parsed.IsIcmp ? (ushort)((parsed.IcmpType!.Value << 8) | (parsed.IcmpCode ?? 0)) : parsed.FirstPort;
        return new Packet(from.Family, from.Bits, to.Bits, (byte)parsed.Protocol, port, established);
    }
}
