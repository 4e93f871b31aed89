using System.Text;
using Microsoft.Win32.SafeHandles;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Has the kernel load the module of a table. Until ip_tables is loaded nothing about tables reaches the kernel, and so nothing loads it:
/// iptables runs modprobe before anything else. Without running a program there is this: the kernel takes the name of an interface that
/// doesn't exist for a module's, if the caller may load modules, CAP_SYS_MODULE (net/core/dev_ioctl.c, dev_load).
/// </summary>
internal static class KernelModule
{
    /// <summary>IFNAMSIZ: the first field of struct ifreq.</summary>
    private const int NameSize = 16;

    /// <summary>Room for a struct ifreq, which is 40 bytes long where pointers have eight.</summary>
    private const int RequestSize = 64;

    /// <summary>
    /// Asks for iptable_filter and the like, and with it all that it needs. Whether that worked shows when the table is opened again.
    /// </summary>
    public static unsafe void RequestTable(NetfilterFamily family, string table)
    {
        byte[] module = Encoding.ASCII.GetBytes(family == NetfilterFamily.Inet ? $"iptable_{table}" : $"ip6table_{table}");
        int fd = module.Length < NameSize ? socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;
        if (fd < 0)
        {
            return;
        }

        using var owner = new SafeFileHandle(fd, ownsHandle: true);
        byte* request = stackalloc byte[RequestSize];
        new Span<byte>(request, RequestSize).Clear();
        module.CopyTo(new Span<byte>(request, NameSize));

        // ENODEV whatever happens: there is no interface of that name.
        _ = ioctl(fd, SIOCGIFFLAGS, request);
    }
}
