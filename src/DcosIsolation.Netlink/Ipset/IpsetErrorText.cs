using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Decodes ipset error codes and puts them into words.</summary>
internal static class IpsetErrorText
{
    public static IpsetError Decode(int code, bool isList) => code switch
    {
        IpsetErrors.IPSET_ERR_PROTOCOL => IpsetError.Protocol,
        IpsetErrors.IPSET_ERR_FIND_TYPE => IpsetError.TypeNotFound,
        IpsetErrors.IPSET_ERR_MAX_SETS => IpsetError.TooManySets,
        IpsetErrors.IPSET_ERR_BUSY => IpsetError.Busy,
        IpsetErrors.IPSET_ERR_EXIST_SETNAME2 => IpsetError.SecondName,
        IpsetErrors.IPSET_ERR_TYPE_MISMATCH => IpsetError.TypeMismatch,
        IpsetErrors.IPSET_ERR_EXIST => IpsetError.Exists,
        IpsetErrors.IPSET_ERR_INVALID_CIDR => IpsetError.InvalidPrefixLength,
        IpsetErrors.IPSET_ERR_INVALID_NETMASK => IpsetError.InvalidNetmask,
        IpsetErrors.IPSET_ERR_INVALID_FAMILY => IpsetError.InvalidFamily,
        IpsetErrors.IPSET_ERR_TIMEOUT => IpsetError.NoTimeouts,
        IpsetErrors.IPSET_ERR_REFERENCED => IpsetError.Referenced,
        IpsetErrors.IPSET_ERR_IPADDR_IPV4 => IpsetError.Ipv4AddressExpected,
        IpsetErrors.IPSET_ERR_IPADDR_IPV6 => IpsetError.Ipv6AddressExpected,
        IpsetErrors.IPSET_ERR_COUNTER => IpsetError.NoCounters,
        IpsetErrors.IPSET_ERR_COMMENT => IpsetError.NoComments,
        IpsetErrors.IPSET_ERR_SKBINFO => IpsetError.NoSkbInfo,
        IpsetErrors.IPSET_ERR_BITMASK_NETMASK_EXCL => IpsetError.NetmaskAndBitmask,
        >= IpsetErrors.IPSET_ERR_TYPE_SPECIFIC => isList ? DecodeList(code) : DecodeHash(code),
        _ => IpsetError.None,
    };

    /// <summary>Why the kernel refused, in words.</summary>
    /// <param name="command">IPSET_CMD_*.</param>
    /// <param name="code">The error number.</param>
    /// <param name="error">The same, decoded.</param>
    /// <param name="capacity">How many entries the set takes, where that is known.</param>
    public static string Reason(byte command, int code, IpsetError error, uint? capacity = null) => error switch
    {
        IpsetError.Protocol when command is IpsetConstants.IPSET_CMD_ADD or IpsetConstants.IPSET_CMD_DEL or IpsetConstants.IPSET_CMD_TEST =>
            "the entry does not fit the set: it is of another family or type, or has an option that the set's revision lacks",
        IpsetError.Protocol => "the kernel finds the request malformed, or its revision of the set type lacks an option",
        IpsetError.TypeNotFound => "the kernel has no such set type in this family and revision; load or build its module (ip_set_…)",
        IpsetError.TooManySets => "the kernel takes no more sets",
        IpsetError.Busy => "a rule, a list or a dump uses it",
        IpsetError.SecondName when command == IpsetConstants.IPSET_CMD_SWAP => "there is no set of the second name",
        IpsetError.SecondName => "a set of the new name exists already",
        IpsetError.TypeMismatch => "the two sets differ in type or family",
        IpsetError.Exists when command == IpsetConstants.IPSET_CMD_ADD => "the entry is there already",
        IpsetError.Exists => "the entry is not there",
        IpsetError.InvalidPrefixLength => "the set type does not take this prefix length; for all addresses add two prefixes of length 1",
        IpsetError.InvalidNetmask => "the netmask is not valid",
        IpsetError.InvalidFamily => "the set type does not take this family",
        IpsetError.NoTimeouts => "the set was created without timeouts",
        IpsetError.Referenced => "a rule or a list refers to it; remove that first",
        IpsetError.Ipv4AddressExpected => "the set holds IPv4 addresses",
        IpsetError.Ipv6AddressExpected => "the set holds IPv6 addresses",
        IpsetError.NoCounters => "the set was created without counters",
        IpsetError.NoComments => "the set was created without comments",
        IpsetError.NoSkbInfo => "the set was created without skbinfo",
        IpsetError.NetmaskAndBitmask => "a set has a netmask or a bitmask, not both",
        IpsetError.HashFull => "the set is full" + (capacity is null ? "" : $" (maxelem {capacity})"),
        IpsetError.NullEntry => "the set type cannot hold this entry",
        IpsetError.InvalidProtocol => "the protocol is not valid",
        IpsetError.MissingProtocol => "a port needs a protocol",
        IpsetError.Range => "the set type does not take this range",
        IpsetError.MemberMissing => "the member is no existing set",
        IpsetError.MemberIsList => "a list:set cannot be a member of a list:set",
        IpsetError.ListFull => "the list is full" + (capacity is null ? "" : $" (size {capacity})"),
        IpsetError.ReferenceMissing => "the set that gives the position is not there",
        _ when (Errno)code == Errno.NoEntry => "there is no set of that name",
        _ when (Errno)code == Errno.Exists => "a set of that name exists already",
        _ => ErrnoText.Of(code),
    };

    private static IpsetError DecodeHash(int code) => code switch
    {
        IpsetHashErrors.IPSET_ERR_HASH_FULL => IpsetError.HashFull,
        IpsetHashErrors.IPSET_ERR_HASH_ELEM => IpsetError.NullEntry,
        IpsetHashErrors.IPSET_ERR_INVALID_PROTO => IpsetError.InvalidProtocol,
        IpsetHashErrors.IPSET_ERR_MISSING_PROTO => IpsetError.MissingProtocol,
        IpsetHashErrors.IPSET_ERR_HASH_RANGE_UNSUPPORTED or IpsetHashErrors.IPSET_ERR_HASH_RANGE => IpsetError.Range,
        _ => IpsetError.None,
    };

    private static IpsetError DecodeList(int code) => code switch
    {
        IpsetListErrors.IPSET_ERR_NAME => IpsetError.MemberMissing,
        IpsetListErrors.IPSET_ERR_LOOP => IpsetError.MemberIsList,
        IpsetListErrors.IPSET_ERR_LIST_FULL => IpsetError.ListFull,
        IpsetListErrors.IPSET_ERR_BEFORE or IpsetListErrors.IPSET_ERR_NAMEREF or IpsetListErrors.IPSET_ERR_REF_EXIST =>
            IpsetError.ReferenceMissing,
        _ => IpsetError.None,
    };
}
