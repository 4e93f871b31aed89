using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>A set and what it holds: either what a policy wants, under a logical name, or what was read back, under the kernel's.</summary>
/// <param name="Name">The name.</param>
/// <param name="Family">The family; the kernel gives list:set none, and ours then follow the name.</param>
public abstract record SetSpec(string Name, Family Family)
{
    /// <summary>The kernel's name of the type, such as <c>hash:net</c>.</summary>
    public abstract string TypeName { get; }

    /// <summary>The number of entries.</summary>
    public abstract int Count { get; }

    /// <summary>The entries as <c>ipset save</c> prints them, in order; each is made when it is asked for.</summary>
    public abstract IReadOnlyList<string> EntryTexts { get; }

    /// <summary>Whether <paramref name="other"/> has the same type and entries; names are not compared.</summary>
    public abstract bool HasSameEntries(SetSpec other);
}

/// <summary>A set whose entries have an order, so that two sets are compared by merging.</summary>
/// <typeparam name="TEntry">The entry.</typeparam>
/// <param name="Name">The name.</param>
/// <param name="Family">The family.</param>
/// <param name="Entries">The entries: sorted, none twice (list:set: in the list's order).</param>
public abstract record SetSpec<TEntry>(string Name, Family Family, ImmutableArray<TEntry> Entries) : SetSpec(Name, Family)
    where TEntry : struct, IEquatable<TEntry>
{
    /// <inheritdoc/>
    public override int Count => Entries.Length;

    /// <inheritdoc/>
    public override IReadOnlyList<string> EntryTexts => new EntryTextList<TEntry>(Entries);

    /// <inheritdoc/>
    public override bool HasSameEntries(SetSpec other) =>
        other is SetSpec<TEntry> same && same.TypeName == TypeName && same.Family == Family && same.Entries.AsSpan().SequenceEqual(Entries.AsSpan());
}

/// <summary>A hash:net.</summary>
public sealed record NetSet(string Name, Family Family, ImmutableArray<Prefix> Entries) : SetSpec<Prefix>(Name, Family, Entries)
{
    /// <inheritdoc/>
    public override string TypeName => "hash:net";
}

/// <summary>A hash:net,net.</summary>
public sealed record NetNetSet(string Name, Family Family, ImmutableArray<NetNetEntry> Entries) : SetSpec<NetNetEntry>(Name, Family, Entries)
{
    /// <inheritdoc/>
    public override string TypeName => "hash:net,net";
}

/// <summary>A hash:net,port,net.</summary>
public sealed record NetPortNetSet(string Name, Family Family, ImmutableArray<NetPortNetEntry> Entries)
    : SetSpec<NetPortNetEntry>(Name, Family, Entries)
{
    /// <inheritdoc/>
    public override string TypeName => "hash:net,port,net";
}

/// <summary>A list:set.</summary>
public sealed record ListSet(string Name, Family Family, ImmutableArray<ListEntry> Entries) : SetSpec<ListEntry>(Name, Family, Entries)
{
    /// <inheritdoc/>
    public override string TypeName => "list:set";
}

/// <summary>An entry of a hash:net,net.</summary>
public readonly record struct NetNetEntry(Prefix Source, Prefix Destination) : IRadixKey<NetNetEntry>
{
    /// <inheritdoc/>
    public int CompareTo(NetNetEntry other)
    {
        int order = Source.CompareTo(other.Source);
        return order != 0 ? order : Destination.CompareTo(other.Destination);
    }

    /// <inheritdoc/>
    public static int KeyLength => 2 * Prefix.KeyLength;

    /// <inheritdoc/>
    public byte KeyByte(int position) =>
        position < Prefix.KeyLength ? Source.KeyByte(position) : Destination.KeyByte(position - Prefix.KeyLength);

    /// <inheritdoc/>
    public override string ToString() => $"{Source},{Destination}";

    /// <summary>Order.</summary>
    public static bool operator <(NetNetEntry left, NetNetEntry right) => left.CompareTo(right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(NetNetEntry left, NetNetEntry right) => left.CompareTo(right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(NetNetEntry left, NetNetEntry right) => left.CompareTo(right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(NetNetEntry left, NetNetEntry right) => left.CompareTo(right) >= 0;
}

/// <summary>An entry of a hash:net,port,net.</summary>
/// <param name="Source">The source prefix.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Port">The destination port; for ICMP the type in the high and the code in the low byte.</param>
/// <param name="Destination">The destination prefix.</param>
public readonly record struct NetPortNetEntry(Prefix Source, Protocol Protocol, ushort Port, Prefix Destination)
    : IRadixKey<NetPortNetEntry>
{
    /// <inheritdoc/>
    public int CompareTo(NetPortNetEntry other)
    {
        int order = Source.CompareTo(other.Source);
        order = order != 0 ? order : (byte)Protocol - (byte)other.Protocol;
        order = order != 0 ? order : Port - other.Port;
        return order != 0 ? order : Destination.CompareTo(other.Destination);
    }

    /// <inheritdoc/>
    public static int KeyLength => (2 * Prefix.KeyLength) + 3;

    /// <inheritdoc/>
    public byte KeyByte(int position) => (position - Prefix.KeyLength) switch
    {
        < 0 => Source.KeyByte(position),
        0 => (byte)Protocol,
        1 => (byte)(Port >> 8),
        2 => (byte)Port,
        int behind => Destination.KeyByte(behind - 3),
    };

    /// <inheritdoc/>
    public override string ToString()
    {
        string service = Protocol switch
        {
            Protocol.Icmp => $"icmp:{Port >> 8}/{Port & 255}",
            Protocol.IcmpV6 => $"icmpv6:{Port >> 8}/{Port & 255}",
            Protocol.Tcp => $"tcp:{Port}",
            Protocol.Udp => $"udp:{Port}",
            Protocol.Sctp => $"sctp:{Port}",
            _ => $"udplite:{Port}",
        };
        return $"{Source},{service},{Destination}";
    }

    /// <summary>Order.</summary>
    public static bool operator <(NetPortNetEntry left, NetPortNetEntry right) => left.CompareTo(right) < 0;

    /// <summary>Order.</summary>
    public static bool operator >(NetPortNetEntry left, NetPortNetEntry right) => left.CompareTo(right) > 0;

    /// <summary>Order.</summary>
    public static bool operator <=(NetPortNetEntry left, NetPortNetEntry right) => left.CompareTo(right) <= 0;

    /// <summary>Order.</summary>
    public static bool operator >=(NetPortNetEntry left, NetPortNetEntry right) => left.CompareTo(right) >= 0;
}

/// <summary>A member of a list:set.</summary>
/// <param name="Set">The member's name: logical in a desired state, the kernel's in a plan and in a live state.</param>
/// <param name="Network">The policy's name of the network, kept in the kernel as the member's comment; null where there is none.</param>
public readonly record struct ListEntry(string Set, string? Network)
{
    /// <inheritdoc/>
    public override string ToString() => Network is null ? Set : $"{Set} comment \"{Network}\"";
}
