using System.Text;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// How long a line is in a message of the ipset program: one IPSET_ATTR_DATA with IPSET_ATTR_LINENO, ranges and prefix lengths as written.
/// </summary>
/// <param name="Length">The bytes that it takes.</param>
/// <param name="Needed">The bytes that must be free for it: texts are measured as if they were as long as they can be.</param>
internal readonly record struct PeerLength(int Length, int Needed)
{
    private const int Header = 4;
    private const int Word = Header + 4;
    private const int Long = Header + 8;
    private const int MaxComment = Header + 256;
    private const int MaxName = Header + 32;

    /// <summary>The bytes of an attribute that holds a text of so many bytes.</summary>
    public static int OfText(int length) => Header + ((length + 1 + 3) & ~3);

    /// <summary>The length of a line.</summary>
    /// <param name="text">The element as it was written.</param>
    /// <param name="element">The same, understood, with its options.</param>
    public static PeerLength Of(ReadOnlySpan<byte> text, in IpsetElement element)
    {
        IpsetEntry entry = element.Entry;
        int length = Header, needed = 0;
        if (entry.HasOptions)
        {
            length += entry.NoMatch || entry.Before is not null ? Word : 0;
            length += entry.Timeout is null ? 0 : Word;
        }

        if (entry.Type == IpsetType.ListSet)
        {
            needed = length + MaxName;
            length += OfText(entry.Member!.Length);
            if ((entry.Before ?? entry.After) is { } reference)
            {
                needed = length + MaxName;
                length += OfText(reference.Length);
            }
        }
        else
        {
            length += Addresses(text, entry);
            length += entry.Type == IpsetType.HashNetPortNet ? Word + Word : 0;
            length += element.HasPortRange ? Word : 0;
        }

        if (entry.HasOptions || entry.Comment is not null)
        {
            length += entry.Packets is null ? 0 : Long;
            length += entry.Bytes is null ? 0 : Long;
            if (entry.Comment is not null)
            {
                needed = Math.Max(needed, length + MaxComment);
                length += OfText(Encoding.UTF8.GetByteCount(entry.Comment));
            }

            length += entry.SkbMark is null ? 0 : Long;
            length += entry.SkbPriority is null ? 0 : Word;
            length += entry.SkbQueue is null ? 0 : Word;
        }

        length += Word;
        return new PeerLength(length, Math.Max(needed, length));
    }

    private static int Addresses(ReadOnlySpan<byte> text, in IpsetEntry entry)
    {
        int first = text.IndexOf((byte)','), last = text.LastIndexOf((byte)',');
        NetfilterFamily family = entry.First.Family;
        return first < 0 ? Address(text, family) : Address(text[..first], family) + Address(text[(last + 1)..], family);
    }

    private static int Address(ReadOnlySpan<byte> text, NetfilterFamily family)
    {
        int address = Header + Header + (family == NetfilterFamily.Inet ? 4 : 16);
        return text.Contains((byte)'/') ? address + Word : text.Contains((byte)'-') ? 2 * address : address;
    }
}
