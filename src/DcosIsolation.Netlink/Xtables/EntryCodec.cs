using System.Collections.Immutable;
using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Rules to bytes and back. The bytes are those that libiptc takes: struct ipt_entry or ip6t_entry, the matches, the target, where a
/// verdict or a jump has its name in the target's (libiptc.c, iptcc_map_target). The kernel's own form has an empty name and a number
/// there, for a jump an offset that any change of the table moves; <see cref="Normalize"/> takes it to this one.
/// </summary>
internal static class EntryCodec
{
    /// <summary>The most that next_offset, a __u16, can say.</summary>
    private const int MaxSize = ushort.MaxValue;

    public static byte[] Encode(NetfilterFamily family, XtablesRule rule)
    {
        ImmutableArray<XtablesMatch> matches = rule.Matches.IsDefault ? [] : rule.Matches;
        int targetOffset = EntryHeader.Size(family) + matches.Sum(match => ExtensionSize(match.Extension(family)));
        Extension target = rule.Target.Extension(family);
        int size = targetOffset + ExtensionSize(target);
        if (size > MaxSize)
        {
            throw new ArgumentException($"the rule takes {size} bytes; xtables takes {MaxSize}", nameof(rule));
        }

        byte[] entry = new byte[size];
        EntryHeader.Write(family, entry, rule, targetOffset, size);
        Span<byte> rest = entry.AsSpan(EntryHeader.Size(family));
        foreach (XtablesMatch match in matches)
        {
            match.Write(WriteExtension(ref rest, match.Extension(family)));
        }

        rule.Target.Write(family, WriteExtension(ref rest, target));
        return entry;
    }

    /// <summary>
    /// Makes bytes comparable that came from the kernel through libiptc: no counters or kernel marks, nothing after a name's NUL (the
    /// kernel writes names with strlen + 1 into memory that libiptc didn't clear: x_tables.c, xt_obj_to_user), verdicts and jumps by name.
    /// </summary>
    /// <param name="family">The family.</param>
    /// <param name="entry">The entry as the kernel returns it.</param>
    /// <param name="target">
    /// What libiptc's get_target says of it: a verdict, a chain, a target's name or, for none, the empty string.
    /// </param>
    public static byte[] Normalize(NetfilterFamily family, ReadOnlySpan<byte> entry, string target)
    {
        byte[] copy = entry.ToArray();
        if (EntryShape.TryParse(family, copy) is not { } shape)
        {
            return copy;
        }

        EntryHeader.ClearState(family, copy);
        foreach (ExtensionSlice match in shape.Matches)
        {
            SetName(copy.AsSpan(match.Offset), match.Name);
        }

        Span<byte> targetBytes = copy.AsSpan(shape.Target.Offset, shape.Target.Size);
        SetName(targetBytes, shape.IsStandard ? target : shape.Target.Name);
        if (shape.IsStandard)
        {
            targetBytes[EntryShape.HeaderSize..].Clear();
        }

        return copy;
    }

    /// <summary>Reads normalized bytes: null for a rule of which <see cref="XtablesRule"/> could not say everything.</summary>
    /// <param name="family">The family.</param>
    /// <param name="entry">What <see cref="Normalize"/> returned.</param>
    /// <param name="isStandard">Whether the target is the kernel's standard one, so that its name is a verdict's or a chain's.</param>
    public static XtablesRule? TryDecode(NetfilterFamily family, ReadOnlySpan<byte> entry, bool isStandard)
    {
        if (EntryShape.TryParse(family, entry) is not { } shape
            || !EntryHeader.TryRead(family, entry, out var source, out var destination, out byte protocol)
            || TryReadTarget(shape.Target.Name, isStandard, Data(entry, shape.Target)) is not { } target)
        {
            return null;
        }

        var matches = ImmutableArray.CreateBuilder<XtablesMatch>(shape.Matches.Count);
        foreach (ExtensionSlice slice in shape.Matches)
        {
            if (XtablesMatch.TryRead(family, slice.Name, slice.Revision, Data(entry, slice)) is not { } match)
            {
                return null;
            }

            matches.Add(match);
        }

        var rule = new XtablesRule
        {
            Source = source,
            Destination = destination,
            Protocol = protocol,
            Matches = matches.MoveToImmutable(),
            Target = target,
        };
        return entry.SequenceEqual(Encode(family, rule)) ? rule : null;
    }

