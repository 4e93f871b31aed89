namespace DcosIsolation.Netlink.Ipset;

/// <summary>A mark for the SET target to put on packets: the bits of the mask are set to those of the value.</summary>
/// <param name="Value">The mark.</param>
/// <param name="Mask">The bits that the mark replaces; all unless said otherwise.</param>
public readonly record struct IpsetSkbMark(uint Value, uint Mask = uint.MaxValue);
