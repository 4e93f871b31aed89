namespace DcosIsolation.Netlink.Xtables;

/// <summary>What a rule has matched so far: struct xt_counters.</summary>
/// <param name="Packets">Packets.</param>
/// <param name="Bytes">Bytes of those packets, from the network header on.</param>
public readonly record struct XtablesCounters(ulong Packets, ulong Bytes);
