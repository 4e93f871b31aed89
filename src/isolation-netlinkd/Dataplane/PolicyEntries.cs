using System.Runtime.InteropServices;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Wire;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// The policy's entries as entries that write themselves into netlink messages: a set's array is reinterpreted, not copied, so that loading a
/// set costs no memory beyond the set.
/// </summary>
internal static class PolicyEntries
{
    /// <summary>Adds all entries of <paramref name="set"/> to the kernel's set of that name, which is new.</summary>
    public static void AddAll(IpsetClient client, SetSpec set)
    {
        switch (set)
        {
            case NetSet nets:
                client.Fill(set.Name, MemoryMarshal.Cast<Prefix, NetItem>(nets.Entries.AsSpan()));
                break;
            case NetNetSet pairs:
                client.Fill(set.Name, MemoryMarshal.Cast<NetNetEntry, NetNetItem>(pairs.Entries.AsSpan()));
                break;
            case NetPortNetSet services:
                client.Fill(set.Name, MemoryMarshal.Cast<NetPortNetEntry, NetPortNetItem>(services.Entries.AsSpan()));
                break;
            case ListSet list:
                foreach (ListEntry member in list.Entries)
                {
                    client.Add(set.Name, IpsetEntry.Set(member.Set) with { Comment = member.Network });
                }

                break;
            default:
                throw new ArgumentException($"{set.GetType().Name} is no kind of set", nameof(set));
        }
    }

    /// <summary>
    /// Adds entries to the kernel's set of that name, or deletes them; those that are there already, or gone already, are as they should be.
    /// </summary>
    public static void Edit(IpsetClient client, SetSpec entries, bool isAdd)
    {
        switch (entries)
        {
            case NetSet nets:
                Edit(client, nets.Name, MemoryMarshal.Cast<Prefix, NetItem>(nets.Entries.AsSpan()), isAdd);
                break;
            case NetNetSet pairs:
                Edit(client, pairs.Name, MemoryMarshal.Cast<NetNetEntry, NetNetItem>(pairs.Entries.AsSpan()), isAdd);
                break;
            case NetPortNetSet services:
                Edit(client, services.Name, MemoryMarshal.Cast<NetPortNetEntry, NetPortNetItem>(services.Entries.AsSpan()), isAdd);
                break;
            default:
                throw new ArgumentException($"a {entries.TypeName} is not changed in place", nameof(entries));
        }
    }

    public static NetfilterFamily ToNetfilter(Family family) => family == Family.Inet ? NetfilterFamily.Inet : NetfilterFamily.Inet6;

    public static IpsetType TypeOf(SetSpec set) =>
        IpsetTypeNames.Parse(set.TypeName) ?? throw new ArgumentException($"there is no set type {set.TypeName}", nameof(set));

    private static void Edit<T>(IpsetClient client, string set, ReadOnlySpan<T> entries, bool isAdd)
        where T : struct, IIpsetEntry
    {
        if (isAdd)
        {
            client.AddRange(set, entries, ignoreExisting: true);
        }
        else
        {
            client.DeleteRange(set, entries, ignoreMissing: true);
        }
    }

    private static IpsetPrefix ToIpset(Prefix prefix) => new(ToNetfilter(prefix.Family), prefix.Bits, prefix.Length);

    private readonly struct NetItem(Prefix entry) : IIpsetEntry
    {
        public static int MaxEncodedLength => IpsetPrefix.MaxEncodedLength;

        public void WriteTo(ref NetlinkMessageWriter writer) => ToIpset(entry).WriteTo(ref writer);

        public IpsetEntry ToEntry() => ToIpset(entry).ToEntry();

        public override string ToString() => entry.ToString();
    }

    private readonly struct NetNetItem(NetNetEntry entry) : IIpsetEntry
    {
        public static int MaxEncodedLength => IpsetEntry.MaxEncodedLength;

        public void WriteTo(ref NetlinkMessageWriter writer) => ToEntry().WriteTo(ref writer);

        public IpsetEntry ToEntry() => IpsetEntry.NetNet(ToIpset(entry.Source), ToIpset(entry.Destination));

        public override string ToString() => entry.ToString();
    }

    private readonly struct NetPortNetItem(NetPortNetEntry entry) : IIpsetEntry
    {
        public static int MaxEncodedLength => IpsetEntry.MaxEncodedLength;

        public void WriteTo(ref NetlinkMessageWriter writer) => ToEntry().WriteTo(ref writer);

        public IpsetEntry ToEntry() =>
            IpsetEntry.NetPortNet(ToIpset(entry.Source), (byte)entry.Protocol, entry.Port, ToIpset(entry.Destination));

        public override string ToString() => entry.ToString();
    }
}
