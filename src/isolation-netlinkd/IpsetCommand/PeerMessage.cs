using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// How full the message is in which the ipset program would gather the lines of a restore. It sends a message when the page is full, and
/// what it holds back when it meets a line that it does not understand is never sent: to leave behind what ipset leaves behind, one must
/// know where its messages end.
/// </summary>
internal struct PeerMessage
{
    private const int Header = 4;
    private const int Word = Header + 4;
    private const int Long = Header + 8;

    // nlmsghdr, nfgenmsg, IPSET_ATTR_PROTOCOL, IPSET_ATTR_LINENO, the header of IPSET_ATTR_ADT.
    private const int Frame = 16 + 4 + Word + Word + Header;

    // ipset leaves room for the nlmsgerr of an answer.
    private const int Reserve = 20;

    private int _length;

    /// <summary>Puts a line into the message.</summary>
    /// <returns>Whether it is the first of a new message: all before it are sent.</returns>
    public bool Add(KnownSet set, int lineLength)
    {
        bool isNew = _length == 0 || _length + lineLength + Reserve > Environment.SystemPageSize;
        _length = (isNew ? Frame + Header + Align(set.NameUtf8.Length + 1) : _length) + lineLength;
        return isNew;
    }

    /// <summary>The message is sent.</summary>
    public void Clear() => _length = 0;

    /// <summary>The bytes that a line takes: one IPSET_ATTR_DATA with IPSET_ATTR_LINENO, ranges and prefix lengths as written.</summary>
    public static int LengthOf(ReadOnlySpan<byte> text, in IpsetElement element)
    {
        IpsetEntry entry = element.Entry;
        int length = Header + Word;
        if (entry.Type == IpsetType.ListSet)
        {
            length += Name(entry.Member) + Name(entry.Before ?? entry.After);
        }
        else
        {
            int first = text.IndexOf((byte)','), last = text.LastIndexOf((byte)',');
            length += Address(text[..(first < 0 ? text.Length : first)], entry.First.Family);
            length += first < 0 ? 0 : Address(text[(last + 1)..], entry.First.Family);
            length += entry.Type == IpsetType.HashNetPortNet ? Word + Word : 0;
            length += element.HasPortRange ? Word : 0;
        }

        if (entry.Comment is null && !entry.HasOptions)
        {
            return length;
        }

        length += entry.NoMatch || entry.Before is not null ? Word : 0;
        length += entry.Timeout is null ? 0 : Word;
        length += entry.Packets is null ? 0 : Long;
        length += entry.Bytes is null ? 0 : Long;
        length += entry.Comment is null ? 0 : Header + Align(Encoding.UTF8.GetByteCount(entry.Comment) + 1);
        length += entry.SkbMark is null ? 0 : Long;
        length += entry.SkbPriority is null ? 0 : Word;
        length += entry.SkbQueue is null ? 0 : Word;
        return length;
    }

    private static int Address(ReadOnlySpan<byte> text, NetfilterFamily family)
    {
        int address = Header + Header + (family == NetfilterFamily.Inet ? 4 : 16);
        return text.Contains((byte)'/') ? address + Word : text.Contains((byte)'-') ? 2 * address : address;
    }

    private static int Name(string? name) => name is null ? 0 : Header + Align(name.Length + 1);

    private static int Align(int length) => (length + 3) & ~3;
}
