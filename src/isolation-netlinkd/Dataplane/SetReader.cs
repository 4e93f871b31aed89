using System.Collections.Immutable;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>Reads a set of the kernel as the policy's kind of set: sorted, or null where it holds what the project never puts into a set.</summary>
internal static class SetReader
{
    private const int ProgressMask = 0xfff;

    /// <summary>Reads a set, or returns null when it changed since it was listed: it is gone, or holds more or fewer entries.</summary>
    /// <param name="client">The kernel.</param>
    /// <param name="info">The set.</param>
    /// <param name="progress">Is told how far it is, every some thousand entries; null to tell nobody.</param>
    public static LiveSet? TryRead(IpsetClient client, IpsetInfo info, IpsetProgressHandler? progress = null)
    {
        try
        {
            int count = 0;
            SetSpec? content = ReadContent(client, info, progress, ref count);
            return content is not null && count != info.Elements ? null : Live(info, content);
        }
        catch (IpsetException e) when (e.Errno == Errno.NoEntry)
        {
            return null;
        }
    }

    /// <summary>A set whose entries are known, from its header alone.</summary>
    public static LiveSet Live(IpsetInfo info, SetSpec? content) =>
        new(info.Name, info.TypeName, content, (int)info.References, info.Options.MaxElem ?? 0, info.MemorySize);

    private static SetSpec? ReadContent(IpsetClient client, IpsetInfo info, IpsetProgressHandler? progress, ref int count)
    {
        Family family = FamilyOf(info);
        switch (info.Type)
        {
            case IpsetType.HashNet:
                return CollectPrefixes(client, info, progress, ref count) is { } nets ? new NetSet(info.Name, family, Sorted(nets)) : null;
            case IpsetType.HashNetNet:
                return Collect(client, info, ref count, ToNetNet) is { } pairs ? new NetNetSet(info.Name, family, Sorted(pairs)) : null;
            case IpsetType.HashNetPortNet:
                return Collect(client, info, ref count, ToNetPortNet) is { } services
                    ? new NetPortNetSet(info.Name, family, Sorted(services))
                    : null;
            case IpsetType.ListSet:
                return Collect(client, info, ref count, static (in entry) => new ListEntry(entry.Member!, entry.Comment)) is { } members
                    ? new ListSet(info.Name, family, ImmutableCollectionsMarshal.AsImmutableArray(members))
                    : null;
            default:
                return null;
        }
    }

    /// <summary>The family; that of a list:set, which has none, by its name.</summary>
    public static Family FamilyOf(IpsetInfo info) => info.Family == NetfilterFamily.Unspecified
        ? KernelNames.FamilyOf(info.Name) ?? Family.Inet
        : info.Family == NetfilterFamily.Inet ? Family.Inet : Family.Inet6;

    /// <summary>Reads prefixes into an array for as many as were listed; others are only counted.</summary>
    private static Prefix[]? CollectPrefixes(IpsetClient client, IpsetInfo info, IpsetProgressHandler? progress, ref int count)
    {
        var prefixes = GC.AllocateUninitializedArray<Prefix>((int)info.Elements);
        int found = 0;
        bool foreign = false;
        client.ReadPrefixes(
            info.Name,
            (in prefix) =>
            {
                if (found < prefixes.Length)
                {
                    prefixes[found] = ToPrefix(prefix);
                }

                if ((++found & ProgressMask) == 0)
                {
                    progress?.Invoke(info.Name, found, prefixes.Length);
                }
            },
            (in _) =>
            {
                foreign = true;
                found++;
            });
        count = found;
        progress?.Invoke(info.Name, found, found);
        return foreign ? null : prefixes;
    }

    private static TEntry[]? Collect<TEntry>(IpsetClient client, IpsetInfo info, ref int count, Conversion<TEntry> convert)
    {
        var entries = new TEntry[info.Elements];
        int found = 0;
        bool foreign = false;
        client.ReadEntries(info.Name, (in entry) =>
        {
            foreign |= entry.HasOptions || (entry.Comment is not null && entry.Type != IpsetType.ListSet)
                || (entry.Type == IpsetType.HashNetPortNet && !Enum.IsDefined((Protocol)entry.Protocol));
            if (found < entries.Length)
            {
                entries[found] = convert(entry);
            }

            found++;
        });
        count = found;
        return foreign ? null : entries;
    }

    private static ImmutableArray<TEntry> Sorted<TEntry>(TEntry[] entries)
        where TEntry : struct, IRadixKey<TEntry>
    {
        RadixSort.Sort<TEntry>(entries);
        return ImmutableCollectionsMarshal.AsImmutableArray(entries);
    }

    private static NetNetEntry ToNetNet(in IpsetEntry entry) => new(ToPrefix(entry.First), ToPrefix(entry.Second));

    private static NetPortNetEntry ToNetPortNet(in IpsetEntry entry) =>
        new(ToPrefix(entry.First), (Protocol)entry.Protocol, entry.Port, ToPrefix(entry.Second));

    private static Prefix ToPrefix(IpsetPrefix prefix) =>
        new(prefix.Family == NetfilterFamily.Inet ? Family.Inet : Family.Inet6, prefix.Bits, prefix.Length);

    private delegate TEntry Conversion<TEntry>(in IpsetEntry entry);
}
