using static Tmds.Linux.LibC;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// What the errnos of libiptc and of the kernel behind it mean, by operation: the same number says different things in different calls, and
/// iptc_strerror goes by whichever call came last.
/// </summary>
internal static class XtablesErrors
{
    public static void CheckFamily(NetfilterFamily family)
    {
        if (family is not (NetfilterFamily.Inet or NetfilterFamily.Inet6))
        {
            throw new ArgumentOutOfRangeException(nameof(family), family, "xtables has tables for IPv4 and for IPv6");
        }
    }

    public static string Name(NetfilterFamily family) => family == NetfilterFamily.Inet ? "IPv4" : "IPv6";

    public static XtablesException MissingLibrary(NetfilterFamily family, string missing, Exception cause)
    {
        string number = family == NetfilterFamily.Inet ? "4" : "6";
        return new(
            "load libiptc",
            family,
            0,
            $"cannot work with {Name(family)} tables: {missing}; install libip{number}tc2 (Debian, Ubuntu) or iptables-libs (Fedora, RHEL)",
            cause)
        {
            IsFamilyMissing = true,
        };
    }

    public static XtablesException Open(NetfilterFamily family, string table, int errno) => new(
        "open table", family, errno, $"cannot read the {Name(family)} table {table}: {WhyNotOpen(family, table, errno)}")
    {
        Table = table,
        CanRetry = errno == EAGAIN,
        IsFamilyMissing = errno == ENOPROTOOPT || errno == ENOENT || errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT,
    };

    public static XtablesException Probe(NetfilterFamily family, string extension, int errno) => new(
        "probe", family, errno, $"cannot ask the kernel for '{extension}' in {Name(family)}: {WhyNotOpen(family, "filter", errno)}");

    /// <summary>Creating and deleting chains, inserting and deleting rules: these happen in this process's copy of the table.</summary>
    public static XtablesException Edit(NetfilterFamily family, string table, string operation, string chain, int? rule, int errno)
    {
        string where = rule is null ? $"chain {chain}" : $"rule {rule + 1} of chain {chain}";
        string why = operation switch
        {
            "rename chain" when errno == ENOENT => "there is no such chain, or it is built in",
            "rename chain" when errno == EEXIST => "the new name is another chain's, or a verdict's",
            "create chain" or "rename chain" when errno == EINVAL => $"the name of a chain has 1 to {ChainName.MaxLength} bytes",
            "set policy" when errno == ENOENT => "there is no such built-in chain",
            "set policy" when errno == EINVAL => "a policy is ACCEPT or DROP",
            _ when errno == ENOENT => "there is no such chain",
            "create chain" when errno == EEXIST => "there is one already, or the name is a verdict's",
            "delete chain" when errno == EINVAL => "the chain is built in",
            "delete chain" when errno == EMLINK => "other rules still jump to it; remove these first",
            "delete chain" when errno == ENOTEMPTY => "it still has rules",
            "append rule" or "insert rule" or "replace rule" when errno == EINVAL => "its target is a built-in chain, which cannot be jumped to, or a malformed verdict",
            _ when errno == E2BIG => "the chain has fewer rules than that",
            _ => XtablesException.Explain(errno),
        };
        return new(operation, family, errno, $"cannot {operation} in the {Name(family)} table {table}, {where}: {why}")
        {
            Table = table,
            Chain = chain,
            RuleIndex = rule,
        };
    }

