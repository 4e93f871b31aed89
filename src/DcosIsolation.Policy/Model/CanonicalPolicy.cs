using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// The canonical text of a policy, one line for each thing that it says. Stateless; safe to call from any thread.
/// </summary>
/// <remarks>
/// <para>
/// Two policies have the same text when they differ only in the order of networks, prefixes, clauses, exceptions, failsafe items and lists;
/// in how prefixes and services are split up, spelled or repeated; in clauses and exceptions given twice; in whether defaults are
/// written out; in how operator's rules are quoted, and whether one for both families is written twice; and in comments, layout, file
/// names and places.
/// </para>
/// <para>
/// Every other difference is kept, also where no packet could tell: a network's name; <c>"*"</c> or a list of every network; a network
/// or its prefixes written out; one clause or the same in two; a clause that another one covers.
/// </para>
/// </remarks>
public static class CanonicalPolicy
{
    private const string Version = "dcos-isolation policy 1";

    /// <summary>Writes the text, ASCII, with <c>\n</c> after each line.</summary>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public static void Write(IsolationPolicy policy, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(writer);
        WriteLine(writer, Version);
        WriteLine(writer, policy.Default == DefaultVerdict.Accept ? "default accept" : "default deny");
        WriteLine(writer, policy.DenyWith == DenyMode.Drop ? "deny-with drop" : "deny-with reject");
        if (policy.LogDenied is { } log)
        {
            string group = log.NflogGroup is null ? "" : $" nflog-group {log.NflogGroup}";
            WriteLine(writer, $"log-denied limit {log.Limit}{group} prefix {log.Prefix}");
        }

        foreach (Network network in policy.Networks.Sort((one, other) => string.CompareOrdinal(one.Name, other.Name)))
        {
            WriteLine(writer, $"network {network.Name} internal {(network.InternalAllowed ? "allow" : "deny")}");
            WriteLines(writer, network.Prefixes.AsSpan());
        }

        WriteSorted(writer, "deny", policy.Deny.Select(Text));
        WriteSorted(writer, "allow", policy.Allow.Select(Text));
        WriteSorted(writer, "exception", policy.Exceptions.Select(Text));
        WriteSorted(writer, "failsafe", policy.Failsafe.Select(Text));
        WriteRules(writer, "first", policy.Rules.First);
        WriteRules(writer, "last", policy.Rules.Last);
    }

    /// <summary>The canonical text of a clause: <c>from hr to 10.0.0.0/8 it ports 80/tcp icmp</c>.</summary>
    internal static string Text(Clause clause) => $"from {Text(clause.From)} to {Text(clause.To)}{Text(clause.Services)}";

    /// <summary>The canonical text of a failsafe item: <c>from 192.0.2.0/24 ports 22/tcp</c>.</summary>
    internal static string Text(FailsafeItem item) =>
        $"from {Text(item.From)}{(item.To.IsEmpty ? "" : $" to {Text(item.To)}")}{Text(item.Services)}";

    /// <summary>The canonical text of an exception: <c>from hr to 10.0.0.0/8</c>.</summary>
    internal static string Text(ExceptionPair pair) => $"from {Text([pair.Source])} to {Text([pair.Destination])}";

    private static string Text(ImmutableArray<Service> services) =>
        services.IsEmpty ? "" : $" ports {string.Join(' ', ServiceCanonicalizer.Canonicalize(services))}";

    private static string Text(ImmutableArray<Prefix> prefixes)
    {
        ImmutableArray<Endpoint>.Builder endpoints = ImmutableArray.CreateBuilder<Endpoint>(prefixes.Length);
        foreach (Prefix prefix in prefixes)
        {
            endpoints.Add(Endpoint.Of(prefix));
        }

        return Text(endpoints.DrainToImmutable());
    }

    private static string Text(ImmutableArray<Endpoint> endpoints)
    {
        PrefixBuilder prefixes = new();
        SortedSet<string> words = new(StringComparer.Ordinal);
        foreach (Endpoint endpoint in endpoints)
        {
            if (endpoint.Prefix is { } prefix)
            {
                prefixes.Add(prefix);
            }
            else
            {
                words.Add(endpoint.ToString());
            }
        }

        return string.Join(' ', words.Concat(prefixes.ToCanonical().Select(literal => literal.ToString())));
    }

    /// <summary>Rules keep their order, which matters within a family.</summary>
    private static void WriteRules(TextWriter writer, string place, ImmutableArray<OperatorRule> rules)
    {
        foreach (Family family in (ReadOnlySpan<Family>)[Family.Inet, Family.Inet6])
        {
            foreach (OperatorRule rule in rules)
            {
                if (rule.Of(family) is { } text)
                {
                    WriteLine(writer, $"rule {place} {(family == Family.Inet ? "ipv4" : "ipv6")} {text}");
                }
            }
        }
    }

    private static void WriteSorted(TextWriter writer, string kind, IEnumerable<string> items)
    {
        foreach (string item in new SortedSet<string>(items, StringComparer.Ordinal))
        {
            WriteLine(writer, $"{kind} {item}");
        }
    }

    private static void WriteLines(TextWriter writer, ReadOnlySpan<Prefix> prefixes)
    {
        // Many lines at a time: to write one costs as much as to format it.
        Span<char> lines = stackalloc char[80 * (Prefix.MaxTextLength + 1)];
        int length = 0;
        foreach (ref readonly Prefix prefix in prefixes)
        {
            if (lines.Length - length <= Prefix.MaxTextLength)
            {
                writer.Write(lines[..length]);
                length = 0;
            }

            length += prefix.Format(lines[length..]);
            lines[length++] = '\n';
        }

        writer.Write(lines[..length]);
    }

    private static void WriteLine(TextWriter writer, string line)
    {
        writer.Write(line);
        writer.Write('\n');
    }
}
