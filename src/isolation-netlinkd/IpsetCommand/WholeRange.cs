using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// The range of all IPv4 addresses, which the kernel refuses. It is not told of ranges, and so its answer is given for it.
/// </summary>
internal static class WholeRange
{
    private const int IPSET_ERR_HASH_RANGE = 4357;

    /// <summary>The error: the kernel looks at everything else first (hash_net4_uadt and its like), also when it tests.</summary>
    public static int ErrorOf(IpsetClient client, in SetElement line)
    {
        try
        {
            client.Test(line.Set.Name, line.Element.Entry);
            return IPSET_ERR_HASH_RANGE;
        }
        catch (IpsetException e)
        {
            return e.NativeError;
        }
    }
}
