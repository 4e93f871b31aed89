using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>What an ipset error code means. From 4352 on the same code means different things to a hash type and to list:set.</summary>
public enum IpsetError
{
    /// <summary>The code is a plain errno, or one that the library does not know.</summary>
    None,

    /// <summary>IPSET_ERR_PROTOCOL: the kernel finds the request malformed, or an option that its revision of the type lacks.</summary>
    Protocol,

    /// <summary>IPSET_ERR_FIND_TYPE: the kernel has no such set type, or not in this family and revision.</summary>
    TypeNotFound,

    /// <summary>IPSET_ERR_MAX_SETS: no more sets.</summary>
    TooManySets,

    /// <summary>IPSET_ERR_BUSY: a rule, a list or a dump uses the set.</summary>
    Busy,

    /// <summary>IPSET_ERR_EXIST_SETNAME2: the second name of a rename exists, or that of a swap does not.</summary>
    SecondName,

    /// <summary>IPSET_ERR_TYPE_MISMATCH: sets of different types or families cannot be swapped.</summary>
    TypeMismatch,

    /// <summary>IPSET_ERR_EXIST: the entry is there already, or not there.</summary>
    Exists,

    /// <summary>IPSET_ERR_INVALID_CIDR: a prefix length that the type does not take, such as 0.</summary>
    InvalidPrefixLength,

    /// <summary>IPSET_ERR_INVALID_NETMASK.</summary>
    InvalidNetmask,

    /// <summary>IPSET_ERR_INVALID_FAMILY: a family that the type does not take.</summary>
    InvalidFamily,

    /// <summary>IPSET_ERR_TIMEOUT: a timeout for a set without timeouts.</summary>
    NoTimeouts,

    /// <summary>IPSET_ERR_REFERENCED: the set is referred to.</summary>
    Referenced,

    /// <summary>IPSET_ERR_IPADDR_IPV4: an IPv4 address is expected.</summary>
    Ipv4AddressExpected,

    /// <summary>IPSET_ERR_IPADDR_IPV6: an IPv6 address is expected.</summary>
    Ipv6AddressExpected,

    /// <summary>IPSET_ERR_COUNTER: counters for a set without counters.</summary>
    NoCounters,

    /// <summary>IPSET_ERR_COMMENT: a comment for a set without comments.</summary>
    NoComments,

    /// <summary>IPSET_ERR_HASH_FULL: the set holds maxelem entries.</summary>
    HashFull,

    /// <summary>IPSET_ERR_HASH_ELEM: an entry that the type cannot hold.</summary>
    NullEntry,

    /// <summary>IPSET_ERR_INVALID_PROTO: no such protocol.</summary>
    InvalidProtocol,

    /// <summary>IPSET_ERR_MISSING_PROTO: a port without a protocol.</summary>
    MissingProtocol,

    /// <summary>IPSET_ERR_HASH_RANGE_UNSUPPORTED and IPSET_ERR_HASH_RANGE: a range that the type does not take.</summary>
    Range,

    /// <summary>IPSET_ERR_NAME: the set that is to become a member does not exist.</summary>
    MemberMissing,

    /// <summary>IPSET_ERR_LOOP: a list:set cannot be a member.</summary>
    MemberIsList,

    /// <summary>IPSET_ERR_LIST_FULL: the list holds as many members as it was created for.</summary>
    ListFull,

    /// <summary>IPSET_ERR_BEFORE, IPSET_ERR_NAMEREF and IPSET_ERR_REF_EXIST: the set named for the position is not there.</summary>
    ReferenceMissing,
}

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
        >= IpsetErrors.IPSET_ERR_TYPE_SPECIFIC => isList ? DecodeList(code) : DecodeHash(code),
        _ => IpsetError.None,
    };

    public static string Reason(int code, IpsetError error) => error switch
    {
        IpsetError.Protocol => "the kernel finds the request malformed, or its revision of the set type lacks an option",
        IpsetError.TypeNotFound => "the kernel has no such set type in this family and revision; load or build its module (ip_set_…)",
        IpsetError.TooManySets => "the kernel takes no more sets",
        IpsetError.Busy => "a rule, a list or a dump uses it",
        IpsetError.SecondName => "the second set exists already (rename), or does not exist (swap)",
        IpsetError.TypeMismatch => "the two sets differ in type or family",
        IpsetError.Exists => "the entry is there already, or is not there",
        IpsetError.InvalidPrefixLength => "the set type does not take this prefix length; for all addresses add two prefixes of length 1",
        IpsetError.InvalidNetmask => "the netmask is not valid",
        IpsetError.InvalidFamily => "the set type does not take this family",
        IpsetError.NoTimeouts => "the set was created without timeouts",
        IpsetError.Referenced => "a rule or a list refers to it; remove that first",
        IpsetError.Ipv4AddressExpected => "the set holds IPv4 addresses",
        IpsetError.Ipv6AddressExpected => "the set holds IPv6 addresses",
        IpsetError.NoCounters => "the set was created without counters",
        IpsetError.NoComments => "the set was created without comments",
        IpsetError.HashFull => "the set is full: it holds maxelem entries",
        IpsetError.NullEntry => "the set type cannot hold this entry",
        IpsetError.InvalidProtocol => "the protocol is not valid",
        IpsetError.MissingProtocol => "a port needs a protocol",
        IpsetError.Range => "the set type does not take this range",
        IpsetError.MemberMissing => "the member is no existing set",
        IpsetError.MemberIsList => "a list:set cannot be a member of a list:set",
        IpsetError.ListFull => "the list is full: it holds as many members as it was created for",
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
