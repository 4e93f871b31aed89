using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>A rule's target that no installed extension knows: a chain that is not there yet, or a slip.</summary>
internal static class MissingTarget
{
    private static readonly string[] s_targets =
    [
        "ACCEPT", "DROP", "RETURN", "REJECT", "LOG", "NFLOG", "NFQUEUE", "MARK", "CONNMARK", "TCPMSS", "CLASSIFY", "DSCP", "SET", "TRACE",
        "AUDIT",
    ];

    /// <summary>Whether that is why a rule was refused (libxtables/xtables.c, xtables_find_target; and -g takes chains only).</summary>
    public static bool IsReason(XtablesRuleException refusal) =>
        refusal.Message.Contains("Couldn't load target", StringComparison.Ordinal)
        || refusal.Message.Contains("there is no such chain", StringComparison.Ordinal);

    /// <summary>What was probably meant, or nothing.</summary>
    public static string Hint(string target) => Suggestion.For(target, s_targets, "");
}
