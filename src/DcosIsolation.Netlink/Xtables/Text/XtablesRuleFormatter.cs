using System.Buffers;
using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Renders rules as iptables-save does, through the extensions that the iptables installation has. Safe for any number of threads.
/// </summary>
public static unsafe class XtablesRuleFormatter
{
    /// <summary>A rule in a table, as iptables-save prints it, less <c>-A chain</c>.</summary>
    /// <exception cref="XtablesRuleException">An extension is missing, or would not print it.</exception>
    /// <exception cref="XtablesException">The kernel would not say which revisions it has.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public static string Format(XtablesTableRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Format(rule.Entry);
    }

    /// <summary>A rule, as iptables-save would print it, less <c>-A chain</c>.</summary>
    /// <exception cref="XtablesRuleException">An extension is missing, or would not print it.</exception>
    /// <exception cref="XtablesException">The kernel would not say which revisions it has.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public static string Format(XtablesEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        var output = new ArrayBufferWriter<byte>();
        using LibxtablesSession session = LibxtablesSession.Enter(entry.Family, asksKernel: true);
        fixed (byte* bytes = entry.Array)
        {
            new RuleRenderer(session, output).Rule(bytes, ChainName.ToBytes(entry.TargetName).AsSpan()[..^1], entry.IsStandard);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan).TrimStart(' ');
    }

    /// <summary>
    /// Writes a table as iptables-save does: from <c>*name</c> over <c>:CHAIN policy [packets:bytes]</c> and the rules to <c>COMMIT</c>.
    /// </summary>
    /// <param name="table">The table.</param>
    /// <param name="withCounters">Whether each rule begins with its counters, <c>[packets:bytes]</c>.</param>
    /// <param name="output">Gets bytes: names of chains are what they are.</param>
    /// <exception cref="XtablesRuleException">An extension is missing, or would not print a rule.</exception>
    /// <exception cref="XtablesException">The kernel would not say which revisions it has.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public static void WriteTable(XtablesTable table, bool withCounters, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(output);
        using LibxtablesSession session = LibxtablesSession.Enter(table.Family, asksKernel: true);
        var renderer = new RuleRenderer(session, output);
        renderer.Text("*"u8);
        renderer.Text(Encoding.Latin1.GetBytes(table.Name));
        renderer.Text("\n"u8);
        foreach (string chain in table.Chains)
        {
            XtablesPolicy? policy = table.Policy(chain);
            renderer.Text(Encoding.Latin1.GetBytes($":{chain} {policy?.Target ?? "-"} "));
            Counters(renderer, policy?.Counters ?? default);
            renderer.Text("\n"u8);
        }

        foreach (string chain in table.Chains)
        {
            WriteChain(table.Copy, chain, withCounters, renderer);
        }

        renderer.Text("COMMIT\n"u8);
    }

    private static void WriteChain(LibiptcTable table, string chain, bool withCounters, RuleRenderer renderer)
    {
        byte[] command = Encoding.Latin1.GetBytes($"-A {chain}");
        for (void* rule = table.FirstRule(chain); rule != null; rule = table.NextRule(rule))
        {
            var head = new ReadOnlySpan<byte>(rule, EntryHeader.Size(table.Family));
            if (withCounters)
            {
                Counters(renderer, EntryHeader.Counters(table.Family, head));
                renderer.Text(" "u8);
            }

            renderer.Text(command);
            renderer.Rule((byte*)rule, table.TargetOf(rule), table.IsStandard(rule));
            renderer.Text("\n"u8);
        }
    }

    private static void Counters(RuleRenderer renderer, XtablesCounters counters)
    {
        renderer.Text("["u8);
        renderer.Number(counters.Packets);
        renderer.Text(":"u8);
        renderer.Number(counters.Bytes);
        renderer.Text("]"u8);
    }
}