    /// <summary>What normalized bytes are made of, for people: the names of the matches and the target.</summary>
    public static string Describe(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        if (EntryShape.TryParse(family, entry) is not { } shape)
        {
            return $"a malformed rule of {entry.Length} bytes";
        }

        var parts = new List<string>();
        if (!EntryHeader.TryRead(family, entry, out IPNetwork? source, out IPNetwork? destination, out byte protocol))
        {
            parts.Add("(interfaces or other conditions)");
        }

        AddIf(source is not null, $"-s {source}");
        AddIf(destination is not null, $"-d {destination}");
        AddIf(protocol != 0, $"-p {protocol}");
        parts.AddRange(shape.Matches.Select(match => $"-m {match.Name}"));
        AddIf(shape.Target.Name.Length > 0, $"-j {shape.Target.Name}");
        return parts.Count == 0 ? "no target" : string.Join(' ', parts);

        void AddIf(bool isThere, string part)
        {
            if (isThere)
            {
                parts.Add(part);
            }
        }
    }

    /// <summary>The indexes of the sets that a rule refers to, as often as it does: in matches <c>set</c> and targets <c>SET</c>.</summary>
    /// <remarks>
    /// Every revision of the match begins with the set's index, and so does every struct xt_set_info of the target: two of them, three from
    /// revision 3 on (linux/netfilter/xt_set.h).
    /// </remarks>
    public static List<ushort> SetIndexes(NetfilterFamily family, ReadOnlySpan<byte> entry)
    {
        var indexes = new List<ushort>();
        if (EntryShape.TryParse(family, entry) is not { } shape)
        {
            return indexes;
        }

        foreach (ExtensionSlice match in shape.Matches.Where(match => match.Name == "set"))
        {
            AddIndexes(indexes, entry.Slice(match.Offset + EntryShape.HeaderSize, match.Size - EntryShape.HeaderSize), count: 1, stride: 0);
        }

        if (shape.Target is { Name: "SET", Revision: > 0 } target)
        {
            ReadOnlySpan<byte> data = entry.Slice(target.Offset + EntryShape.HeaderSize, target.Size - EntryShape.HeaderSize);
            AddIndexes(indexes, data, target.Revision >= 3 ? 3 : 2, Unsafe.SizeOf<xt_set_info>());
        }

        return indexes;
    }

    /// <summary>The matches <c>set</c> that a rule begins with, up to the first that is not wanted.</summary>
    public static ImmutableArray<SetMatch> LeadingSetMatches(NetfilterFamily family, ReadOnlySpan<byte> entry, Func<SetMatch, bool> isWanted)
    {
        var sets = ImmutableArray.CreateBuilder<SetMatch>();
        foreach (ExtensionSlice slice in EntryShape.TryParse(family, entry)?.Matches ?? [])
        {
            ReadOnlySpan<byte> data = entry.Slice(slice.Offset + EntryShape.HeaderSize, slice.Size - EntryShape.HeaderSize);
            if (XtablesMatch.TryRead(family, slice.Name, slice.Revision, data) is not SetMatch match || !isWanted(match) || !IsWhole(match, data))
            {
                break;
            }

            sets.Add(match);
        }

        return sets.ToImmutable();

        // What SetMatch cannot say, such as bounds for the entry's counters, must not get lost.
        static bool IsWhole(SetMatch match, ReadOnlySpan<byte> data)
        {
            Span<byte> written = stackalloc byte[data.Length];
            match.Write(written);
            return data.SequenceEqual(written);
        }
    }

    /// <summary>A mask for comparing by value: the whole header, and of each extension the head and so many bytes of data.</summary>
    public static byte[] CompareMask(NetfilterFamily family, ReadOnlySpan<byte> entry, ReadOnlySpan<ushort> userSizes)
    {
        byte[] mask = new byte[entry.Length];
        int at = EntryHeader.Size(family);
        mask.AsSpan(0, at).Fill(0xff);
        foreach (ushort userSize in userSizes)
        {
            int size = MemoryMarshal.Read<xt_entry_match>(entry[at..]).u_user_match_size;
            mask.AsSpan(at, Math.Min(size, EntryShape.HeaderSize + userSize)).Fill(0xff);
            at += size;
        }

        return mask;
    }

