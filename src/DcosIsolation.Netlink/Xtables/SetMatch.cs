using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The match <c>set</c>, revision 4 (struct xt_set_info_match_v4): whether a set holds the packet. The kernel holds a reference to the set
/// as long as the rule exists. The set's type must have as many dimensions as <paramref name="Directions"/>, and its family must be the
/// rule's: the kernel accepts anything else and matches wrongly.
/// </summary>
/// <param name="Index">The set's index (ip_set_id_t) in the network namespace of the table, not its name.</param>
/// <param name="Directions">Which sides of the packet are looked up.</param>
/// <param name="Negated">Whether the match is true when the set does not hold the packet.</param>
public sealed record SetMatch(ushort Index, SetDirections Directions, bool Negated = false) : XtablesMatch
{
    internal override unsafe Extension Extension(NetfilterFamily family) => new("set", 4, sizeof(xt_set_info_match_v4));

    internal override void Write(Span<byte> data)
    {
        if (!Directions.IsValid)
        {
            throw new ArgumentException($"a set match has one to {xt_set.IPSET_DIM_MAX} directions");
        }

        ref xt_set_info info = ref MemoryMarshal.AsRef<xt_set_info_match_v4>(data).match_set;
        info.index = Index;
        info.dim = Directions.Dimensions;

        // Bit n of the flags is dimension n, counted from 1; bit 0 is the negation (enum ip_set_kopt in linux/netfilter/ipset/ip_set.h).
        info.flags = (byte)(Directions.SourceBits << 1 | (Negated ? xt_set.IPSET_INV_MATCH : 0));
    }

    internal static SetMatch? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<xt_set_info_match_v4>())
        {
            return null;
        }

        xt_set_info info = MemoryMarshal.Read<xt_set_info_match_v4>(data).match_set;
        var directions = new SetDirections(info.dim, (byte)(info.flags >> 1));
        return directions.IsValid ? new(info.index, directions, (info.flags & xt_set.IPSET_INV_MATCH) != 0) : null;
    }

    /// <summary>The match much as iptables-save prints it, with <c>#index</c> for the name.</summary>
    public override string ToString() => $"-m set {(Negated ? "! " : "")}--match-set #{Index} {Directions}";
}
