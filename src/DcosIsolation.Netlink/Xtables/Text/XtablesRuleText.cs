namespace DcosIsolation.Netlink.Xtables;

/// <summary>The text of rules and what it needs on this machine. Safe for any number of threads.</summary>
public static class XtablesRuleText
{
    /// <summary>Why rules cannot be parsed or rendered here, and what to do; null if they can. Found out once.</summary>
    public static string? WhyUnavailable => "not built yet";

    /// <summary>
    /// Divides a rule's text into words as iptables-restore does (xshared.c, add_param_to_argv): at spaces, tabs and line ends; double quotes
    /// hold together what is between them, in which a backslash keeps the next character.
    /// </summary>
    /// <exception cref="XtablesRuleException">A quote is not closed, or a word is too long.</exception>
    public static IReadOnlyList<string> Split(string text) => throw new NotImplementedException();
}
