namespace DcosIsolation.Netlink.Xtables;

/// <summary>Ports from <paramref name="First"/> to <paramref name="Last"/>, both included.</summary>
/// <param name="First">The lowest port.</param>
/// <param name="Last">The highest port: not below <paramref name="First"/>.</param>
public readonly record struct PortRange(ushort First, ushort Last)
{
    /// <summary>One port, or <c>first:last</c>.</summary>
    public override string ToString() => First == Last ? $"{First}" : $"{First}:{Last}";
}
