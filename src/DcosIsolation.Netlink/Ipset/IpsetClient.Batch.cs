using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Is told how far a batch of entries is, after each message of some thousands.</summary>
/// <param name="set">The set.</param>
/// <param name="done">How many entries are done.</param>
/// <param name="total">How many there are.</param>
public delegate void IpsetProgressHandler(string set, int done, int total);

/// <content>Many entries in one message: IPSET_ATTR_ADT.</content>
public sealed partial class IpsetClient
{
    /// <summary>From how many entries on <see cref="Fill"/> puts them in order: a smaller table is in the processor's cache.</summary>
    public const int FillInOrder = 16 * 1024;

    /// <summary>Is told how far <see cref="AddRange"/>, <see cref="DeleteRange"/> and <see cref="Fill"/> are; null to tell nobody.</summary>
    public IpsetProgressHandler? Progress { get; set; }

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

    /// <summary>
    /// Adds many entries to a hash set, in the order in which the kernel's table is filled fastest: that of its buckets, where the kernel
    /// tells the seed of the hash, and the order given where it does not.
    /// </summary>
    /// <remarks>
    /// Not atomic: when an entry fails, any of the others may be in the set. Allocates some megabytes at most, whatever the number.
    /// </remarks>
    /// <param name="set">The set, without entries yet, and with a table for as many: <see cref="IpsetCreateOptions.ForCount"/>.</param>
    /// <param name="entries">The entries, all of the set's type and family.</param>
    public void Fill<T>(string set, ReadOnlySpan<T> entries)
        where T : struct, IIpsetEntry
    {
        if (entries.Length < FillInOrder
            || GetInfo(set)?.Options is not { InitVal: { } initVal, HashSize: { } hashSize })
        {
            AddRange(set, entries);
            return;
        }

        var order = new IpsetBucketOrder(initVal, hashSize, entries.Length);
        Batch(IpsetConstants.IPSET_CMD_ADD, "add entries to", set, entries, IpsetRequest.Exclusive(false), order);
    }

    private void Batch<T>(
        byte command, string operation, string set, ReadOnlySpan<T> entries, NetlinkMessageFlags flags, IpsetBucketOrder? order = null)
        where T : struct, IIpsetEntry
    {
        IpsetName.Check(set);
        if (entries.Length >= FillInOrder)
        {
            BatchOverlapped(command, operation, set, entries, flags, order);
            return;
        }

        var writer = new IpsetBatchWriter<T>(Protocol, command, set, entries, order, flags);
        int done = 0;
        for (int length = writer.WriteNext(_buffer); length > 0; length = writer.WriteNext(_buffer))
        {
            SendBatch(command, operation, set, entries, _buffer.AsSpan(0, length), ref done, writer.Written);
        }
    }

    /// <summary>Writes messages on another thread while the kernel works on those before.</summary>
    private unsafe void BatchOverlapped<T>(
        byte command, string operation, string set, ReadOnlySpan<T> entries, NetlinkMessageFlags flags, IpsetBucketOrder? order)
        where T : struct, IIpsetEntry
    {
        using var queue = new IpsetBatchQueue();
        (byte protocol, int count) = (Protocol, entries.Length);

        // Entries are lent for the call: they stay where they are, and the thread ends before the call does.
        fixed (byte* bytes = &Unsafe.As<T, byte>(ref MemoryMarshal.GetReference(entries)))
        {
            void* first = bytes;
            Task writing = Task.Run(() =>
            {
                ReadOnlySpan<T> lent = MemoryMarshal.CreateReadOnlySpan(ref Unsafe.AsRef<T>(first), count);
                queue.Add(new IpsetBatchWriter<T>(protocol, command, set, lent, order, flags));
            });
            try
            {
                int done = 0;
                while (queue.TryTake(out Span<byte> message, out int written))
                {
                    SendBatch(command, operation, set, entries, message, ref done, written);
                }
            }
            finally
            {
                queue.Stop();
                Task.WaitAny(writing);
            }

            writing.GetAwaiter().GetResult();
        }
    }

    /// <summary>Sends a message, and counts its entries as done: those up to <paramref name="written"/>.</summary>
    private void SendBatch<T>(
        byte command, string operation, string set, ReadOnlySpan<T> entries, Span<byte> message, ref int done, int written)
        where T : struct, IIpsetEntry
    {
        IpsetRequest.SetSequence(message, _socket.NextSequence());
        uint line = 0;
        NetlinkAnswer answer = _socket.Exchange(
            message, ref line, static (ref message, ref line) => line = FailedLine(message.Payload, message.Flags));
        if (!answer.IsSuccess)
        {
            int? index = line == 0 || line > entries.Length ? null : (int)line - 1;
            string at = index is { } known ? $" (entry {known + 1} of {entries.Length}: {entries[known]})" : "";
            IpsetEntry? entry = index is { } failed ? entries[failed].ToEntry() : null;
            throw Refused(command, $"{operation} {set}{at}", set, answer, entry, index);
        }

        NetfilterMetrics.Edited(command == IpsetConstants.IPSET_CMD_ADD, written - done);
        done = written;
        Progress?.Invoke(set, done, entries.Length);
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
