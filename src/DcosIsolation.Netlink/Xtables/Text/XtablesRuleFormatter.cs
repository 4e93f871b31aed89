using System.Buffers;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Renders rules as iptables-save does, through the extensions that the iptables installation has. Safe for any number of threads.
/// </summary>
public static class XtablesRuleFormatter
{
    /// <summary>A rule in a table, as iptables-save prints it, less <c>-A chain</c>.</summary>
    /// <exception cref="XtablesRuleException">An extension would not print it.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public static string Format(NetfilterFamily family, XtablesTableRule rule) => throw new NotImplementedException();

    /// <summary>A rule, as iptables-save would print it, less <c>-A chain</c>.</summary>
    /// <exception cref="XtablesRuleException">An extension would not print it.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public static string Format(XtablesEntry entry) => throw new NotImplementedException();

    /// <summary>
    /// Writes a table as iptables-save does: from <c>*name</c> over <c>:CHAIN policy [packets:bytes]</c> and the rules to <c>COMMIT</c>.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="withCounters">Whether each rule begins with its counters, <c>[packets:bytes]</c>.</param>
    /// <param name="output">Gets bytes: names of chains are what they are.</param>
    /// <exception cref="XtablesRuleException">An extension would not print a rule.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public static void WriteTable(XtablesTable table, bool withCounters, IBufferWriter<byte> output) => throw new NotImplementedException();
}
