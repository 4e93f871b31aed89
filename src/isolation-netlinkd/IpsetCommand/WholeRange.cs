using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// The range of all IPv4 addresses, which the kernel refuses. It is not told of ranges, and so its answer is given for it.
/// </summary>
internal static class WholeRange
{
    // linux/netfilter/ipset/ip_set.h and ip_set_hash.h.
    private const int IPSET_ERR_TIMEOUT = 4107;
    private const int IPSET_ERR_COUNTER = 4111;
    private const int IPSET_ERR_COMMENT = 4112;
    private const int IPSET_ERR_SKBINFO = 4114;
    private const int IPSET_ERR_INVALID_PROTO = 4354;
    private const int IPSET_ERR_HASH_RANGE = 4357;

    /// <summary>The error: the kernel looks at options and protocol first (ip_set_get_extensions, hash_netportnet4_uadt).</summary>
    public static int ErrorOf(IpsetClient client, in SetElement line)
    {
        IpsetEntry entry = line.Element.Entry;
        IpsetCreateOptions? set = client.GetInfo(line.Set.Name)?.Options;
        return set switch
        {
            { Timeout: null } when entry.Timeout is not null => IPSET_ERR_TIMEOUT,
            { Counters: false } when entry.Packets is not null || entry.Bytes is not null => IPSET_ERR_COUNTER,
            { Comments: false } when entry.Comment is not null => IPSET_ERR_COMMENT,
            { SkbInfo: false } when entry.SkbMark is not null || entry.SkbPriority is not null || entry.SkbQueue is not null =>
                IPSET_ERR_SKBINFO,
            _ when line.Set.Type == IpsetType.HashNetPortNet && entry.Protocol == 0 => IPSET_ERR_INVALID_PROTO,
            _ => IPSET_ERR_HASH_RANGE,
        };
    }
}
