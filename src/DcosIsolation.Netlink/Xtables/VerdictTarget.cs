namespace DcosIsolation.Netlink.Xtables;

/// <summary>A verdict of the standard target.</summary>
public enum XtablesVerdict
{
    /// <summary>ACCEPT: the packet leaves the table.</summary>
    Accept,

    /// <summary>DROP: the packet is lost without a word.</summary>
    Drop,

    /// <summary>RETURN: back to the calling chain, or to the policy of a built-in one.</summary>
    Return,
}

/// <summary>A verdict: struct xt_standard_target.</summary>
/// <param name="Verdict">The verdict.</param>
public sealed record VerdictTarget(XtablesVerdict Verdict) : XtablesTarget
{
    private string Name => Verdict switch
    {
        XtablesVerdict.Accept => "ACCEPT",
        XtablesVerdict.Drop => "DROP",
        _ => "RETURN",
    };

    internal override Extension Extension(NetfilterFamily family) => new(Name, 0, sizeof(int));

    internal override void Write(NetfilterFamily family, Span<byte> data)
    {
    }

    /// <summary>The target as iptables-save prints it.</summary>
    public override string ToString() => $"-j {Name}";
}
