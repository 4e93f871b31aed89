using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>Writes many entries as messages, one after the other, without their sequence numbers.</summary>
/// <param name="protocol">The protocol version agreed on.</param>
/// <param name="command">The command.</param>
/// <param name="set">The set.</param>
/// <param name="entries">The entries; line numbers are their indexes and one.</param>
/// <param name="order">Puts them into the order of buckets; null to leave them as they come.</param>
/// <param name="flags">Flags of the requests.</param>
internal ref struct IpsetBatchWriter<T>(
    byte protocol, byte command, string set, ReadOnlySpan<T> entries, IpsetBucketOrder? order, NetlinkMessageFlags flags)
    where T : struct, IIpsetEntry
{
    private readonly ReadOnlySpan<T> _entries = entries;
    private ReadOnlySpan<ulong> _order;
    private int _sliceStart;
    private int _written;

    /// <summary>How many entries have been written.</summary>
    public readonly int Written => _written;

    /// <summary>Writes the next message.</summary>
    /// <returns>Its length; 0 when all entries are written.</returns>
    public int WriteNext(Span<byte> buffer)
    {
        if (_written == _entries.Length)
        {
            return 0;
        }

        ReadOnlySpan<T> rest = _entries[_written..];
        if (order is not null)
        {
            if (_order.IsEmpty)
            {
                _sliceStart = _written;
                _order = order.Sort(rest[..Math.Min(IpsetBucketOrder.SliceLength, rest.Length)]);
            }

            rest = _entries[_sliceStart..];
        }
        else
        {
            _sliceStart = _written;
        }

        int length = new IpsetRequest(protocol, sequence: 0)
            .Batch(buffer, command, set, rest, _order, (uint)_sliceStart + 1, flags, out int count).Length;
        _order = _order.IsEmpty ? _order : _order[count..];
        _written += count;
        return length;
    }
}
