using DcosIsolation.Netlink.Sockets;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Chooses the revision to create a set with: the lowest that has the options used, so that no kernel is asked for more than is needed.
/// </summary>
internal static class IpsetRevisionChoice
{
    // Comments came to hash:net with revision 4 (ip_set_hash_net.c) and to list:set with 2 (ip_set_list_set.c); the pair types have had
    // them from revision 0, and so had they nomatch, which came to hash:net with 2. Entries may be added with nomatch at any time.
    public static byte For(string set, IpsetType type, IpsetCreateOptions options, IpsetRevisions? kernel)
    {
        if (kernel is not { } revisions)
        {
            var missing = new NetlinkAnswer(Interop.IpsetErrors.IPSET_ERR_FIND_TYPE);
            throw new IpsetException(Interop.IpsetConstants.IPSET_CMD_CREATE, $"create the set {set} of type {type.Name()}", set, missing);
        }

        byte needed = (type, options.Comments) switch
        {
            (IpsetType.HashNet, false) => 2,
            (IpsetType.HashNet, true) => 4,
            (IpsetType.ListSet, true) => 2,
            _ => 0,
        };
        if (needed > revisions.Maximum)
        {
            throw new NotSupportedException(
                $"cannot create the set {set}: its options need revision {needed} of {type.Name()}, the kernel has {revisions.Maximum}");
        }

        return Math.Max(needed, revisions.Minimum);
    }
}
