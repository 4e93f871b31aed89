using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Output;

/// <summary>How families are called in what users read, and in JSON.</summary>
internal static class FamilyText
{
    public static string Name(Family family) => family == Family.Inet ? "IPv4" : "IPv6";

    public static string JsonName(Family family) => family == Family.Inet ? "ipv4" : "ipv6";
}
