using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Wire;

/// <summary>The flags of a netlink request: NLM_F_* of linux/netlink.h.</summary>
[Flags]
public enum NetlinkMessageFlags : ushort
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>NLM_F_REQUEST: set on every request.</summary>
    Request = NetlinkConstants.NLM_F_REQUEST,

    /// <summary>NLM_F_MULTI: one part of several, ended by NLMSG_DONE.</summary>
    Multi = NetlinkConstants.NLM_F_MULTI,

    /// <summary>NLM_F_ACK: the kernel answers also when all went well.</summary>
    Ack = NetlinkConstants.NLM_F_ACK,

    /// <summary>NLM_F_DUMP: the kernel answers with all objects. On a change request the same bit is NLM_F_EXCL.</summary>
    Dump = NetlinkConstants.NLM_F_DUMP,

    /// <summary>NLM_F_EXCL: an object that exists already, or one that is not there, is an error.</summary>
    Exclusive = NetlinkConstants.NLM_F_EXCL,

    /// <summary>NLM_F_CREATE: make the object.</summary>
    Create = NetlinkConstants.NLM_F_CREATE,
}
