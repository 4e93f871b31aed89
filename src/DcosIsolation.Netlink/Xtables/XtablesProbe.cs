using System.Text;
using DcosIsolation.Netlink.Interop;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Asks the kernel which matches and targets it has: IPT_SO_GET_REVISION_MATCH and the like (ip_tables.c, do_ipt_get_ctl). The kernel loads
/// the module if it has one. Needs CAP_NET_ADMIN and CAP_NET_RAW. Safe for any number of threads.
/// </summary>
public static class XtablesProbe
{
    /// <summary>Whether the kernel has a match.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="name">The match's name, such as <c>set</c>.</param>
    /// <param name="revision">The revision.</param>
    /// <exception cref="XtablesException">The kernel would not say: no capability, or no legacy xtables for this family.</exception>
    public static bool HasMatch(NetfilterFamily family, string name, byte revision) => Has(
        family, name, revision, ip_tables.IPT_SO_GET_REVISION_MATCH, ip6_tables.IP6T_SO_GET_REVISION_MATCH);

    /// <summary>Whether the kernel has a target.</summary>
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="name">The target's name, such as <c>REJECT</c>.</param>
    /// <param name="revision">The revision.</param>
    /// <exception cref="XtablesException">The kernel would not say: no capability, or no legacy xtables for this family.</exception>
    public static bool HasTarget(NetfilterFamily family, string name, byte revision) => Has(
        family, name, revision, ip_tables.IPT_SO_GET_REVISION_TARGET, ip6_tables.IP6T_SO_GET_REVISION_TARGET);

    private static unsafe bool Has(NetfilterFamily family, string name, byte revision, int ipv4Option, int ipv6Option)
    {
        XtablesErrors.CheckFamily(family);
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        if (bytes.Length is 0 or >= x_tables.XT_EXTENSION_MAXNAMELEN)
        {
            throw new ArgumentException($"a match or target has a name of 1 to {x_tables.XT_EXTENSION_MAXNAMELEN - 1} bytes", nameof(name));
        }

        xt_get_revision request = default;
        bytes.CopyTo(new Span<byte>(request.name, x_tables.XT_EXTENSION_MAXNAMELEN));
        request.revision = revision;

        bool isIpv4 = family == NetfilterFamily.Inet;
        int fd = socket(isIpv4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
        if (fd < 0)
        {
            throw XtablesErrors.Probe(family, name, errno);
        }

        using var owner = new SafeFileHandle(fd, ownsHandle: true);
        int error = Ask(fd, isIpv4 ? IPPROTO_IP : IPPROTO_IPV6, isIpv4 ? ipv4Option : ipv6Option, request);
        if (error == ENOPROTOOPT)
        {
            KernelModule.RequestTable(family, "filter");
            error = Ask(fd, isIpv4 ? IPPROTO_IP : IPPROTO_IPV6, isIpv4 ? ipv4Option : ipv6Option, request);
        }

        // x_tables.c, xt_find_revision: ENOENT if there is none of that name, EPROTONOSUPPORT if there is, but of other revisions.
        return error == 0 || (error == ENOENT || error == EPROTONOSUPPORT ? false : throw XtablesErrors.Probe(family, name, error));
    }

    private static unsafe int Ask(int fd, int level, int option, xt_get_revision request)
    {
        socklen_t length = sizeof(xt_get_revision);
        return getsockopt(fd, level, option, &request, &length) < 0 ? errno : 0;
    }
}