    /// <summary>The entry with matches put before its own.</summary>
    public static byte[] InsertMatches(NetfilterFamily family, ReadOnlySpan<byte> entry, IReadOnlyList<XtablesMatch> matches)
    {
        int header = EntryHeader.Size(family);
        int added = matches.Sum(match => ExtensionSize(match.Extension(family)));
        if (entry.Length + added > MaxSize)
        {
            throw new ArgumentException($"the rule takes {entry.Length + added} bytes; xtables takes {MaxSize}", nameof(matches));
        }

        byte[] longer = new byte[entry.Length + added];
        entry[..header].CopyTo(longer);
        entry[header..].CopyTo(longer.AsSpan(header + added));
        Span<byte> rest = longer.AsSpan(header);
        foreach (XtablesMatch match in matches)
        {
            match.Write(WriteExtension(ref rest, match.Extension(family)));
        }

        EntryHeader.MoveOffsets(family, longer, added);
        return longer;
    }

    /// <summary>The entry without its first matches.</summary>
    public static byte[] RemoveMatches(NetfilterFamily family, ReadOnlySpan<byte> entry, int count)
    {
        int header = EntryHeader.Size(family);
        int removed = EntryShape.TryParse(family, entry)?.Matches.Take(count).Sum(match => match.Size) ?? 0;
        byte[] shorter = new byte[entry.Length - removed];
        entry[..header].CopyTo(shorter);
        entry[(header + removed)..].CopyTo(shorter.AsSpan(header));
        EntryHeader.MoveOffsets(family, shorter, -removed);
        return shorter;
    }

    private static void AddIndexes(List<ushort> indexes, ReadOnlySpan<byte> data, int count, int stride)
    {
        const ushort None = ushort.MaxValue;
        for (int i = 0; i < count && data.Length >= (i * stride) + sizeof(ushort); i++)
        {
            ushort index = MemoryMarshal.Read<ushort>(data[(i * stride)..]);
            if (index != None)
            {
                indexes.Add(index);
            }
        }
    }

    /// <summary>Writes a standard target as libiptc takes it: a verdict's or a chain's name, or none.</summary>
    public static void WriteStandardTarget(Span<byte> target, string name) =>
        WriteExtension(ref target, new Extension(name, 0, Unsafe.SizeOf<xt_standard_target>() - EntryShape.HeaderSize));

    private static ReadOnlySpan<byte> Data(ReadOnlySpan<byte> entry, ExtensionSlice slice) =>
        entry.Slice(slice.Offset + EntryShape.HeaderSize, slice.Size - EntryShape.HeaderSize);

    private static XtablesTarget? TryReadTarget(string name, bool isStandard, ReadOnlySpan<byte> data) => (name, isStandard) switch
    {
        ("ACCEPT", true) => new VerdictTarget(XtablesVerdict.Accept),
        ("DROP", true) => new VerdictTarget(XtablesVerdict.Drop),
        ("RETURN", true) => new VerdictTarget(XtablesVerdict.Return),
        (_, true) => ChainName.IsValid(name) ? new JumpTarget(name) : null,
        ("REJECT", false) => new RejectTarget(),
        ("TRACE", false) => new TraceTarget(),
        ("LOG", false) => LogTarget.TryRead(data),
        ("NFLOG", false) => NflogTarget.TryRead(data),
        _ => null,
    };

    private static int ExtensionSize(Extension extension) => EntryShape.HeaderSize + x_tables.XtAlign(extension.DataSize);

    /// <summary>Writes the header of a match or target and returns its data.</summary>
    private static Span<byte> WriteExtension(ref Span<byte> rest, Extension extension)
    {
        int size = ExtensionSize(extension);
        ref xt_entry_match header = ref MemoryMarshal.AsRef<xt_entry_match>(rest);
        header.u_user_match_size = (ushort)size;
        header.u_user_revision = extension.Revision;
        SetName(rest, extension.Name);
        Span<byte> data = rest[EntryShape.HeaderSize..size];
        rest = rest[size..];
        return data;
    }

    private static unsafe void SetName(Span<byte> extension, string name)
    {
        ref xt_entry_match header = ref MemoryMarshal.AsRef<xt_entry_match>(extension);
        Span<byte> field = MemoryMarshal.CreateSpan(ref header.u_user_name[0], x_tables.XT_EXTENSION_MAXNAMELEN);
        field.Clear();
        ChainName.ToBytes(name).AsSpan(0, Math.Min(name.Length, field.Length)).CopyTo(field);
    }
}
