using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The match <c>conntrack</c>, revision 3 (struct xt_conntrack_mtinfo3), for the state alone.</summary>
/// <param name="States">The states; any of them matches.</param>
/// <param name="Negated">Whether the match is true when none of them is the packet's.</param>
public sealed record ConntrackStateMatch(ConntrackStates States, bool Negated = false) : XtablesMatch
{
    internal override unsafe Extension Extension(NetfilterFamily family) => new("conntrack", 3, sizeof(xt_conntrack_mtinfo3));

    internal override void Write(Span<byte> data)
    {
        ref xt_conntrack_mtinfo3 info = ref MemoryMarshal.AsRef<xt_conntrack_mtinfo3>(data);
        info.match_flags = xt_conntrack.XT_CONNTRACK_STATE;
        info.invert_flags = (ushort)(Negated ? xt_conntrack.XT_CONNTRACK_STATE : 0);
        info.state_mask = (ushort)States;
    }

    internal static ConntrackStateMatch? TryRead(ReadOnlySpan<byte> data)
    {
        if (data.Length < Unsafe.SizeOf<xt_conntrack_mtinfo3>())
        {
            return null;
        }

        xt_conntrack_mtinfo3 info = MemoryMarshal.Read<xt_conntrack_mtinfo3>(data);
        return new((ConntrackStates)info.state_mask, info.invert_flags != 0);
    }

    /// <summary>The match as iptables-save prints it.</summary>
    public override string ToString()
    {
        ReadOnlySpan<(ConntrackStates State, string Name)> names =
        [
            (ConntrackStates.Invalid, "INVALID"),
            (ConntrackStates.New, "NEW"),
            (ConntrackStates.Related, "RELATED"),
            (ConntrackStates.Established, "ESTABLISHED"),
            (ConntrackStates.Untracked, "UNTRACKED"),
            (ConntrackStates.SourceNat, "SNAT"),
            (ConntrackStates.DestinationNat, "DNAT"),
        ];
        var text = new List<string>();
        foreach ((ConntrackStates state, string name) in names)
        {
            if (States.HasFlag(state))
            {
                text.Add(name);
            }
        }

        return $"-m conntrack {(Negated ? "! " : "")}--ctstate {string.Join(',', text)}";
    }
}
