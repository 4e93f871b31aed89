using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>The logger through which a family's packets are logged in this network namespace, as sysctl net.netfilter.nf_log binds it.</summary>
/// <param name="Name"><c>nf_log_ipv4</c>, <c>nfnetlink_log</c> and so on, or null if none is bound or it cannot be read.</param>
/// <param name="IsInitialNamespace">Whether this is the namespace that the machine booted with.</param>
internal sealed record BoundLogger(string? Name, bool IsInitialNamespace)
{
    private const string Sysctls = "/proc/sys/net/netfilter/";

    /// <summary>Whether it writes to the kernel's log: nf_log_syslog calls itself nf_log_ipv4 and nf_log_ipv6.</summary>
    public bool IsKernelLog => Name?.StartsWith("nf_log_", StringComparison.Ordinal) == true;

    /// <summary>The number of the protocol family, by which the sysctl is called: NFPROTO_IPV4 or NFPROTO_IPV6.</summary>
    public static int Number(Family family) => family == Family.Inet ? 2 : 10;

    public static BoundLogger Of(Family family)
    {
        // nf_log_all_netns is in the initial namespace only (net/netfilter/nf_log.c, netfilter_log_sysctl_init).
        string? name = Read($"{Sysctls}nf_log/{Number(family)}");
        return new BoundLogger(name is "NONE" or "" ? null : name, File.Exists(Sysctls + "nf_log_all_netns"));
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
