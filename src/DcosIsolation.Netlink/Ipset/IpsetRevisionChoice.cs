using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Sockets;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Chooses the revision to create a set with: the lowest that has the options used, so that no kernel is asked for more than is needed.
/// </summary>
internal static class IpsetRevisionChoice
{
    private static readonly IpsetFeature[] s_features = Enum.GetValues<IpsetFeature>();

    public static byte For(string set, IpsetType type, IpsetCreateOptions options, IpsetRevisions? kernel)
    {
        if (kernel is not { } revisions)
        {
            var missing = new NetlinkAnswer(IpsetErrors.IPSET_ERR_FIND_TYPE);
            throw new IpsetException(IpsetConstants.IPSET_CMD_CREATE, $"create the set {set} of type {type.Name()}", set, missing);
        }

        // Entries may be added with nomatch at any time, and a set's revision cannot be changed later.
        byte needed = options.Revision is null ? type.FirstRevision(IpsetFeature.NoMatch) ?? (byte)0 : (byte)0;
        foreach (IpsetFeature feature in s_features)
        {
            if (options.Uses(feature))
            {
                needed = Math.Max(needed, type.FirstRevision(feature)
                    ?? throw new NotSupportedException($"cannot create the set {set}: a {type.Name()} has no option {feature}"));
            }
        }

        byte wanted = options.Revision ?? needed;
        if (wanted < needed)
        {
            throw new NotSupportedException(
                $"cannot create the set {set}: its options need revision {needed} of {type.Name()}, revision {wanted} was asked for");
        }

        if (wanted > revisions.Maximum)
        {
            throw new NotSupportedException(
                $"cannot create the set {set}: its options need revision {wanted} of {type.Name()}, the kernel has {revisions.Maximum}");
        }

        return Math.Max(wanted, revisions.Minimum);
    }

    /// <summary>Why a set cannot hold an entry, if that is because an option of the entry came with a later revision than the set has.</summary>
    public static string? Missing(in IpsetEntry entry, IpsetInfo set)
    {
        foreach (IpsetFeature feature in s_features)
        {
            if (set.Type is { } type && entry.Uses(feature))
            {
                switch (type.FirstRevision(feature))
                {
                    case null:
                        return $"a {type.Name()} has no {feature}";
                    case { } needed when needed > set.Revision:
                        return $"{feature} needs revision {needed} of {type.Name()}, the set has {set.Revision}";
                }
            }
        }

        return null;
    }
}
