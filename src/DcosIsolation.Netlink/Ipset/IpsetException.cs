using DcosIsolation.Netlink.Sockets;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>The kernel's ipset subsystem refused a request.</summary>
public sealed class IpsetException : NetlinkException
{
    internal IpsetException(byte command, string operation, string set, NetlinkAnswer answer, bool isList = false, uint? capacity = null)
        : this(command, operation, set, answer, IpsetErrorText.Decode(answer.Error, isList), capacity)
    {
    }

    private IpsetException(byte command, string operation, string set, NetlinkAnswer answer, IpsetError error, uint? capacity)
        : base(operation, answer.Error, IpsetErrorText.Reason(command, answer.Error, error, capacity), answer.Message, answer.Offset)
    {
        Set = set;
        Error = error;
    }

    /// <summary>The set, or the set type, that the request was about.</summary>
    public string Set { get; }

    /// <summary>The ipset error, decoded for the set type at hand; <see cref="IpsetError.None"/> for a plain errno.</summary>
    public IpsetError Error { get; }

    /// <summary>The index, from 0, of the entry of a batch that failed; those before it are in the set. Null outside batches.</summary>
    public int? EntryIndex { get; internal init; }

    /// <inheritdoc/>
    public override bool CanRetry => base.CanRetry || Error is IpsetError.Busy;
}
