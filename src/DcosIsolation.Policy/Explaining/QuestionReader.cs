using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>Reads questions: <c>SRC DST [PORT/PROTO]</c>. Stateless but for the policy; safe to call from any thread.</summary>
/// <param name="policy">The policy whose networks someone may name by mistake, or null.</param>
public sealed class QuestionReader(IsolationPolicy? policy)
{
    private const string Expected = "expected SRC DST, or SRC DST PORT/PROTO";

    /// <summary>Reads a question.</summary>
    /// <param name="source">An address.</param>
    /// <param name="destination">An address of the same family.</param>
    /// <param name="service">One service as in a policy's <c>ports</c>, or null.</param>
    /// <param name="report">Gets what is wrong, with the index of the word: 0, 1 or 2.</param>
    /// <returns>The question, or null after reporting why it is none.</returns>
    public Question? Read(string source, string destination, string? service, Action<int, string> report)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentNullException.ThrowIfNull(report);
        Prefix? from = ReadAddress(source, 0, report);
        Prefix? to = ReadAddress(destination, 1, report);
        if (from is not { } one || to is not { } other)
        {
            return null;
        }

        if (one.Family != other.Family)
        {
            report(1, "one address is IPv4 and the other IPv6, and no packet has both; give two of one family");
            return null;
        }

        if (service is null)
        {
            return new Question(one.Family, one.Bits, other.Bits, null);
        }

        return ReadService(service, one.Family, report) is { } read ? new Question(one.Family, one.Bits, other.Bits, read) : null;
    }

    /// <summary>Reads a line of a file; <c>#</c> begins a comment.</summary>
    /// <param name="line">The line.</param>
    /// <param name="location">Where it is; the column is filled in.</param>
    /// <param name="diagnostics">Gets what is wrong.</param>
    /// <returns>The question; null for an empty line, and after an error.</returns>
    public Question? ReadLine(string line, SourceLocation location, Action<PolicyDiagnostic> diagnostics)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(diagnostics);
        List<string> words = [];
        List<int> columns = [];
        int at = 0;
        while (at < line.Length && line[at] != '#')
        {
            int start = at;
            while (at < line.Length && line[at] is not (' ' or '\t' or '\r' or '#'))
            {
                at++;
            }

            if (at > start)
            {
                words.Add(line[start..at]);
                columns.Add(start + 1);
            }
            else if (line[at] != '#')
            {
                at++;
            }
        }

        switch (words.Count)
        {
            case 0:
                return null;
            case 2 or 3:
                return Read(words[0], words[1], words.Count == 3 ? words[2] : null, (word, error) =>
                    diagnostics(new PolicyDiagnostic(DiagnosticSeverity.Error, location with { Column = columns[word] }, error)));
            default:
                string found = words.Count == 1 ? "one word" : $"{words.Count} words";
                diagnostics(new PolicyDiagnostic(
                    DiagnosticSeverity.Error, location with { Column = columns[^1] }, $"{Expected}, found {found}"));
                return null;
        }
    }

    private Prefix? ReadAddress(string text, int word, Action<int, string> report)
    {
        if (PrefixParser.TryParse(text, out Prefix prefix, out string? error) && !text.Contains('/', StringComparison.Ordinal))
        {
            return prefix;
        }

        ImmutableArray<Network> networks = policy?.Networks ?? [];
        Prefix? meant = error is null ? prefix : networks.FirstOrDefault(network => network.Name == text)?.Prefixes[0];
        report(word, meant is { } known
            ? $"{Quoted.Text(text)} is a network; give one address of it, such as {FirstHost(known).Address}"
            : error!);
        return null;
    }

    private static Prefix FirstHost(Prefix network)
    {
        int most = Prefix.MaxLength(network.Family);
        UInt128 host = network.Length < most ? UInt128.One << (128 - most) : 0;
        return new Prefix(network.Family, network.Bits | host, most);
    }

    private static Service? ReadService(string text, Family family, Action<int, string> report)
    {
        if (!ServiceParser.TryParse(text, out Service service, out string? error))
        {
            report(2, error);
            return null;
        }

        string name = Service.NameOf(service.Protocol);
        if (!service.AppliesTo(family))
        {
            string other = family == Family.Inet ? "icmp" : "icmpv6";
            report(2, $"{Quoted.Text(text)}: no packet between these addresses carries {name}; write {other}/echo-request, for example");
            return null;
        }

        if (service.IsIcmp ? service.IcmpType is null : service.FirstPort != service.LastPort)
        {
            string example = service.IsIcmp ? $"type, like {name}/echo-request" : $"port, like 80/{name}";
            report(2, $"{Quoted.Text(text)} is more than one service; give one {example}, or none, to see which are ruled otherwise");
            return null;
        }

        return service.IsIcmp ? service with { IcmpCode = service.IcmpCode ?? 0 } : service;
    }
}
