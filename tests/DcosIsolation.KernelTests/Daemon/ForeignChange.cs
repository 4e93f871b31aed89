using DcosIsolation.Lab;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>What other programs and people do to the project's objects.</summary>
internal static class ForeignChange
{
    // {hr} and {it} stand for the kernel's names of these networks' sets, {it6} for the IPv6 one.
    private static readonly string[] s_changes =
    [
        "iptables-legacy -F dcos-isolation",
        "ip6tables-legacy -F dcos-isolation",
        "iptables-legacy -D dcos-isolation 1",
        "ip6tables-legacy -D dcos-isolation 2",
        "iptables-legacy -D FORWARD 1",
        "ip6tables-legacy -D FORWARD 1",
        "iptables-legacy -F FORWARD",
        "iptables-legacy -I dcos-isolation -j ACCEPT",
        "ip6tables-legacy -A dcos-isolation -j ACCEPT",
        "iptables-legacy -R dcos-isolation 1 -j DROP",
        "iptables-legacy -A FORWARD -j dcos-isolation",
        "ipset flush {hr}",
        "ipset flush {it6}",
        "ipset del {hr} 192.168.0.0/16",
        "ipset add {it} 10.99.0.0/16",
        "ipset add {it6} fd00:99::/64",
        "ipset -exist add {hr} 192.168.0.0/16 nomatch",
        "ipset create dcos-net-forgotten hash:net",
        "ipset create hr hash:net; ipset swap hr {hr}; ipset destroy hr",
        "ipset create other hash:net; ipset add other 10.0.0.0/9; ipset swap other {it}; ipset destroy other",
        "iptables-legacy-restore",
    ];

    // Above the jump, where they stay: behind it, once it is first again.
    private static readonly string[] s_insertions = ["iptables-legacy -I FORWARD -j ACCEPT", "ip6tables-legacy -I FORWARD 1 -p tcp -j DROP"];

    // What the kernel refuses as long as a rule uses the set.
    private static readonly string[] s_refused = ["ipset rename {hr} mine", "ipset destroy {hr}"];

    /// <summary>Makes one change, which works unless the kernel must refuse it, and returns what it was.</summary>
    public static string Next(Node node, Random random)
    {
        string[] names = node.SetNames();
        string change = random.Next(10) switch
        {
            0 => s_refused[random.Next(s_refused.Length)],
            1 => s_insertions[random.Next(s_insertions.Length)],
            _ => s_changes[random.Next(s_changes.Length)],
        };
        string[] commands = change.Replace("{hr}", NameOf("dcos-net-hr"), StringComparison.Ordinal)
            .Replace("{it6}", NameOf("dcos-net-it6"), StringComparison.Ordinal)
            .Replace("{it}", NameOf("dcos-net-it"), StringComparison.Ordinal)
            .Split("; ");
        foreach (string command in commands)
        {
            ProgramResult result = node.Exec(
                ["env", $"XTABLES_LOCKFILE={node.LockFile}", .. command.Split(' ')],
                command.EndsWith("-restore", StringComparison.Ordinal) ? "*filter\nCOMMIT\n" : null);
            if (!s_refused.Contains(change))
            {
                result.EnsureSuccess();
            }
            else if (result.ExitCode == 0)
            {
                throw new InvalidOperationException($"the kernel let it happen: {command}");
            }
        }

        return change;

        string NameOf(string logical) => names.Single(name => Reduced.Logical(name + " ").TrimEnd() == logical);
    }

    /// <summary>Deletes the jump to the project's chain, without the lock that others hold.</summary>
    public static void DeleteJump(Node node) => node.Exec(
        ["env", $"XTABLES_LOCKFILE={node.Write("another.lock", "")}", "iptables-legacy", "-D", "FORWARD", "1"]).EnsureSuccess();

    /// <summary>Rules and sets that are the project's, without counters and generations, and whether the jumps are first.</summary>
    public static string Meaning(Node node)
    {
        try
        {
            string sets = node.Sets();
            return string.Join('\n', [
                .. new[] { false, true }.Select(isInet6 => Meaning(node.Rules(isInet6), sets)),
                .. node.SetNames().Select(name => Reduced.Logical(name + " ")).Order(StringComparer.Ordinal),
            ]);
        }
        catch (InvalidOperationException e)
        {
            // The reference programs fail where rules and sets change between two of their questions.
            return $"in between: {e.Message}";
        }
    }

    /// <summary>Whether FORWARD of IPv4 begins with the jump to the project's chain.</summary>
    public static bool IsJumpFirst(Node node) => IsJump(FirstOfForward(node.Rules(isInet6: false)));

    private static string Meaning(string rules, string sets)
    {
        string first = FirstOfForward(rules);
        return $"{(IsJump(first) ? "first" : $"behind {first}")}\n{Reduced.Family(rules, sets)}";
    }

    private static string FirstOfForward(string rules) =>
        rules.Split('\n').FirstOrDefault(line => line.Contains("-A FORWARD", StringComparison.Ordinal)) ?? "";

    private static bool IsJump(string rule) => rule.EndsWith("-j dcos-isolation", StringComparison.Ordinal);
}
