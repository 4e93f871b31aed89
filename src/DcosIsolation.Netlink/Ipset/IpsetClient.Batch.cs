using System.Runtime.CompilerServices;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <content>Many entries in one message: IPSET_ATTR_ADT.</content>
public sealed partial class IpsetClient
{
    /// <summary>
    /// Adds many entries, as many in one message as fit. Not atomic: when an entry fails, those before it are in the set, and
    /// <see cref="IpsetException.EntryIndex"/> says which one it was. Allocates nothing per entry.
    /// </summary>
    /// <param name="set">The set.</param>
    /// <param name="entries">The entries, all of the set's type and family.</param>
    /// <param name="ignoreExisting">Whether entries that are there already are no error.</param>
    public void AddRange<T>(string set, ReadOnlySpan<T> entries, bool ignoreExisting = false)
        where T : struct, IIpsetEntry =>
        Batch(IpsetConstants.IPSET_CMD_ADD, "add entries to", set, entries, Exclusive(ignoreExisting));

    /// <summary>Deletes many entries, as <see cref="AddRange"/> adds them.</summary>
    /// <param name="set">The set.</param>
    /// <param name="entries">The entries, all of the set's type and family.</param>
    /// <param name="ignoreMissing">Whether entries that are not there are no error.</param>
    public void DeleteRange<T>(string set, ReadOnlySpan<T> entries, bool ignoreMissing = false)
        where T : struct, IIpsetEntry =>
        Batch(IpsetConstants.IPSET_CMD_DEL, "delete entries from", set, entries, Exclusive(ignoreMissing));

    private void Batch<T>(byte command, string operation, string set, ReadOnlySpan<T> entries, NetlinkMessageFlags flags)
        where T : struct, IIpsetEntry
    {
        IpsetName.Check(set);
        int next = 0;
        while (next < entries.Length)
        {
            NetlinkMessageWriter writer = BeginFor(set, command, flags);
            next += WriteBatch(ref writer, entries[next..], firstLine: (uint)next + 1);
            writer.EndMessage();

            uint line = 0;
            NetlinkAnswer answer = _socket.Exchange(writer.Written, ref line, static (ref message, ref line) => line = FailedLine(message.Payload));
            if (!answer.IsSuccess)
            {
                int? index = line == 0 ? null : (int)line - 1;
                string at = index is { } known ? $" (entry {known + 1} of {entries.Length}: {entries[known]})" : "";
                throw Refused(command, $"{operation} {set}{at}", set, answer, isList: false, index);
            }
        }
    }

    /// <summary>Writes entries while they fit; returns how many.</summary>
    private static int WriteBatch<T>(ref NetlinkMessageWriter writer, ReadOnlySpan<T> entries, uint firstLine)
        where T : struct, IIpsetEntry
    {
        // A line number on the message makes the kernel answer an error with the failing entry's own (call_ad, ip_set_core.c). Zero counts.
        writer.WriteUInt32(IpsetAttributes.IPSET_ATTR_LINENO, firstLine);
        NetlinkNesting batch = writer.BeginNested(IpsetAttributes.IPSET_ATTR_ADT);
        int start = writer.Length;
        int frame = (2 * Unsafe.SizeOf<nlattr>()) + sizeof(uint) + T.MaxEncodedLength;
        int count = 0;
        while (count < entries.Length && writer.Length - start + frame <= BatchLength)
        {
            NetlinkNesting data = writer.BeginNested(IpsetAttributes.IPSET_ATTR_DATA);
            entries[count].WriteTo(ref writer);
            writer.WriteUInt32(IpsetAttributes.IPSET_ATTR_LINENO, firstLine + (uint)count);
            writer.EndNested(data);
            count++;
        }

        writer.EndNested(batch);
        return count;
    }

    /// <summary>The line number in the copy of the request that an error reply carries; 0 when there is none.</summary>
    private static uint FailedLine(ReadOnlySpan<byte> error)
    {
        int header = Unsafe.SizeOf<nlmsgerr>() + Unsafe.SizeOf<nfgenmsg>();
        if (error.Length < header)
        {
            return 0;
        }

        var attributes = new NetlinkAttributeReader(error[header..]);
        while (attributes.Read())
        {
            if (attributes.Type == IpsetAttributes.IPSET_ATTR_LINENO)
            {
                return attributes.GetUInt32();
            }
        }

        return 0;
    }
}
