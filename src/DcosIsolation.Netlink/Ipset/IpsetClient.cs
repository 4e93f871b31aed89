using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Wire;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Speaks to the kernel's ipset subsystem (net/netfilter/ipset) in the network namespace in which it was opened. Every method is one
/// request, or one per batch, and waits for its answer. Not thread-safe; use one client a thread.
/// </summary>
/// <remarks>
/// Methods throw <see cref="IpsetException"/> when the kernel refuses, <see cref="NetlinkReplyLostException"/> when its answer was lost,
/// and <see cref="NetlinkFormatException"/> when it is malformed. Changing sets needs CAP_NET_ADMIN, and so does reading them.
/// </remarks>
public sealed partial class IpsetClient : IDisposable
{
    private readonly NetlinkSocket _socket;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(IpsetRequest.MaxLength, pinned: true);
    private readonly Dictionary<(IpsetType Type, NetfilterFamily Family), IpsetRevisions?> _revisions = [];

    private IpsetClient(NetlinkSocket socket) => _socket = socket;

    private IpsetRequest Request => new(Protocol, _socket.NextSequence());

    /// <summary>The protocol version that client and kernel agreed on: 6 or 7.</summary>
    public byte Protocol { get; private set; } = IpsetConstants.IPSET_PROTOCOL_MIN;

    /// <summary>The longest wait for an answer; 10 s unless set.</summary>
    public TimeSpan Timeout { get => _socket.Timeout; set => _socket.Timeout = value; }

