namespace DcosIsolation.Netlink;

/// <summary>The protocol family of a netfilter object: the kernel's NFPROTO_* and AF_* values (linux/netfilter.h).</summary>
public enum NetfilterFamily : byte
{
    /// <summary>No family: NFPROTO_UNSPEC.</summary>
    Unspecified = 0,

    /// <summary>IPv4: NFPROTO_IPV4, AF_INET.</summary>
    Inet = 2,

    /// <summary>IPv6: NFPROTO_IPV6, AF_INET6.</summary>
    Inet6 = 10,
}
