namespace DcosIsolation.Netlink;

/// <summary>
/// The error numbers that netlink and xtables answer with (asm-generic/errno.h); other values are possible and keep their number.
/// </summary>
public enum Errno
{
    /// <summary>No error.</summary>
    None = 0,

    /// <summary>EPERM: the caller lacks CAP_NET_ADMIN in the network namespace's user namespace.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT: no such object.</summary>
    NoEntry = 2,

    /// <summary>EINTR: interrupted.</summary>
    Interrupted = 4,

    /// <summary>EAGAIN: try again.</summary>
    TryAgain = 11,

    /// <summary>ENOMEM: the kernel has no memory for it.</summary>
    NoMemory = 12,

    /// <summary>EACCES: access denied.</summary>
    AccessDenied = 13,

    /// <summary>EBUSY: the object is in use.</summary>
    Busy = 16,

    /// <summary>EEXIST: the object exists.</summary>
    Exists = 17,

    /// <summary>EINVAL: an argument that the kernel does not accept.</summary>
    InvalidArgument = 22,

    /// <summary>EMFILE: too many open files in the process.</summary>
    TooManyOpenFiles = 24,

    /// <summary>ENOSPC: no space left.</summary>
    NoSpace = 28,

    /// <summary>EMLINK: a chain that is still referred to.</summary>
    TooManyLinks = 31,

    /// <summary>ERANGE: a value out of range.</summary>
    OutOfRange = 34,

    /// <summary>ENAMETOOLONG: a name that is too long.</summary>
    NameTooLong = 36,

    /// <summary>ENOTEMPTY: a chain that still has rules.</summary>
    NotEmpty = 39,

    /// <summary>ELOOP: a loop of chains.</summary>
    Loop = 40,

    /// <summary>EMSGSIZE: a message larger than the socket takes.</summary>
    MessageTooLong = 90,

    /// <summary>ENOPROTOOPT: no such socket option, so the kernel part behind it is missing.</summary>
    NoProtocolOption = 92,

    /// <summary>EPROTONOSUPPORT: no such protocol.</summary>
    ProtocolNotSupported = 93,

    /// <summary>EOPNOTSUPP: not supported.</summary>
    NotSupported = 95,

    /// <summary>EAFNOSUPPORT: no such address family.</summary>
    FamilyNotSupported = 97,

    /// <summary>ENOBUFS: replies were lost, the receive buffer was full.</summary>
    NoBufferSpace = 105,

    /// <summary>ETIMEDOUT: no answer in time.</summary>
    TimedOut = 110,
}
