using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>Connection states (<c>--ctstate</c>): the bits of state_mask in struct xt_conntrack_mtinfo3.</summary>
[Flags]
public enum ConntrackStates : ushort
{
    /// <summary>No state.</summary>
    None = 0,

    /// <summary>INVALID: conntrack can make nothing of the packet.</summary>
    Invalid = xt_conntrack.XT_CONNTRACK_STATE_INVALID,

    /// <summary>ESTABLISHED: the connection has seen packets both ways.</summary>
    Established = 1 << 1,

    /// <summary>RELATED: a new connection that belongs to another, or an ICMP error about one.</summary>
    Related = 1 << 2,

    /// <summary>NEW: the first packet, or packets so far one way only.</summary>
    New = 1 << 3,

    /// <summary>SNAT: the source address was translated.</summary>
    SourceNat = xt_conntrack.XT_CONNTRACK_STATE_SNAT,

    /// <summary>DNAT: the destination address was translated.</summary>
    DestinationNat = xt_conntrack.XT_CONNTRACK_STATE_DNAT,

    /// <summary>UNTRACKED: conntrack was told to leave the packet alone.</summary>
    Untracked = xt_conntrack.XT_CONNTRACK_STATE_UNTRACKED,
}
