using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Xtables;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>
/// The xtables matches and targets that a plan's rules use. What the kernel lacks would show only at the commit, as ENOENT; asked before
/// anything is written it has a name.
/// </summary>
internal static class RequiredExtensions
{
    /// <exception cref="NotSupportedException">The kernel lacks one; the message names its module and option.</exception>
    /// <exception cref="XtablesException">The kernel cannot be asked.</exception>
    public static void Check(Plan plan)
    {
        foreach (TablePlan table in plan.Tables.Where(table => table.Jump is not null))
        {
            NetfilterFamily family = PolicyEntries.ToNetfilter(table.Family);
            foreach (Extension extension in table.Chain.Select(planned => planned.Rule).Append(table.Jump!).SelectMany(Of).Distinct())
            {
                bool isThere = extension.IsTarget
                    ? XtablesProbe.HasTarget(family, extension.Name, extension.Revision)
                    : XtablesProbe.HasMatch(family, extension.Name, extension.Revision);
                if (!isThere)
                {
                    throw new NotSupportedException(
                        $"the kernel has no xtables {(extension.IsTarget ? "target" : "match")} {extension.Name} revision {extension.Revision}; "
                        + $"load or build {extension.Module}");
                }
            }
        }
    }

    private static IEnumerable<Extension> Of(Rule rule)
    {
        if (!rule.Sets.IsEmpty)
        {
            yield return new Extension("set", 4, "xt_set (CONFIG_NETFILTER_XT_SET)");
        }

        if (rule.RelatedOrEstablished)
        {
            yield return new Extension("conntrack", 3, "xt_conntrack (CONFIG_NETFILTER_XT_MATCH_CONNTRACK)");
        }

        if (rule.Comment is not null)
        {
            yield return new Extension("comment", 0, "xt_comment (CONFIG_NETFILTER_XT_MATCH_COMMENT)");
        }

        if ((!rule.Ports.IsEmpty && !rule.Ports[0].IsIcmp) || !rule.SourcePorts.IsEmpty)
        {
            yield return new Extension("multiport", 1, "xt_multiport (CONFIG_NETFILTER_XT_MATCH_MULTIPORT)");
        }

        if (rule.Log is { } log)
        {
            yield return new Extension("limit", 0, "xt_limit (CONFIG_NETFILTER_XT_MATCH_LIMIT)");
            yield return log.NflogGroup is null
                ? new Extension("LOG", 0, "xt_LOG (CONFIG_NETFILTER_XT_TARGET_LOG)", IsTarget: true)
                : new Extension("NFLOG", 0, "xt_NFLOG (CONFIG_NETFILTER_XT_TARGET_NFLOG)", IsTarget: true);
        }

        if (rule.Target == RuleTarget.Reject)
        {
            const string Module = "ipt_REJECT, ip6t_REJECT (CONFIG_IP_NF_TARGET_REJECT, CONFIG_IP6_NF_TARGET_REJECT)";
            yield return new Extension("REJECT", 0, Module, IsTarget: true);
        }
    }

    private readonly record struct Extension(string Name, byte Revision, string Module, bool IsTarget = false);
}
