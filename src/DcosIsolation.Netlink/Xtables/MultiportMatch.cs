using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The match <c>multiport</c>, revision 1 (struct xt_multiport_v1). The rule needs a protocol that has ports: TCP, UDP, UDP-Lite, DCCP or
/// SCTP.
/// </summary>
/// <param name="Ports">The ports: at most 15 slots (XT_MULTI_PORTS), of which a single port takes one and a range two.</param>
/// <param name="Negated">Whether the match is true when none of them is the packet's.</param>
public sealed record MultiportMatch(ImmutableArray<PortRange> Ports, bool Negated = false) : XtablesMatch
{
    /// <summary>Which of the packet's ports are meant.</summary>
    public PortDirection Direction { get; init; } = PortDirection.Destination;

    /// <inheritdoc/>
    public bool Equals(MultiportMatch? other) =>
        other is not null
        && Direction == other.Direction
        && Negated == other.Negated
        && Ports.AsSpan().SequenceEqual(other.Ports.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add((byte)Direction);
        hash.Add(Negated);
        hash.AddBytes(MemoryMarshal.AsBytes(Ports.AsSpan()));
        return hash.ToHashCode();
    }

    internal override unsafe Extension Extension(NetfilterFamily family) => new("multiport", 1, sizeof(xt_multiport_v1));

    internal override unsafe void Write(Span<byte> data)
    {
        int slots = 0;
        foreach (PortRange range in Ports.AsSpan())
        {
            if (range.Last < range.First)
            {
                throw new ArgumentException($"the port range {range} ends before it begins");
            }

            slots += range.First == range.Last ? 1 : 2;
        }

        if (slots is 0 or > xt_multiport.XT_MULTI_PORTS)
        {
            throw new ArgumentException($"a multiport match takes one to {xt_multiport.XT_MULTI_PORTS} ports, a range counting twice");
        }

        ref xt_multiport_v1 info = ref MemoryMarshal.AsRef<xt_multiport_v1>(data);
        info.flags = (byte)Direction;
        info.count = (byte)slots;
        info.invert = (byte)(Negated ? 1 : 0);
        int slot = 0;
        foreach (PortRange range in Ports.AsSpan())
        {
            info.ports[slot] = range.First;
            if (range.First != range.Last)
            {
                info.pflags[slot++] = 1;
                info.ports[slot] = range.Last;
            }

            slot++;
        }
    }

    internal static unsafe MultiportMatch? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<xt_multiport_v1>())
        {
            return null;
        }

        xt_multiport_v1 info = MemoryMarshal.Read<xt_multiport_v1>(data);
        if (info.count is 0 or > xt_multiport.XT_MULTI_PORTS || info.flags > xt_multiport.XT_MULTIPORT_EITHER)
        {
            return null;
        }

        var ports = ImmutableArray.CreateBuilder<PortRange>(info.count);
        for (int slot = 0; slot < info.count; slot++)
        {
            ushort first = info.ports[slot];
            bool isRange = info.pflags[slot] != 0 && slot + 1 < info.count;
            ushort last = isRange ? info.ports[++slot] : first;
            if (last < first)
            {
                return null;
            }

            ports.Add(new(first, last));
        }

        return new(ports.ToImmutable(), info.invert != 0) { Direction = (PortDirection)info.flags };
    }

    /// <summary>The match as iptables-save prints it.</summary>
    public override string ToString()
    {
        string option = Direction switch
        {
            PortDirection.Source => "--sports",
            PortDirection.Destination => "--dports",
            _ => "--ports",
        };
        return $"-m multiport {(Negated ? "! " : "")}{option} {string.Join(',', Ports)}";
    }
}
