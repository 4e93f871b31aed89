namespace DcosIsolation.Netlink.Xtables;

/// <summary>The text of a rule is not one that the installed extensions take. Nothing was changed.</summary>
public sealed class XtablesRuleException : XtablesException
{
    internal XtablesRuleException(NetfilterFamily family, string reason)
        : base("parse rule", family, 0, reason)
    {
    }
}
