namespace DcosIsolation.Netlink.Xtables;

/// <summary>A jump to a user-defined chain of the same table, which must exist: struct xt_standard_target.</summary>
/// <param name="Chain">The chain's name: 1 to 28 bytes of printable ASCII.</param>
public sealed record JumpTarget(string Chain) : XtablesTarget
{
    internal override Extension Extension(NetfilterFamily family)
    {
        ChainName.Check(Chain);
        return new(Chain, 0, sizeof(int));
    }

    internal override void Write(NetfilterFamily family, Span<byte> data)
    {
    }

    /// <summary>The target as iptables-save prints it.</summary>
    public override string ToString() => $"-j {Chain}";
}
