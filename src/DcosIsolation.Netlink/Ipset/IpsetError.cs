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

    /// <summary>IPSET_ERR_SKBINFO: a mark, priority or queue for a set without skbinfo.</summary>
    NoSkbInfo,

    /// <summary>IPSET_ERR_BITMASK_NETMASK_EXCL: a netmask and a bitmask for one set.</summary>
    NetmaskAndBitmask,

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
