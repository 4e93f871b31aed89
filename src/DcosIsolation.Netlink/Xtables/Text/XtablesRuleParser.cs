using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Compiles the text of rules, as iptables and iptables-restore take it, through the extensions that the iptables installation has. One
/// instance is for one family and table; all share one lock, since libxtables keeps its state in globals. Safe for any number of threads.
/// </summary>
public sealed class XtablesRuleParser
{
    /// <param name="family">IPv4 or IPv6.</param>
    /// <param name="table">The table's name.</param>
    public XtablesRuleParser(NetfilterFamily family, string table)
    {
        XtablesErrors.CheckFamily(family);
        ArgumentException.ThrowIfNullOrEmpty(table);
        (Family, Table) = (family, table);
    }

    /// <summary>IPv4 or IPv6.</summary>
    public NetfilterFamily Family { get; }

    /// <summary>The table's name.</summary>
    public string Table { get; }

    /// <summary>Tells the names of chains from those of targets: by default there is no chain to jump to.</summary>
    public Func<string, bool> IsChain { get; init; } = _ => false;

    /// <summary>
    /// Whether the kernel is asked which revisions of an extension it has. If not, the newest that is installed is taken, and neither the
    /// kernel nor capabilities are needed, except by extensions that ask the kernel themselves, as <c>set</c> does.
    /// </summary>
    public bool AsksKernel { get; init; } = true;

    /// <summary>How the characters of words become bytes: UTF-8, or Latin-1 for words that are bytes already.</summary>
    public Encoding Encoding { get; init; } = Encoding.UTF8;

    /// <summary>Compiles a rule: what follows <c>-A chain</c>, divided by <see cref="XtablesRuleText.Split"/>.</summary>
    /// <exception cref="XtablesRuleException">The text is no rule; the message has the extension's own words.</exception>
    /// <exception cref="XtablesException">The kernel would not say which revisions it has.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public XtablesParsedRule Parse(string text) => Parse(XtablesRuleText.Split(text));

    /// <summary>Compiles a rule given as words: at most 254 of at most 1,023 bytes, as extensions rely on.</summary>
    /// <exception cref="XtablesRuleException">The words are no rule; the message has the extension's own words.</exception>
    /// <exception cref="XtablesException">The kernel would not say which revisions it has.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public XtablesParsedRule Parse(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        using LibxtablesSession session = LibxtablesSession.Enter(Family, AsksKernel);
        LibxtablesSession.Words.Set(Family, words, Encoding);
        return Compile(session);
    }

    /// <summary>Compiles a rule given as bytes: the same as <see cref="Parse(string)"/>, without strings in between.</summary>
    /// <exception cref="XtablesRuleException">The text is no rule; the message has the extension's own words.</exception>
    /// <exception cref="XtablesException">The kernel would not say which revisions it has.</exception>
    /// <exception cref="NotSupportedException">There is no libxtables here that is understood: <see cref="XtablesRuleText.WhyUnavailable"/>.</exception>
    public XtablesParsedRule Parse(ReadOnlySpan<byte> text)
    {
        using LibxtablesSession session = LibxtablesSession.Enter(Family, AsksKernel);
        LibxtablesSession.Words.Set(Family, text);
        return Compile(session);
    }

    private XtablesParsedRule Compile(LibxtablesSession session)
    {
        using var compiler = new RuleCompiler(session, Table, IsChain, Encoding);
        return compiler.Compile();
    }
}
