using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>Where a match or the target lies in a rule's bytes: <see cref="Size"/> counts its header, too.</summary>
internal readonly record struct ExtensionSlice(int Offset, int Size, string Name, byte Revision);

/// <summary>How a rule's bytes are divided, checked to lie within them.</summary>
internal sealed class EntryShape
{
    private EntryShape(List<ExtensionSlice> matches, ExtensionSlice target)
    {
        Matches = matches;
        Target = target;
    }

    /// <summary>The size of struct xt_entry_match and of struct xt_entry_target: the same, as the kernel takes for granted.</summary>
    public static unsafe int HeaderSize => x_tables.XtAlign(sizeof(xt_entry_match));

    public List<ExtensionSlice> Matches { get; }

    public ExtensionSlice Target { get; }

    /// <summary>Whether the target is the kernel's standard target: a verdict or a jump.</summary>
    public bool IsStandard => Target.Name.Length == 0;

    /// <summary>Divides an entry; null if it doesn't hold together.</summary>
    public static EntryShape? TryParse(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        int offset = EntryHeader.Size(family);
        if (entry.Length < offset)
        {
            return null;
        }

        (int targetOffset, int nextOffset) = EntryHeader.Offsets(family, entry);
        if (nextOffset != entry.Length || targetOffset < offset || targetOffset > nextOffset)
        {
            return null;
        }

        var matches = new List<ExtensionSlice>();
        while (offset < targetOffset)
        {
            if (TrySlice(entry[..targetOffset], offset) is not { } match)
            {
                return null;
            }

            matches.Add(match);
            offset += match.Size;
        }

        return TrySlice(entry, targetOffset) is { } target && target.Offset + target.Size == nextOffset ? new(matches, target) : null;
    }

    /// <summary>The target's name, without looking at the matches; empty if the entry doesn't hold together.</summary>
    public static string TargetName(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        int header = EntryHeader.Size(family);
        int offset = entry.Length < header ? 0 : EntryHeader.Offsets(family, entry).TargetOffset;
        return offset >= header && offset < entry.Length && TrySlice(entry, offset) is { } target ? target.Name : "";
    }

    private static unsafe ExtensionSlice? TrySlice(ReadOnlySpan<byte> entry, int offset)
    {
        if (entry.Length - offset < HeaderSize)
        {
            return null;
        }

        xt_entry_match header = MemoryMarshal.Read<xt_entry_match>(entry[offset..]);
        int size = header.u_user_match_size;
        var name = new ReadOnlySpan<byte>(header.u_user_name, x_tables.XT_EXTENSION_MAXNAMELEN);
        int length = name.IndexOf((byte)0);
        return length >= 0 && size >= HeaderSize && size <= entry.Length - offset && size == x_tables.XtAlign(size)
            ? new(offset, size, Encoding.Latin1.GetString(name[..length]), header.u_user_revision)
            : null;
    }
}
