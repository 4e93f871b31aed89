namespace DcosIsolation.Netlink.Interop;

/// <summary>linux/netfilter/ipset/ip_set.h: commands and sizes.</summary>
internal static class IpsetConstants
{
    public const int IPSET_MAXNAMELEN = 32;
    public const byte IPSET_PROTOCOL = 7;
    public const byte IPSET_PROTOCOL_MIN = 6;
    public const int IPSET_MAX_COMMENT_SIZE = 255;

    public const byte IPSET_CMD_PROTOCOL = 1;
    public const byte IPSET_CMD_CREATE = 2;
    public const byte IPSET_CMD_DESTROY = 3;
    public const byte IPSET_CMD_FLUSH = 4;
    public const byte IPSET_CMD_RENAME = 5;
    public const byte IPSET_CMD_SWAP = 6;
    public const byte IPSET_CMD_LIST = 7;
    public const byte IPSET_CMD_ADD = 9;
    public const byte IPSET_CMD_DEL = 10;
    public const byte IPSET_CMD_TEST = 11;
    public const byte IPSET_CMD_TYPE = 13;
    public const byte IPSET_CMD_GET_BYNAME = 14;

    // In IPSET_ATTR_FLAGS of a command.
    public const uint IPSET_FLAG_LIST_SETNAME = 1 << 1;
    public const uint IPSET_FLAG_LIST_HEADER = 1 << 2;

    // In IPSET_ATTR_CADT_FLAGS.
    public const uint IPSET_FLAG_BEFORE = 1 << 0;
    public const uint IPSET_FLAG_NOMATCH = 1 << 2;
    public const uint IPSET_FLAG_WITH_COUNTERS = 1 << 3;
    public const uint IPSET_FLAG_WITH_COMMENT = 1 << 4;
    public const uint IPSET_FLAG_WITH_FORCEADD = 1 << 5;
    public const uint IPSET_FLAG_WITH_SKBINFO = 1 << 6;
}

/// <summary>linux/netfilter/ipset/ip_set.h: attributes of a command, and of its nested data.</summary>
internal static class IpsetAttributes
{
    public const ushort IPSET_ATTR_PROTOCOL = 1;
    public const ushort IPSET_ATTR_SETNAME = 2;
    public const ushort IPSET_ATTR_TYPENAME = 3;
    public const ushort IPSET_ATTR_SETNAME2 = IPSET_ATTR_TYPENAME;
    public const ushort IPSET_ATTR_REVISION = 4;
    public const ushort IPSET_ATTR_FAMILY = 5;
    public const ushort IPSET_ATTR_FLAGS = 6;
    public const ushort IPSET_ATTR_DATA = 7;
    public const ushort IPSET_ATTR_ADT = 8;
    public const ushort IPSET_ATTR_LINENO = 9;
    public const ushort IPSET_ATTR_PROTOCOL_MIN = 10;
    public const ushort IPSET_ATTR_REVISION_MIN = IPSET_ATTR_PROTOCOL_MIN;
    public const ushort IPSET_ATTR_INDEX = 11;

    // Inside IPSET_ATTR_DATA.
    public const ushort IPSET_ATTR_IP = 1;
    public const ushort IPSET_ATTR_CIDR = 3;
    public const ushort IPSET_ATTR_PORT = 4;
    public const ushort IPSET_ATTR_TIMEOUT = 6;
    public const ushort IPSET_ATTR_PROTO = 7;
    public const ushort IPSET_ATTR_CADT_FLAGS = 8;

    // Inside IPSET_ATTR_DATA of a create request or a dump's header.
    public const ushort IPSET_ATTR_INITVAL = 17;
    public const ushort IPSET_ATTR_HASHSIZE = 18;
    public const ushort IPSET_ATTR_MAXELEM = 19;
    public const ushort IPSET_ATTR_NETMASK = 20;
    public const ushort IPSET_ATTR_BUCKETSIZE = 21;
    public const ushort IPSET_ATTR_SIZE = 23;
    public const ushort IPSET_ATTR_ELEMENTS = 24;
    public const ushort IPSET_ATTR_REFERENCES = 25;
    public const ushort IPSET_ATTR_MEMSIZE = 26;
    public const ushort IPSET_ATTR_BITMASK = 27;

