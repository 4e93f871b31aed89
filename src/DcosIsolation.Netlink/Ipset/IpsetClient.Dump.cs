using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Sockets;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Takes one entry of a set that is read.</summary>
public delegate void IpsetEntryHandler(in IpsetEntry entry);

/// <summary>Takes one entry of a hash:net set that is read: one that is nothing but a prefix.</summary>
public delegate void IpsetPrefixHandler(in IpsetPrefix prefix);

/// <content>Reading sets back: IPSET_CMD_LIST.</content>
public sealed partial class IpsetClient
{
    /// <summary>The headers of all sets in the namespace, of every type, without entries.</summary>
    /// <remarks>
    /// A dump is no snapshot: sets that others make or destroy meanwhile may be in it or not, and while so many are made that the kernel's table
    /// of sets grows, every list:set can be missing (seen on Linux 6.18). <see cref="GetInfo"/> is exact.
    /// </remarks>
    public IReadOnlyList<IpsetInfo> List()
    {
        var headers = new List<IpsetInfo>();
        NetlinkAnswer answer = Dump(set: null, headersOnly: true, new DumpState(headers, null));
        return answer.IsSuccess ? headers : throw new IpsetException(IpsetConstants.IPSET_CMD_LIST, "list the sets", "", answer);
    }

    /// <summary>The header of one set, or null when there is none of that name.</summary>
    public IpsetInfo? GetInfo(string set)
    {
        IpsetName.Check(set);
        var headers = new List<IpsetInfo>();
        NetlinkAnswer answer = Dump(set, headersOnly: true, new DumpState(headers, null));
        return answer.Error switch
        {
            0 => headers.Count > 0 ? headers[0] : null,
            (int)Errno.NoEntry => null,
            _ => throw new IpsetException(IpsetConstants.IPSET_CMD_LIST, $"read the header of {set}", set, answer),
        };
    }

    /// <summary>Reads the entries of one set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="handler">Takes each entry, in the kernel's order: none for the hash types, the list's for list:set.</param>
    /// <returns>The set's header.</returns>
    /// <remarks>
    /// A dump is neither a snapshot nor does it tell when the set changed under it: keep one writer, or compare the count and read again.
    /// While it is read, it pins the set: it can be neither swapped, renamed nor destroyed.
    /// </remarks>
    /// <exception cref="NotSupportedException">The set's type is none that the library speaks.</exception>
    public IpsetInfo ReadEntries(string set, IpsetEntryHandler handler)
    {
        ArgumentNullException.ThrowIfNull(handler);
        return Read(set, new DumpState([], handler));
    }

    /// <summary>Reads the entries of one set, and those of a hash:net that are nothing but a prefix as such, which is quicker.</summary>
    /// <param name="set">The set.</param>
    /// <param name="prefixHandler">Takes each entry of a hash:net without options, in no order.</param>
    /// <param name="handler">Takes every other entry.</param>
    /// <inheritdoc cref="ReadEntries"/>
    public IpsetInfo ReadPrefixes(string set, IpsetPrefixHandler prefixHandler, IpsetEntryHandler handler)
    {
        ArgumentNullException.ThrowIfNull(prefixHandler);
        ArgumentNullException.ThrowIfNull(handler);
        return Read(set, new DumpState([], handler, PrefixHandler: prefixHandler));
    }

    /// <summary>Reads every set of the namespace with its entries, in one listing: the kernel's order, every list:set last.</summary>
    /// <param name="onSet">Told of each set before its entries.</param>
    /// <param name="handler">Takes each entry of a set whose type the library speaks; the entries of others are passed over.</param>
    /// <remarks>See the remarks on <see cref="List"/> and <see cref="ReadEntries"/>.</remarks>
    public void ReadAll(Action<IpsetInfo> onSet, IpsetEntryHandler handler)
    {
        ArgumentNullException.ThrowIfNull(onSet);
        ArgumentNullException.ThrowIfNull(handler);
        NetlinkAnswer answer = Dump(set: null, headersOnly: false, new DumpState([], handler, onSet));
        if (!answer.IsSuccess)
        {
            throw new IpsetException(IpsetConstants.IPSET_CMD_LIST, "read the sets", "", answer);
        }
    }

    private IpsetInfo Read(string set, DumpState state)
    {
        IpsetName.Check(set);
        List<IpsetInfo> headers = state.Headers;
        NetlinkAnswer answer = Dump(set, headersOnly: false, state);
        if (!answer.IsSuccess)
        {
            throw new IpsetException(IpsetConstants.IPSET_CMD_LIST, $"read the entries of {set}", set, answer);
        }

        return headers.Count > 0 ? headers[0] : throw new NetlinkFormatException($"the kernel's dump of {set} has no header");
    }

    private NetlinkAnswer Dump(string? set, bool headersOnly, DumpState state)
    {
        return _socket.Exchange(Request.List(_buffer, set, headersOnly), ref state, static (ref message, ref state) =>
        {
            if (message.Type != NetlinkConstants.NLMSG_ERROR)
            {
                IpsetDump.Read(message.NetfilterAttributes(), state.Headers, state.Handler, state.OnSet, state.PrefixHandler);
            }
        });
    }

    private readonly record struct DumpState(
        List<IpsetInfo> Headers,
        IpsetEntryHandler? Handler,
        Action<IpsetInfo>? OnSet = null,
        IpsetPrefixHandler? PrefixHandler = null);
}
