using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Writes ipset requests, one message each: bytes only, nothing is sent. The order of attributes is that of the ipset program.
/// </summary>
/// <param name="protocol">The protocol version agreed on: IPSET_ATTR_PROTOCOL.</param>
/// <param name="sequence">nlmsg_seq.</param>
internal readonly struct IpsetRequest(byte protocol, uint sequence)
{
    /// <summary>The longest entry batch: nla_len is 16 bits, and the datagram must fit a send buffer of the default size.</summary>
    public const int MaxBatchLength = 60_000;

    // Entries whose memory is fetched while those before them are written.
    private const int PrefetchDistance = 16;

    /// <summary>A buffer of this length takes every request.</summary>
    public const int MaxLength = MaxBatchLength + 1024;

    /// <summary>A command without a set: IPSET_CMD_PROTOCOL.</summary>
    public ReadOnlySpan<byte> Protocol(Span<byte> buffer)
    {
        NetlinkMessageWriter writer = Begin(buffer, IpsetConstants.IPSET_CMD_PROTOCOL, NetlinkMessageFlags.Ack);
        return End(ref writer);
    }

    /// <summary>IPSET_CMD_TYPE.</summary>
    public ReadOnlySpan<byte> Type(Span<byte> buffer, IpsetType type, NetfilterFamily family)
    {
        NetlinkMessageWriter writer = Begin(buffer, IpsetConstants.IPSET_CMD_TYPE, NetlinkMessageFlags.Ack);
        writer.WriteString(IpsetAttributes.IPSET_ATTR_TYPENAME, type.Name());
        writer.WriteByte(IpsetAttributes.IPSET_ATTR_FAMILY, (byte)family);
        return End(ref writer);
    }

    /// <summary>IPSET_CMD_CREATE.</summary>
    public ReadOnlySpan<byte> Create(
        Span<byte> buffer,
        string set,
        IpsetType type,
        byte revision,
        NetfilterFamily family,
        IpsetCreateOptions options,
        bool ignoreExisting)
    {
        NetlinkMessageFlags flags = NetlinkMessageFlags.Ack | NetlinkMessageFlags.Create | Exclusive(ignoreExisting);
        NetlinkMessageWriter writer = BeginFor(buffer, set, IpsetConstants.IPSET_CMD_CREATE, flags);
        writer.WriteString(IpsetAttributes.IPSET_ATTR_TYPENAME, type.Name());
        writer.WriteByte(IpsetAttributes.IPSET_ATTR_REVISION, revision);
        writer.WriteByte(IpsetAttributes.IPSET_ATTR_FAMILY, (byte)family);
        NetlinkNesting data = writer.BeginNested(IpsetAttributes.IPSET_ATTR_DATA);
        WriteOptions(ref writer, options);
        writer.EndNested(data);
        return End(ref writer);
    }

    /// <summary>A command on one set, or on all: IPSET_CMD_DESTROY, FLUSH; on one: GET_BYNAME.</summary>
    public ReadOnlySpan<byte> Command(Span<byte> buffer, byte command, string? set, NetlinkMessageFlags flags = NetlinkMessageFlags.None)
    {
        NetlinkMessageWriter writer = set is null
            ? Begin(buffer, command, NetlinkMessageFlags.Ack | flags)
            : BeginFor(buffer, set, command, NetlinkMessageFlags.Ack | flags);
        return End(ref writer);
    }

    /// <summary>A command on two sets: IPSET_CMD_RENAME, SWAP.</summary>
    public ReadOnlySpan<byte> PairCommand(Span<byte> buffer, byte command, string set, string second)
    {
        NetlinkMessageWriter writer = BeginFor(buffer, set, command, NetlinkMessageFlags.Ack);
        writer.WriteString(IpsetAttributes.IPSET_ATTR_SETNAME2, second);
        return End(ref writer);
    }

    /// <summary>A command on one entry: IPSET_CMD_ADD, DEL, TEST.</summary>
    public ReadOnlySpan<byte> Entry<T>(Span<byte> buffer, byte command, string set, in T entry, NetlinkMessageFlags flags)
        where T : struct, IIpsetEntry
    {
        NetlinkMessageWriter writer = BeginFor(buffer, set, command, NetlinkMessageFlags.Ack | flags);
        NetlinkNesting data = writer.BeginNested(IpsetAttributes.IPSET_ATTR_DATA);
        entry.WriteTo(ref writer);
        if (command != IpsetConstants.IPSET_CMD_TEST)
        {
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_LINENO, 0);
        }

        writer.EndNested(data);
        return End(ref writer);
    }

    /// <summary>A command on as many of the entries as fit one message: IPSET_CMD_ADD, DEL with IPSET_ATTR_ADT.</summary>
    /// <param name="buffer">Takes the message.</param>
    /// <param name="command">The command.</param>
    /// <param name="set">The set.</param>
    /// <param name="entries">The entries.</param>
    /// <param name="order">Which of them, and in which order: indexes in the lower halves. Empty: all, as they come.</param>
    /// <param name="firstLine">The line number of the first of them, from 1; an error answer carries that of the failing entry.</param>
    /// <param name="flags">Flags of the request.</param>
    /// <param name="count">How many entries the message holds.</param>
    public ReadOnlySpan<byte> Batch<T>(
        Span<byte> buffer,
        byte command,
        string set,
        ReadOnlySpan<T> entries,
        ReadOnlySpan<ulong> order,
        uint firstLine,
        NetlinkMessageFlags flags,
        out int count)
        where T : struct, IIpsetEntry
    {
        NetlinkMessageWriter writer = BeginFor(buffer, set, command, NetlinkMessageFlags.Ack | flags);

        // Without a line number on the message the kernel does not look at those of the entries (call_ad, ip_set_core.c). It overwrites
        // this one when an entry fails, so that 0 comes back when the message as a whole was refused.
        writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_LINENO, 0);
        NetlinkNesting batch = writer.BeginNested(IpsetAttributes.IPSET_ATTR_ADT);
        int start = writer.Length;
        int frame = (2 * Unsafe.SizeOf<nlattr>()) + sizeof(uint) + T.MaxEncodedLength;
        int available = order.IsEmpty ? entries.Length : order.Length;
        for (count = 0; count < available && writer.Length - start + frame <= MaxBatchLength; count++)
        {
            int index = order.IsEmpty ? count : (int)(uint)order[count];
            if (count + PrefetchDistance < order.Length)
            {
                Prefetch(entries[(int)(uint)order[count + PrefetchDistance]]);
            }

            NetlinkNesting data = writer.BeginNested(IpsetAttributes.IPSET_ATTR_DATA);
            entries[index].WriteTo(ref writer);
            writer.WriteUInt32BigEndian(IpsetAttributes.IPSET_ATTR_LINENO, firstLine + (uint)index);
            writer.EndNested(data);
        }

        writer.EndNested(batch);
        return End(ref writer);
    }

    /// <summary>IPSET_CMD_LIST of one set or all, with entries or only headers.</summary>
    public ReadOnlySpan<byte> List(Span<byte> buffer, string? set, bool headersOnly)
    {
        // A dump ends with NLMSG_DONE; asked for an ack as well, the kernel would answer a missing set twice.
        NetlinkMessageWriter writer = Begin(buffer, IpsetConstants.IPSET_CMD_LIST, NetlinkMessageFlags.Dump);
        if (set is not null)
        {
            writer.WriteString(IpsetAttributes.IPSET_ATTR_SETNAME, set);
        }

        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_FLAGS, headersOnly ? IpsetConstants.IPSET_FLAG_LIST_HEADER : null);
        return End(ref writer);
    }

    /// <summary>Gives a message that was written before its number was known the number.</summary>
    public static void SetSequence(Span<byte> message, uint sequence) => MemoryMarshal.AsRef<nlmsghdr>(message).nlmsg_seq = sequence;

    /// <summary>NLM_F_EXCL: what is there already, or is not there, is an error.</summary>
    public static NetlinkMessageFlags Exclusive(bool lenient) => lenient ? NetlinkMessageFlags.None : NetlinkMessageFlags.Exclusive;

    private NetlinkMessageWriter Begin(Span<byte> buffer, byte command, NetlinkMessageFlags flags)
    {
        var writer = new NetlinkMessageWriter(buffer);
        writer.BeginMessage((ushort)((NfnetlinkConstants.NFNL_SUBSYS_IPSET << 8) | command), NetlinkMessageFlags.Request | flags, sequence);

        // The family that counts is an attribute's, or the set's own; the ipset program says IPv4 here, always.
        writer.WriteNetfilterHeader(NetfilterFamily.Inet);
        writer.WriteByte(IpsetAttributes.IPSET_ATTR_PROTOCOL, protocol);
        return writer;
    }

    private NetlinkMessageWriter BeginFor(Span<byte> buffer, string set, byte command, NetlinkMessageFlags flags)
    {
        NetlinkMessageWriter writer = Begin(buffer, command, flags);
        writer.WriteString(IpsetAttributes.IPSET_ATTR_SETNAME, set);
        return writer;
    }

    private static ReadOnlySpan<byte> End(scoped ref NetlinkMessageWriter writer)
    {
        writer.EndMessage();
        return writer.Written;
    }

    // By attribute number, as the ipset program does.
    private static void WriteOptions(ref NetlinkMessageWriter writer, IpsetCreateOptions options)
    {
        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_TIMEOUT, options.Timeout);
        uint flags = (options.Counters ? IpsetConstants.IPSET_FLAG_WITH_COUNTERS : 0)
            | (options.Comments ? IpsetConstants.IPSET_FLAG_WITH_COMMENT : 0)
            | (options.ForceAdd ? IpsetConstants.IPSET_FLAG_WITH_FORCEADD : 0)
            | (options.SkbInfo ? IpsetConstants.IPSET_FLAG_WITH_SKBINFO : 0);
        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_CADT_FLAGS, flags == 0 ? null : flags);
        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_INITVAL, options.InitVal);
        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_HASHSIZE, options.HashSize);
        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_MAXELEM, options.MaxElem);
        if (options.Netmask is { } netmask)
        {
            writer.WriteByte(IpsetAttributes.IPSET_ATTR_NETMASK, netmask);
        }

        if (options.BucketSize is { } bucketSize)
        {
            writer.WriteByte(IpsetAttributes.IPSET_ATTR_BUCKETSIZE, bucketSize);
        }

        WriteOptional(ref writer, IpsetAttributes.IPSET_ATTR_SIZE, options.ListSize);
        if (options.Bitmask is { } bitmask)
        {
            IpsetEntryCodec.WriteAddress(ref writer, IpsetAttributes.IPSET_ATTR_BITMASK, IpsetPrefix.From(bitmask, 0));
        }
    }

    // Entries in an order of their own are all over memory, and waiting for each would cost what the order saves the kernel.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static unsafe void Prefetch<T>(in T entry)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.AsRef(in entry)));
        }
    }

    private static void WriteOptional(ref NetlinkMessageWriter writer, ushort type, uint? value)
    {
        if (value is { } given)
        {
            writer.WriteUInt32BigEndian(type, given);
        }
    }
}
