namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Messages that one thread writes while another sends those before. The writer calls <see cref="Add{T}"/>, once; the sender
/// <see cref="TryTake"/> until it returns false, or <see cref="Stop"/>.
/// </summary>
/// <remarks>
/// The threads wait for each other only after groups of messages: to be woken takes as long as the kernel takes for some dozen entries. All
/// groups together last for the time in which the next slice is put in order.
/// </remarks>
internal sealed class IpsetBatchQueue : IDisposable
{
    private const int GroupLength = 8;
    private const int Groups = 3;
    private const int Length = GroupLength * Groups;

    private readonly byte[][] _messages = new byte[Length][];
    private readonly int[] _lengths = new int[Length];
    private readonly int[] _counts = new int[Length];
    private readonly SemaphoreSlim _free = new(Groups);
    private readonly SemaphoreSlim _written = new(0);
    private volatile bool _stopped;
    private int _taken;

    /// <summary>Writes all messages, unless it is stopped.</summary>
    public void Add<T>(IpsetBatchWriter<T> writer)
        where T : struct, IIpsetEntry
    {
        int added = 0;
        try
        {
            int length;
            do
            {
                int place = added % Length;
                if (added % GroupLength == 0)
                {
                    _free.Wait();
                    Array.Clear(_lengths, place, GroupLength);
                    if (_stopped)
                    {
                        return;
                    }
                }

                length = writer.WriteNext(_messages[place] ??= GC.AllocateUninitializedArray<byte>(IpsetRequest.MaxLength));
                _lengths[place] = length;
                _counts[place] = writer.Written;
                if (++added % GroupLength == 0)
                {
                    _written.Release();
                }
            }
            while (length > 0);
        }
        finally
        {
            // A message of length 0 is the end, also when an entry could not be written.
            _written.Release();
        }
    }

    /// <summary>Waits for the next message, which is the caller's until the next call.</summary>
    /// <param name="message">The message.</param>
    /// <param name="count">How many entries it and those before it have.</param>
    /// <returns>False at the end.</returns>
    public bool TryTake(out Span<byte> message, out int count)
    {
        int place = _taken % Length;
        if (_taken % GroupLength == 0)
        {
            if (_taken > 0)
            {
                _free.Release();
            }

            _written.Wait();
        }

        _taken++;
        message = _messages[place].AsSpan(0, _lengths[place]);
        count = _counts[place];
        return !message.IsEmpty;
    }

    /// <summary>Lets the writer end before all is written.</summary>
    public void Stop()
    {
        _stopped = true;
        _free.Release(Groups);
    }

    /// <summary>To be called when both threads are done.</summary>
    public void Dispose()
    {
        _free.Dispose();
        _written.Dispose();
    }
}