    /// <param name="family">The family.</param>
    /// <param name="table">The table.</param>
    /// <param name="errno">What SO_SET_REPLACE said.</param>
    /// <param name="missing">For ENOENT and EINVAL, what of the rules' needs the kernel lacks, if that is known.</param>
    public static XtablesException Commit(NetfilterFamily family, string table, int errno, string? missing)
    {
        string why = errno switch
        {
            _ when errno == EPERM => "CAP_NET_ADMIN is needed (EPERM); run as root",
            _ when errno == EAGAIN =>
                "somebody changes the table again and again without taking the xtables lock (EAGAIN); find out who, and try again",
            _ when errno == ENOENT => missing is null
                ? "a rule needs a match, a target or a set that the kernel doesn't have (ENOENT); was a set destroyed meanwhile?"
                : $"{missing} (ENOENT)",
            _ when errno == EINVAL =>
                (missing ?? "a match or target refused its options, or is not allowed in this chain")
                + " (EINVAL); the kernel's log may say which",
            _ when errno == ELOOP => "the rules jump in a circle (ELOOP)",
            _ when errno == ENOMEM => "the kernel has no memory for it (ENOMEM); a limit of the cgroup counts",
            _ => XtablesException.Explain(errno),
        };
        return new("commit", family, errno, $"cannot write the {Name(family)} table {table}: {why}; the table is as it was")
        {
            Table = table,
            CanRetry = errno == EAGAIN || errno == ENOMEM,
        };
    }

    public static XtablesException NoChain(NetfilterFamily family, string table, string chain) =>
        Edit(family, table, "read chain", chain, null, ENOENT);

    /// <param name="table">The table.</param>
    /// <param name="verb">What was attempted with the rule.</param>
    /// <param name="chain">The rule's chain.</param>
    /// <param name="target">The name of its target.</param>
    /// <param name="isJump">Whether that is meant to be a chain.</param>
    public static XtablesException WrongTarget(LibiptcTable table, string verb, string chain, string target, bool isJump) => WrongRule(
        table,
        verb,
        chain,
        EINVAL,
        isJump
            ? $"it jumps to {target}, which is no user-defined chain of the table"
            : $"somebody made a chain named {target}, which would be taken for the target; rename it");

    /// <param name="table">The table.</param>
    /// <param name="chain">A built-in chain.</param>
    /// <param name="what">What the rule asks for in vain.</param>
    public static XtablesException NoInterface(LibiptcTable table, string chain, string what) =>
        WrongRule(table, "write", chain, 0, $"it asks for {what}, which packets do not have there");

    public static XtablesException Referenced(LibiptcTable table, string chain, string other, int rule)
    {
        string message = $"cannot remove chain {chain} from the {Name(table.Family)} table {table.Table}: rule {rule + 1} of chain {other} "
            + $"jumps to it; remove that rule first (-D {other} {rule + 1})";
        return new("delete chain", table.Family, EMLINK, message) { Table = table.Table, Chain = other, RuleIndex = rule };
    }

    private static XtablesException WrongRule(LibiptcTable table, string verb, string chain, int errno, string why)
    {
        string message = $"cannot {verb} a rule of chain {chain} in the {Name(table.Family)} table {table.Table}: {why}";
        return new($"{verb} rule", table.Family, errno, message) { Table = table.Table, Chain = chain };
    }

    private static string WhyNotOpen(NetfilterFamily family, string table, int errno)
    {
        (string prefix, string module, string tableModule, string config) = family == NetfilterFamily.Inet
            ? ("ip", "ip_tables", $"iptable_{table}", "CONFIG_IP_NF_IPTABLES")
            : ("ip6", "ip6_tables", $"ip6table_{table}", "CONFIG_IP6_NF_IPTABLES");
        return errno switch
        {
            _ when errno == EPERM || errno == EACCES =>
                $"CAP_NET_ADMIN and CAP_NET_RAW are needed ({ErrnoText.NameOf(errno)}); run as root",
            _ when errno == ENOPROTOOPT =>
                $"the kernel has no legacy {prefix}tables (ENOPROTOOPT); load it with 'modprobe {tableModule}', or use a kernel with "
                + $"{config}_LEGACY and CONFIG_NETFILTER_XTABLES_LEGACY (before 6.17: {config})",
            _ when errno == ENOENT => $"the kernel has no such table (ENOENT); load it with 'modprobe {tableModule}' ({module} is there)",
            _ when errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT =>
                $"the kernel has no {Name(family)} ({ErrnoText.NameOf(errno)})",
            _ when errno == EINVAL => "libiptc and the kernel disagree about its layout, or the name is too long (EINVAL)",
            _ => XtablesException.Explain(errno),
        };
    }
}
