namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Messages that one thread writes while another sends those before. The writer calls <see cref="Add{T}"/>, once; the sender
/// <see cref="TryTake"/>, <see cref="Release"/> after each, and at last <see cref="Stop"/>.
/// </summary>
internal sealed class IpsetBatchQueue : IDisposable
{
    // So many that neither thread waits for each message of the other.
    private const int Length = 4;

    private readonly byte[][] _buffers = new byte[Length][];
    private readonly int[] _lengths = new int[Length];
    private readonly SemaphoreSlim _free = new(Length);
    private readonly SemaphoreSlim _written = new(0);
    private volatile bool _stopped;
    private int _next;

    /// <summary>Writes all messages, then their end, unless it is stopped.</summary>
    public void Add<T>(IpsetBatchWriter<T> writer)
        where T : struct, IIpsetEntry
    {
        int length = 0;
        int next = 0;
        do
        {
            _free.Wait();
            if (_stopped)
            {
                return;
            }

            _buffers[next] ??= GC.AllocateUninitializedArray<byte>(IpsetRequest.MaxLength);
            try
            {
                length = 0;
                length = writer.WriteNext(_buffers[next]);
            }
            finally
            {
                // The end, also when an entry cannot be written.
                _lengths[next] = length;
                _written.Release();
            }

            next = (next + 1) % Length;
        }
        while (length > 0);
    }

    /// <summary>Waits for the next message, which is the caller's until <see cref="Release"/>.</summary>
    /// <returns>False at the end.</returns>
    public bool TryTake(out Span<byte> message)
    {
        _written.Wait();
        message = _buffers[_next].AsSpan(0, _lengths[_next]);
        _next = (_next + 1) % Length;
        return !message.IsEmpty;
    }

    /// <summary>Gives the message that was taken back.</summary>
    public void Release() => _free.Release();

    /// <summary>Lets the writer end before all is written.</summary>
    public void Stop()
    {
        _stopped = true;
        _free.Release();
    }

    /// <summary>Ends the use by both threads.</summary>
    public void Dispose()
    {
        _free.Dispose();
        _written.Dispose();
    }
}
