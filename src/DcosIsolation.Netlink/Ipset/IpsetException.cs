using DcosIsolation.Netlink.Sockets;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>The kernel's ipset subsystem refused a request.</summary>
public sealed class IpsetException : NetlinkException
{
    internal IpsetException(string operation, string set, NetlinkAnswer answer, bool isList, int? entryIndex = null)
        : base(operation, answer.Error, IpsetErrorText.Reason(answer.Error, IpsetErrorText.Decode(answer.Error, isList)), answer.Message, answer.Offset)
    {
        Set = set;
        Error = IpsetErrorText.Decode(answer.Error, isList);
        EntryIndex = entryIndex;
    }

    /// <summary>The set, or the set type, that the request was about.</summary>
    public string Set { get; }

    /// <summary>The ipset error, decoded for the set type at hand; <see cref="IpsetError.None"/> for a plain errno.</summary>
    public IpsetError Error { get; }

    /// <summary>The index, from 0, of the entry of a batch that failed; those before it are in the set. Null outside batches.</summary>
    public int? EntryIndex { get; }

    /// <inheritdoc/>
    public override bool CanRetry => base.CanRetry || Error is IpsetError.Busy;
}
