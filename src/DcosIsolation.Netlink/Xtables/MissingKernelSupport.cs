using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// Why the kernel may have refused a table: one errno stands for every rule in it. ENOENT at commit is a match or target that the kernel
/// doesn't have (x_tables.c, xt_request_find_match), a set index without a set (xt_set.c, set_match_v1_checkentry), or TRACE without a
/// logger (xt_TRACE.c, trace_tg_check).
/// </summary>
internal static class MissingKernelSupport
{
    public static string? Find(NetfilterFamily family, IReadOnlyList<XtablesEntry> rules, int errno)
    {
        if (errno != ENOENT && errno != EINVAL)
        {
            return null;
        }

        List<EntryShape> shapes = [.. rules.Select(rule => EntryShape.TryParse(family, rule.Bytes.Span)).OfType<EntryShape>()];
        foreach ((string name, byte revision) in shapes.SelectMany(shape => shape.Matches).Select(match => (match.Name, match.Revision)).Distinct())
        {
            if (!XtablesProbe.HasMatch(family, name, revision))
            {
                return $"the kernel lacks the match '{name}' revision {revision} for {XtablesErrors.Name(family)}";
            }
        }

        foreach ((string name, byte revision) in rules.Zip(shapes).Where(pair => !pair.First.IsStandard)
            .Select(pair => (pair.Second.Target.Name, pair.Second.Target.Revision)).Distinct())
        {
            if (name.Length > 0 && !XtablesProbe.HasTarget(family, name, revision))
            {
                return $"the kernel lacks the target '{name}' revision {revision} for {XtablesErrors.Name(family)}";
            }
        }

        if (errno == ENOENT && shapes.Exists(shape => shape.Target.Name == "TRACE"))
        {
            return "the target 'TRACE' needs the logger of the kernel's own log; load it with 'modprobe nf_log_syslog' (before 5.13: "
                + $"{(family == NetfilterFamily.Inet ? "nf_log_ipv4" : "nf_log_ipv6")})";
        }

        ushort[] sets = [.. rules.SelectMany(rule => rule.SetIndexes).Distinct().Order()];
        return errno == ENOENT && sets.Length > 0
            ? $"one of the set indexes that the rules name is no set's: {string.Join(", ", sets)}; was a set destroyed meanwhile?"
            : null;
    }
}