    // Inside IPSET_ATTR_DATA of an entry: the numbers mean other things there.
    public const ushort IPSET_ATTR_NAME = 18;
    public const ushort IPSET_ATTR_NAMEREF = 19;
    public const ushort IPSET_ATTR_IP2 = 20;
    public const ushort IPSET_ATTR_CIDR2 = 21;
    public const ushort IPSET_ATTR_BYTES = 24;
    public const ushort IPSET_ATTR_PACKETS = 25;
    public const ushort IPSET_ATTR_COMMENT = 26;
    public const ushort IPSET_ATTR_SKBMARK = 27;
    public const ushort IPSET_ATTR_SKBPRIO = 28;
    public const ushort IPSET_ATTR_SKBQUEUE = 29;
    public const ushort IPSET_ATTR_PAD = 30;

    // Inside IPSET_ATTR_IP and IPSET_ATTR_IP2.
    public const ushort IPSET_ATTR_IPADDR_IPV4 = 1;
    public const ushort IPSET_ATTR_IPADDR_IPV6 = 2;
}

/// <summary>linux/netfilter/ipset/ip_set.h: enum ipset_errno.</summary>
internal static class IpsetErrors
{
    public const int IPSET_ERR_PRIVATE = 4096;
    public const int IPSET_ERR_PROTOCOL = 4097;
    public const int IPSET_ERR_FIND_TYPE = 4098;
    public const int IPSET_ERR_MAX_SETS = 4099;
    public const int IPSET_ERR_BUSY = 4100;
    public const int IPSET_ERR_EXIST_SETNAME2 = 4101;
    public const int IPSET_ERR_TYPE_MISMATCH = 4102;
    public const int IPSET_ERR_EXIST = 4103;
    public const int IPSET_ERR_INVALID_CIDR = 4104;
    public const int IPSET_ERR_INVALID_NETMASK = 4105;
    public const int IPSET_ERR_INVALID_FAMILY = 4106;
    public const int IPSET_ERR_TIMEOUT = 4107;
    public const int IPSET_ERR_REFERENCED = 4108;
    public const int IPSET_ERR_IPADDR_IPV4 = 4109;
    public const int IPSET_ERR_IPADDR_IPV6 = 4110;
    public const int IPSET_ERR_COUNTER = 4111;
    public const int IPSET_ERR_COMMENT = 4112;
    public const int IPSET_ERR_INVALID_MARKMASK = 4113;
    public const int IPSET_ERR_SKBINFO = 4114;
    public const int IPSET_ERR_BITMASK_NETMASK_EXCL = 4115;
    public const int IPSET_ERR_TYPE_SPECIFIC = 4352;
}

/// <summary>linux/netfilter/ipset/ip_set_hash.h: the codes from IPSET_ERR_TYPE_SPECIFIC on, for the hash types.</summary>
internal static class IpsetHashErrors
{
    public const int IPSET_ERR_HASH_FULL = 4352;
    public const int IPSET_ERR_HASH_ELEM = 4353;
    public const int IPSET_ERR_INVALID_PROTO = 4354;
    public const int IPSET_ERR_MISSING_PROTO = 4355;
    public const int IPSET_ERR_HASH_RANGE_UNSUPPORTED = 4356;
    public const int IPSET_ERR_HASH_RANGE = 4357;
}

/// <summary>linux/netfilter/ipset/ip_set_list.h: the same codes for list:set.</summary>
internal static class IpsetListErrors
{
    public const int IPSET_ERR_NAME = 4352;
    public const int IPSET_ERR_LOOP = 4353;
    public const int IPSET_ERR_BEFORE = 4354;
    public const int IPSET_ERR_NAMEREF = 4355;
    public const int IPSET_ERR_LIST_FULL = 4356;
    public const int IPSET_ERR_REF_EXIST = 4357;
}
