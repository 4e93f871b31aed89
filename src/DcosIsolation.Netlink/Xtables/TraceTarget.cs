namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The target <c>TRACE</c>, which has no data: every rule that the packet matches from here on, in any table, is logged, through the logger
/// that is bound to the family. The packet goes on to the next rule. The kernel allows it in the table raw, and refuses it with ENOENT
/// where it has no logger that writes to its own log (xt_TRACE.c, trace_tg_check).
/// </summary>
public sealed record TraceTarget : XtablesTarget
{
    internal override Extension Extension(NetfilterFamily family) => new("TRACE", 0, 0);

    internal override void Write(NetfilterFamily family, Span<byte> data)
    {
    }

    /// <summary>The target as iptables-save prints it.</summary>
    public override string ToString() => "-j TRACE";
}