    /// <summary>Opens a socket in the calling thread's network namespace and agrees on the protocol version.</summary>
    /// <param name="logger">Told of what the socket passes over; null for none.</param>
    /// <exception cref="NetlinkException">
    /// The kernel has no ipset, the process lacks CAP_NET_ADMIN, or the kernel speaks no protocol version that the library knows.
    /// </exception>
    public static IpsetClient Open(ILogger? logger = null)
    {
        var client = new IpsetClient(NetlinkSocket.Open(logger));
        try
        {
            client.NegotiateProtocol();
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>The revisions of a set type that the kernel has, or null when it has not the type. Asked once, then remembered.</summary>
    /// <remarks>IPSET_CMD_TYPE; the kernel loads the type's module if it can.</remarks>
    public IpsetRevisions? GetRevisions(IpsetType type, NetfilterFamily family)
    {
        if (_revisions.TryGetValue((type, family), out IpsetRevisions? known))
        {
            return known;
        }

        var found = default(IpsetRevisions);
        NetlinkAnswer answer = _socket.Exchange(Request.Type(_buffer, type, family), ref found, static (ref message, ref found) =>
        {
            NetlinkAttributeReader attributes = ReplyAttributes(ref message);
            byte minimum = 0, maximum = 0;
            while (attributes.Read())
            {
                switch (attributes.Type)
                {
                    case IpsetAttributes.IPSET_ATTR_REVISION:
                        maximum = attributes.GetByte();
                        break;
                    case IpsetAttributes.IPSET_ATTR_REVISION_MIN:
                        minimum = attributes.GetByte();
                        break;
                }
            }

            found = new IpsetRevisions(minimum, maximum);
        });

        // A missing type is an answer; only conclusive answers are remembered.
        bool missing = answer.Error is IpsetErrors.IPSET_ERR_FIND_TYPE or (int)Errno.NoEntry;
        if (!answer.IsSuccess && !missing)
        {
            throw new IpsetException(IpsetConstants.IPSET_CMD_TYPE, $"ask for the set type {type.Name()}", type.Name(), answer);
        }

        return _revisions[(type, family)] = missing ? null : found;
    }

    /// <summary>Creates a set with the lowest revision of its type that has the options used.</summary>
    /// <param name="set">The name: see <see cref="IpsetName"/>.</param>
    /// <param name="type">The type.</param>
    /// <param name="family">IPv4 or IPv6; Unspecified for list:set.</param>
    /// <param name="options">Options; null for the kernel's defaults.</param>
    /// <param name="ignoreExisting">Whether a set of the same name, type and options is as good as a new one (<c>-exist</c>).</param>
    /// <exception cref="ArgumentException">The name is no set name.</exception>
    public void Create(string set, IpsetType type, NetfilterFamily family, IpsetCreateOptions? options = null, bool ignoreExisting = false)
    {
        IpsetName.Check(set);
        options ??= new IpsetCreateOptions();
        byte revision = IpsetRevisionChoice.For(set, type, options, GetRevisions(type, family));
        ReadOnlySpan<byte> request = Request.Create(_buffer, set, type, revision, family, options, ignoreExisting);
        Complete(request, IpsetConstants.IPSET_CMD_CREATE, $"create the set {set}", set, type == IpsetType.ListSet);
    }

    /// <summary>Destroys a set.</summary>
    /// <param name="set">The set.</param>
    /// <param name="ignoreMissing">Whether a set that is not there is no error.</param>
    public void Destroy(string set, bool ignoreMissing = false) =>
        Command(IpsetConstants.IPSET_CMD_DESTROY, "destroy the set", set, IpsetRequest.Exclusive(ignoreMissing));

    /// <summary>Destroys every set of the namespace, or none when one of them is referred to.</summary>
    public void DestroyAll() => CommandAll(IpsetConstants.IPSET_CMD_DESTROY, "destroy all sets");

    /// <summary>Removes every entry of every set of the namespace.</summary>
    public void FlushAll() => CommandAll(IpsetConstants.IPSET_CMD_FLUSH, "flush all sets");

    /// <summary>Removes every entry of a set.</summary>
    public void Flush(string set) => Command(IpsetConstants.IPSET_CMD_FLUSH, "flush the set", set);

    /// <summary>Renames a set that nothing refers to.</summary>
    public void Rename(string set, string newName) =>
        PairCommand(IpsetConstants.IPSET_CMD_RENAME, "rename the set", set, newName);

    /// <summary>
    /// Swaps the contents of two sets of the same type and family: what refers to one by its name or index then finds the other's entries.
    /// </summary>
    public void Swap(string set, string other) => PairCommand(IpsetConstants.IPSET_CMD_SWAP, "swap the set", set, other);

    /// <summary>Adds an entry.</summary>
    /// <param name="set">The set.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="ignoreExisting">Whether an entry that is there already is no error; its options become those of this one.</param>
    /// <exception cref="NotSupportedException">The entry has an option that came with a later revision of the type than the set has.</exception>
    public void Add(string set, in IpsetEntry entry, bool ignoreExisting = false) =>
        Single(IpsetConstants.IPSET_CMD_ADD, "add", set, entry, IpsetRequest.Exclusive(ignoreExisting));

    /// <summary>Deletes an entry.</summary>
    /// <param name="set">The set.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="ignoreMissing">Whether an entry that is not there is no error.</param>
    public void Delete(string set, in IpsetEntry entry, bool ignoreMissing = false) =>
        Single(IpsetConstants.IPSET_CMD_DEL, "delete", set, entry, IpsetRequest.Exclusive(ignoreMissing));

    /// <summary>Whether a set matches an entry. An address is looked up in prefixes of every length, a prefix as such only.</summary>
    public bool Test(string set, in IpsetEntry entry)
    {
        NetlinkAnswer answer = Send(IpsetConstants.IPSET_CMD_TEST, set, entry, NetlinkMessageFlags.None);
        return answer.Error switch
        {
            0 => true,
            IpsetErrors.IPSET_ERR_EXIST => false,

            // A set that is no member of a list:set, or no set at all, is not in it.
            IpsetListErrors.IPSET_ERR_NAME when entry.Type == IpsetType.ListSet => false,
            _ => throw new IpsetException(
                IpsetConstants.IPSET_CMD_TEST, $"test {entry} in {set}", set, answer, entry.Type == IpsetType.ListSet),
        };
    }

    /// <summary>The kernel's index of a set, which xtables rules refer to; null when there is no such set.</summary>
    /// <remarks>
    /// IPSET_CMD_GET_BYNAME, which needs protocol 7 (Linux 5.0). The index stays with the name only while the set is referred to: look
    /// again after the rule is in force.
    /// </remarks>
    /// <exception cref="NotSupportedException">The kernel speaks protocol 6 only.</exception>
    public ushort? GetIndex(string set)
    {
        IpsetName.Check(set);
        if (Protocol < IpsetConstants.IPSET_PROTOCOL)
        {
            throw new NotSupportedException(
                $"the index of {set} cannot be asked: the kernel's ipset protocol is {Protocol}, 7 is needed (Linux 5.0)");
        }

        ushort index = 0;
        ReadOnlySpan<byte> request = Request.Command(_buffer, IpsetConstants.IPSET_CMD_GET_BYNAME, set);
        NetlinkAnswer answer = _socket.Exchange(request, ref index, static (ref message, ref index) =>
        {
            NetlinkAttributeReader attributes = ReplyAttributes(ref message);
            while (attributes.Read())
            {
                if (attributes.Type == IpsetAttributes.IPSET_ATTR_INDEX)
                {
                    index = attributes.GetUInt16BigEndian();
                }
            }
        });
        return answer.Error switch
        {
            0 => index,
            (int)Errno.NoEntry => null,
            _ => throw new IpsetException(IpsetConstants.IPSET_CMD_GET_BYNAME, $"ask for the index of {set}", set, answer),
        };
    }

    /// <summary>Closes the client's socket.</summary>
    public void Dispose() => _socket.Dispose();

    private void NegotiateProtocol()
    {
        (byte Maximum, byte Minimum) kernel = default;
        NetlinkAnswer answer = _socket.Exchange(Request.Protocol(_buffer), ref kernel, static (ref message, ref kernel) =>
        {
            NetlinkAttributeReader attributes = ReplyAttributes(ref message);
            while (attributes.Read())
            {
                switch (attributes.Type)
                {
                    case IpsetAttributes.IPSET_ATTR_PROTOCOL:
                        kernel.Maximum = attributes.GetByte();
                        break;
                    case IpsetAttributes.IPSET_ATTR_PROTOCOL_MIN:
                        kernel.Minimum = attributes.GetByte();
                        break;
                }
            }
        });
        const string Operation = "agree with the kernel on an ipset protocol";
        if (!answer.IsSuccess)
        {
            string reason = (Errno)answer.Error is Errno.InvalidArgument or Errno.NotSupported
                ? "the kernel has no ipset; load or build its module ip_set (CONFIG_IP_SET)"
                : ErrnoText.Of(answer.Error);
            throw new NetlinkException(Operation, answer.Error, reason, answer.Message, answer.Offset);
        }

        // Kernels before 4.20 send no minimum: they speak just one version.
        byte lowest = kernel.Minimum == 0 ? kernel.Maximum : kernel.Minimum;
        byte agreed = Math.Min(kernel.Maximum, IpsetConstants.IPSET_PROTOCOL);
        if (agreed < IpsetConstants.IPSET_PROTOCOL_MIN || lowest > IpsetConstants.IPSET_PROTOCOL)
        {
            string reason = $"the kernel speaks versions {lowest} to {kernel.Maximum}, this library 6 and 7";
            throw new NetlinkException(Operation, (int)Errno.ProtocolNotSupported, reason);
        }

        Protocol = agreed;
    }

    private static NetlinkAttributeReader ReplyAttributes(ref NetlinkMessageReader message) =>
        message.Type == NetlinkConstants.NLMSG_ERROR ? default : message.NetfilterAttributes();

    private void Complete(ReadOnlySpan<byte> request, byte command, string operation, string set, bool isList = false)
    {
        NetlinkAnswer answer = _socket.Exchange(request);
        if (!answer.IsSuccess)
        {
            throw new IpsetException(command, operation, set, answer, isList);
        }
    }

    private void Command(byte command, string operation, string set, NetlinkMessageFlags flags = NetlinkMessageFlags.None)
    {
        IpsetName.Check(set);
        Complete(Request.Command(_buffer, command, set, flags), command, $"{operation} {set}", set);
    }

    private void CommandAll(byte command, string operation) =>
        Complete(Request.Command(_buffer, command, set: null, IpsetRequest.Exclusive(lenient: false)), command, operation, "");

    private void PairCommand(byte command, string operation, string set, string second)
    {
        IpsetName.Check(set);
        IpsetName.Check(second);
        string joint = command == IpsetConstants.IPSET_CMD_SWAP ? "with" : "to";
        Complete(Request.PairCommand(_buffer, command, set, second), command, $"{operation} {set} {joint} {second}", set);
    }

    private void Single(byte command, string operation, string set, in IpsetEntry entry, NetlinkMessageFlags flags)
    {
        NetlinkAnswer answer = Send(command, set, entry, flags);
        if (!answer.IsSuccess)
        {
            string joint = command == IpsetConstants.IPSET_CMD_ADD ? "to" : "from";
            throw Refused(command, $"{operation} {entry} {joint} {set}", set, answer, entry);
        }

        NetfilterMetrics.Edited(command == IpsetConstants.IPSET_CMD_ADD, 1);
    }

    /// <summary>
    /// A refused entry: the set's header says what a code of its type means, how much a full set takes, and what its revision lacks.
    /// </summary>
    private Exception Refused(byte command, string operation, string set, NetlinkAnswer answer, IpsetEntry? entry, int? index = null)
    {
        IpsetInfo? info = answer.Error is IpsetErrors.IPSET_ERR_PROTOCOL or >= IpsetErrors.IPSET_ERR_TYPE_SPECIFIC ? GetInfo(set) : null;
        if (answer.Error == IpsetErrors.IPSET_ERR_PROTOCOL && info is not null && entry is { } refused
            && IpsetRevisionChoice.Missing(refused, info) is { } missing)
        {
            return new NotSupportedException($"cannot {operation}: {missing}");
        }

        bool isList = info?.Type == IpsetType.ListSet;
        uint? capacity = isList ? info?.Options.ListSize : info?.Options.MaxElem;
        return new IpsetException(command, operation, set, answer, isList, capacity) { EntryIndex = index };
    }

    private NetlinkAnswer Send(byte command, string set, in IpsetEntry entry, NetlinkMessageFlags flags)
    {
        IpsetName.Check(set);
        return _socket.Exchange(Request.Entry(_buffer, command, set, entry, flags));
    }
}
