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
        Batch(IpsetConstants.IPSET_CMD_ADD, "add entries to", set, entries, IpsetRequest.Exclusive(ignoreExisting));

    /// <summary>Deletes many entries, as <see cref="AddRange"/> adds them.</summary>
    /// <param name="set">The set.</param>
    /// <param name="entries">The entries, all of the set's type and family.</param>
    /// <param name="ignoreMissing">Whether entries that are not there are no error.</param>
    public void DeleteRange<T>(string set, ReadOnlySpan<T> entries, bool ignoreMissing = false)
        where T : struct, IIpsetEntry =>
        Batch(IpsetConstants.IPSET_CMD_DEL, "delete entries from", set, entries, IpsetRequest.Exclusive(ignoreMissing));

    private void Batch<T>(byte command, string operation, string set, ReadOnlySpan<T> entries, NetlinkMessageFlags flags)
        where T : struct, IIpsetEntry
    {
        IpsetName.Check(set);
        int next = 0;
        while (next < entries.Length)
        {
            ReadOnlySpan<byte> request = Request.Batch(_buffer, command, set, entries[next..], (uint)next + 1, flags, out int count);
            next += count;
            uint line = 0;
            NetlinkAnswer answer = _socket.Exchange(
                request, ref line, static (ref message, ref line) => line = FailedLine(message.Payload, message.Flags));
            if (!answer.IsSuccess)
            {
                int? index = line == 0 || line > entries.Length ? null : (int)line - 1;
                string at = index is { } known ? $" (entry {known + 1} of {entries.Length}: {entries[known]})" : "";
                IpsetEntry? entry = index is { } failed && entries[failed] is IpsetEntry refused ? refused : null;
                throw Refused(command, $"{operation} {set}{at}", set, answer, entry, index);
            }
        }
    }

    /// <summary>The line number in the copy of the request that an error reply carries; 0 when no entry is to blame.</summary>
    internal static uint FailedLine(ReadOnlySpan<byte> error, ushort flags)
    {
        int header = Unsafe.SizeOf<nlmsgerr>() + Unsafe.SizeOf<nfgenmsg>();
        if (error.Length < header || (flags & NetlinkConstants.NLM_F_CAPPED) != 0)
        {
            return 0;
        }

        var attributes = new NetlinkAttributeReader(error[header..]);
        while (attributes.Read())
        {
            if (attributes.Type == IpsetAttributes.IPSET_ATTR_LINENO)
            {
                return attributes.GetUInt32BigEndian();
            }
        }

        return 0;
    }
}
