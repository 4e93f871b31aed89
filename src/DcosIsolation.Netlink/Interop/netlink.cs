using System.Runtime.InteropServices;

namespace DcosIsolation.Netlink.Interop;

/// <summary>linux/netlink.h: the address of a netlink socket.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct sockaddr_nl
{
    public ushort nl_family;
    public ushort nl_pad;
    public uint nl_pid;
    public uint nl_groups;
}

/// <summary>linux/netlink.h: the header of a message.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct nlmsghdr
{
    public uint nlmsg_len;
    public ushort nlmsg_type;
    public ushort nlmsg_flags;
    public uint nlmsg_seq;
    public uint nlmsg_pid;
}

/// <summary>linux/netlink.h: the payload of NLMSG_ERROR.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct nlmsgerr
{
    public int error;
    public nlmsghdr msg;
}

/// <summary>linux/netlink.h: the header of an attribute.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct nlattr
{
    public ushort nla_len;
    public ushort nla_type;
}

/// <summary>linux/netlink.h.</summary>
internal static class NetlinkConstants
{
    public const int NETLINK_NETFILTER = 12;

    public const int SOL_NETLINK = 270;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;

    public const ushort NLMSG_NOOP = 1;
    public const ushort NLMSG_ERROR = 2;
    public const ushort NLMSG_DONE = 3;
    public const ushort NLMSG_OVERRUN = 4;
    public const int NLMSG_ALIGNTO = 4;

    public const ushort NLM_F_REQUEST = 0x001;
    public const ushort NLM_F_MULTI = 0x002;
    public const ushort NLM_F_ACK = 0x004;
    public const ushort NLM_F_DUMP = 0x300;
    public const ushort NLM_F_DUMP_INTR = 0x010;
    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;
    public const ushort NLM_F_CAPPED = 0x100;
    public const ushort NLM_F_ACK_TLVS = 0x200;

    public const ushort NLMSGERR_ATTR_MSG = 1;
    public const ushort NLMSGERR_ATTR_OFFS = 2;

    public const int NLA_ALIGNTO = 4;
    public const ushort NLA_F_NESTED = 1 << 15;
    public const ushort NLA_F_NET_BYTEORDER = 1 << 14;
    public const ushort NLA_TYPE_MASK = 0x3fff;
}
