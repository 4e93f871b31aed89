namespace DcosIsolation.KernelTests.Daemon;

/// <summary>Policies that several tests apply.</summary>
internal static class Policies
{
    /// <summary>The seed's example, in both families.</summary>
    public const string HrIt = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
          it: {subnets: [10.250.0.0/16, "fd00:2::/64"]}
        allow:
          - {from: hr, to: it, ports: [80/tcp]}

        """;

    /// <summary>The same with another prefix in it and one more thing allowed.</summary>
    public const string HrItMore = """
        version: 1
        networks:
          hr: {subnets: [192.168.0.0/16, "fd00:1::/64"]}
          it: {subnets: [10.250.0.0/16, 10.251.0.0/24, "fd00:2::/64"]}
        allow:
          - {from: hr, to: it, ports: [80/tcp]}
          - {from: it, to: hr, ports: [53/udp]}

        """;
}
