using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink;

/// <summary>Why the kernel answered with an error number, and what to do, where the number alone says it.</summary>
internal static class ErrnoText
{
    public static string Of(int error) => (Errno)error switch
    {
        Errno.NotPermitted => "the process lacks CAP_NET_ADMIN in this network namespace (EPERM); run it as root or with that capability",
        Errno.NoEntry => "there is no such object (ENOENT)",
        Errno.TryAgain => "the kernel asks to try again (EAGAIN)",
        Errno.NoMemory => "the kernel has no memory for it (ENOMEM); the memory cgroup's limit counts too",
        Errno.Busy => "it is in use (EBUSY)",
        Errno.Exists => "it exists already (EEXIST)",
        Errno.InvalidArgument => "the kernel does not accept the request (EINVAL)",
        Errno.TooManyOpenFiles => "the process has too many files open (EMFILE); raise its limit (ulimit -n)",
        Errno.FamilyNotSupported => "the kernel has no such address family (EAFNOSUPPORT)",
        Errno.MessageTooLong => "the message is larger than the socket's send buffer (EMSGSIZE)",
        Errno.NoBufferSpace => "replies were lost because the receive buffer was full (ENOBUFS); read the state back",
        Errno.ProtocolNotSupported => "the kernel has no netfilter netlink (EPROTONOSUPPORT); it needs CONFIG_NETFILTER_NETLINK",
        Errno.NotSupported => "the kernel does not support it (EOPNOTSUPP)",
        Errno.TimedOut => "no answer came in time (ETIMEDOUT); read the state back",
        _ => $"the kernel answered with error {error}",
    };

    /// <summary>The errno's C name, or its number; empty for 0.</summary>
    public static string NameOf(int errno)
    {
        ReadOnlySpan<(int Errno, string Name)> names =
        [
            (EPERM, "EPERM"), (ENOENT, "ENOENT"), (EINTR, "EINTR"), (EIO, "EIO"), (E2BIG, "E2BIG"), (EAGAIN, "EAGAIN"), (ENOMEM, "ENOMEM"),
            (EACCES, "EACCES"), (EBUSY, "EBUSY"), (EEXIST, "EEXIST"), (ENOTDIR, "ENOTDIR"), (EISDIR, "EISDIR"), (EINVAL, "EINVAL"),
            (ENFILE, "ENFILE"), (EMFILE, "EMFILE"), (ENOSPC, "ENOSPC"), (EROFS, "EROFS"), (EMLINK, "EMLINK"), (ERANGE, "ERANGE"),
            (ENOSYS, "ENOSYS"), (ENOTEMPTY, "ENOTEMPTY"), (ELOOP, "ELOOP"), (EPROTO, "EPROTO"), (EOVERFLOW, "EOVERFLOW"),
            (ENOPROTOOPT, "ENOPROTOOPT"), (EPROTONOSUPPORT, "EPROTONOSUPPORT"), (EOPNOTSUPP, "EOPNOTSUPP"), (EAFNOSUPPORT, "EAFNOSUPPORT"),
            (ENOBUFS, "ENOBUFS"), (EMSGSIZE, "EMSGSIZE"), (ETIMEDOUT, "ETIMEDOUT"),
        ];
        foreach ((int value, string name) in names)
        {
            if (value == errno)
            {
                return name;
            }
        }

        return errno == 0 ? "" : $"errno {errno}";
    }
}
