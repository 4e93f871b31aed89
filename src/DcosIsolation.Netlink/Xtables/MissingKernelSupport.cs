using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Why the kernel may have refused a table: one errno stands for every rule in it. ENOENT at commit is a match or target that the kernel
/// doesn't have (x_tables.c, xt_request_find_match) or a set index without a set (xt_set.c, set_match_v1_checkentry).
/// </summary>
internal static class MissingKernelSupport
{
    public static string? Find(NetfilterFamily family, IReadOnlyList<XtablesRule> rules, int errno)
    {
        if (errno != ENOENT && errno != EINVAL)
        {
            return null;
        }

        foreach (Extension match in rules.SelectMany(rule => rule.Matches).Select(match => match.Extension(family)).Distinct())
        {
            if (!XtablesProbe.HasMatch(family, match.Name, match.Revision))
            {
                return $"the kernel lacks the match '{match.Name}' revision {match.Revision} for {XtablesErrors.Name(family)}";
            }
        }

        foreach (RejectTarget reject in rules.Select(rule => rule.Target).OfType<RejectTarget>().Distinct())
        {
            Extension target = reject.Extension(family);
            if (!XtablesProbe.HasTarget(family, target.Name, target.Revision))
            {
                return $"the kernel lacks the target '{target.Name}' revision {target.Revision} for {XtablesErrors.Name(family)}";
            }
        }

        ushort[] sets = [.. rules.SelectMany(rule => rule.Matches).OfType<SetMatch>().Select(match => match.Index).Distinct().Order()];
        return errno == ENOENT && sets.Length > 0
            ? $"one of the set indexes that the rules name is no set's: {string.Join(", ", sets)}; was a set destroyed meanwhile?"
            : null;
    }
}
