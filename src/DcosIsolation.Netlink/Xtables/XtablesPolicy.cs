namespace DcosIsolation.Netlink.Xtables;

/// <summary>What becomes of the packets that reach the end of a built-in chain.</summary>
/// <param name="Target"><c>ACCEPT</c> or <c>DROP</c>.</param>
/// <param name="Counters">Those packets.</param>
public readonly record struct XtablesPolicy(string Target, XtablesCounters Counters);
