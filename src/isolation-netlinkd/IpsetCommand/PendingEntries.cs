using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// Gathers the entries of successive lines for one set, and sends them many in one message, while the next lines are read.
/// </summary>
internal sealed class PendingEntries(IpsetSession session)
{
    // About what one message to the kernel holds.
    private const int Capacity = 2048;

    private Batch _batch = new();
    private Batch _spare = new();

    // Where the lines begin that ipset would not have sent yet.
    private int _heldBack;
    private PeerMessage _message;
    private IpsetVerb _verb;
    private KnownSet? _set;
    private bool _exist;

    // What the kernel would answer to a line that it is not sent; those behind it are not looked at any more.
    private IpsetFailure? _refused;

    /// <summary>Takes a line's entries; sends those before it if it is for another set or command.</summary>
    /// <exception cref="IpsetFailure">The kernel refused an entry, of this line or one before.</exception>
    public void Add(IpsetVerb verb, in SetElement line)
    {
        if (verb != _verb || line.Set != _set)
        {
            Send();
            (_verb, _set) = (verb, line.Set);
        }

        if (_message.Add(line.Set, line.Length))
        {
            if (_refused is not null)
            {
                Send();
            }

            // A message has the flags of its first line.
            if (_exist != session.Settings.Exist)
            {
                SendFirst(_batch.Count);
                _exist = session.Settings.Exist;
            }

            _heldBack = _batch.Count;
        }

        if (_refused is not null)
        {
            return;
        }

        if (line.Element.IsSingle)
        {
            Add(line.Element.Entry);
        }
        else if (line.Element.CoversEveryAddress)
        {
            _refused = IpsetSession.Refused(verb, WholeRange.ErrorOf(session.Client, line), isList: false, session.Line);
        }
        else
        {
            foreach (IpsetEntry entry in line.Element)
            {
                Add(entry);
            }
        }
    }

    /// <summary>Sends everything, and waits until it is done.</summary>
    /// <exception cref="IpsetFailure">The kernel refused an entry; those before it are in the set.</exception>
    public void Send()
    {
        SendFirst(_batch.Count);
        session.WaitForBatch();
        if (_refused is not null)
        {
            throw _refused;
        }

        _heldBack = 0;
        _message.Clear();
        _set = null;
    }

    /// <summary>Sends what ipset has sent when it meets a line that it does not understand, and forgets the rest.</summary>
    /// <exception cref="IpsetFailure">The kernel refused an entry.</exception>
    public void SendAsIpset()
    {
        SendFirst(_heldBack);
        session.WaitForBatch();
    }

    private void Add(in IpsetEntry entry)
    {
        if (_batch.Count == Capacity)
        {
            // One line can stand for more than fits.
            SendFirst(_heldBack > 0 ? _heldBack : Capacity);
        }

        _batch.Entries[_batch.Count] = entry;
        _batch.Lines[_batch.Count++] = session.Line;
    }

    private void SendFirst(int count)
    {
        session.WaitForBatch();
        if (count == 0)
        {
            return;
        }

        _batch.Entries.AsSpan(count.._batch.Count).CopyTo(_spare.Entries);
        _batch.Lines.AsSpan(count.._batch.Count).CopyTo(_spare.Lines);
        _spare.Count = _batch.Count - count;
        _heldBack -= Math.Min(count, _heldBack);
        (_batch, _spare) = (_spare, _batch);
        (Batch sent, IpsetVerb verb, KnownSet set, bool exist) = (_spare, _verb, _set!, _exist);
        session.StartBatch(client => Send(client, verb, set, sent, count, exist));
    }

    private static void Send(IpsetClient client, IpsetVerb verb, KnownSet set, Batch batch, int count, bool exist)
    {
        ReadOnlySpan<IpsetEntry> entries = batch.Entries.AsSpan(0, count);
        try
        {
            if (verb == IpsetVerb.Add)
            {
                client.AddRange(set.Name, entries, exist);
            }
            else
            {
                client.DeleteRange(set.Name, entries, exist);
            }
        }
        catch (IpsetException e)
        {
            throw IpsetSession.Refused(verb, e.NativeError, set.Type == IpsetType.ListSet, batch.Lines[e.EntryIndex ?? 0]);
        }
        catch (Exception e) when (e is NetlinkException or NetlinkFormatException or NotSupportedException or ArgumentException)
        {
            throw new IpsetFailure(e.Message) { Line = batch.Lines[0] };
        }
    }

    private sealed class Batch
    {
        public readonly IpsetEntry[] Entries = new IpsetEntry[Capacity];
        public readonly uint[] Lines = new uint[Capacity];
        public int Count;
    }
}
