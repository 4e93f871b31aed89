namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// The text of a rule is not one that iptables and the installed extensions take, or a rule is not one that they can print. Nothing was
/// changed.
/// </summary>
public sealed class XtablesRuleException : XtablesException
{
    internal XtablesRuleException(NetfilterFamily family, string reason)
        : base("compile rule", family, 0, reason)
    {
    }
}
