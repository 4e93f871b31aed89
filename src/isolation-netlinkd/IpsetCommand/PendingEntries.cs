using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Gathers the entries of successive lines for one set, and sends them many in one message.</summary>
internal sealed class PendingEntries(IpsetSession session)
{
    // About what one message to the kernel holds.
    private const int Capacity = 2048;

    private readonly IpsetEntry[] _entries = new IpsetEntry[Capacity];
    private readonly uint[] _lines = new uint[Capacity];
    private int _count;

    // Where the lines begin that ipset would not have sent yet.
    private int _heldBack;
    private PeerMessage _message;
    private IpsetVerb _verb;
    private KnownSet? _set;
    private bool _exist;

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
            // A message has the flags of its first line.
            if (_exist != session.Settings.Exist)
            {
                SendFirst(_count);
                _exist = session.Settings.Exist;
            }

            _heldBack = _count;
        }

        if (line.Element.CoversEveryAddress)
        {
            Send();
            throw IpsetSession.Refused(verb, IpsetTypes.WholeRange, isList: false);
        }

        if (line.Element.IsSingle)
        {
            Add(line.Element.Entry);
            return;
        }

        foreach (IpsetEntry entry in line.Element)
        {
            Add(entry);
        }
    }

    /// <summary>Sends everything.</summary>
    /// <exception cref="IpsetFailure">The kernel refused an entry; those before it are in the set.</exception>
    public void Send()
    {
        SendFirst(_count);
        _heldBack = 0;
        _message.Clear();
        _set = null;
    }

    /// <summary>Sends what ipset has sent when it meets a line that it does not understand, and forgets the rest.</summary>
    /// <exception cref="IpsetFailure">The kernel refused an entry.</exception>
    public void SendAsIpset() => SendFirst(_heldBack);

    private void Add(in IpsetEntry entry)
    {
        if (_count == Capacity)
        {
            // One line can stand for more than fits.
            SendFirst(_heldBack > 0 ? _heldBack : _count);
        }

        _entries[_count] = entry;
        _lines[_count++] = session.Line;
    }

    private void SendFirst(int count)
    {
        if (count == 0)
        {
            return;
        }

        ReadOnlySpan<IpsetEntry> entries = _entries.AsSpan(0, count);
        KnownSet set = _set!;
        try
        {
            if (_verb == IpsetVerb.Add)
            {
                session.Client.AddRange(set.Name, entries, _exist);
            }
            else
            {
                session.Client.DeleteRange(set.Name, entries, _exist);
            }
        }
        catch (IpsetException e)
        {
            uint line = _lines[e.EntryIndex ?? 0];
            throw IpsetSession.Refused(_verb, e.NativeError, set.Type == IpsetType.ListSet, line);
        }
        catch (Exception e) when (e is NetlinkException or NetlinkFormatException or NotSupportedException or ArgumentException)
        {
            throw new IpsetFailure(e.Message) { Line = _lines[0] };
        }

        _entries.AsSpan(count.._count).CopyTo(_entries);
        _lines.AsSpan(count.._count).CopyTo(_lines);
        _count -= count;
        _heldBack -= Math.Min(count, _heldBack);
    }
}
