using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>What happens to a judged packet that no clause decides.</summary>
public enum DefaultVerdict
{
    /// <summary>The packet is refused.</summary>
    Deny,

    /// <summary>The packet goes on to the rules after the chain.</summary>
    Accept,
}

/// <summary>How a packet is refused.</summary>
public enum DenyMode
{
    /// <summary>With an ICMP or ICMPv6 port-unreachable message to the sender.</summary>
    Reject,

    /// <summary>Silently.</summary>
    Drop,
}

/// <summary>
/// A policy as its file says it, checked and canonical: what <c>PolicyReader</c> returns and <c>PolicyCompiler</c> takes.
/// Immutable; safe to share between threads.
/// </summary>
/// <param name="Default">The verdict for packets that no clause decides.</param>
/// <param name="DenyWith">How packets are refused.</param>
/// <param name="Networks">The networks, by name in ordinal order.</param>
/// <param name="Allow">The allow clauses, in the file's order.</param>
/// <param name="Deny">The deny clauses, in the file's order.</param>
/// <param name="Exceptions">The pairs that are never judged, in the file's order.</param>
public sealed record IsolationPolicy(
    DefaultVerdict Default,
    DenyMode DenyWith,
    ImmutableArray<Network> Networks,
    ImmutableArray<Clause> Allow,
    ImmutableArray<Clause> Deny,
    ImmutableArray<ExceptionPair> Exceptions)
{
    /// <summary>Where the file says the default; null where it does not.</summary>
    public SourceLocation? DefaultLocation { get; init; }

    /// <summary>What is accepted before anything else is asked, in the file's order.</summary>
    public ImmutableArray<FailsafeItem> Failsafe { get; init; } = [];

    /// <summary>How denied packets are logged; null: not at all.</summary>
    public DeniedLog? LogDenied { get; init; }

    /// <summary>The operator's own rules.</summary>
    public OperatorRules Rules { get; init; } = OperatorRules.None;
}

/// <summary>One network of a policy.</summary>
/// <param name="Name">The name, as in the file.</param>
/// <param name="Prefixes">Both families' prefixes: sorted, merged, none of length 0, no host bits.</param>
/// <param name="InternalAllowed">Whether hosts of the network may talk to each other through the chain.</param>
/// <param name="Location">Where the file says it.</param>
public sealed record Network(string Name, ImmutableArray<Prefix> Prefixes, bool InternalAllowed, SourceLocation Location)
{
    /// <summary>Whether any prefix is of a family.</summary>
    public bool Has(Family family) => Prefixes[0].Family == family || Prefixes[^1].Family == family;

    /// <summary>The prefixes of a family: the whole array, shared and not copied, when there are no others.</summary>
    internal ImmutableArray<Prefix> PrefixesOf(Family family)
    {
        // IPv4 sorts before IPv6.
        int split = ~Prefixes.AsSpan().BinarySearch(new FirstInet6());
        return family == Family.Inet
            ? ImmutableArray.Create(Prefixes, 0, split)
            : ImmutableArray.Create(Prefixes, split, Prefixes.Length - split);
    }

    private readonly struct FirstInet6 : IComparable<Prefix>
    {
        /// <summary>Comes before every IPv6 prefix and after every IPv4 one.</summary>
        public int CompareTo(Prefix other) => other.Family == Family.Inet6 ? -1 : 1;
    }
}

/// <summary>One item of <c>allow</c> or <c>deny</c>.</summary>
/// <param name="From">The sources: at least one, none twice.</param>
/// <param name="To">The destinations: at least one, none twice.</param>
/// <param name="Services">The services, sorted, ranges merged; empty means every protocol.</param>
/// <param name="Location">Where the file says it.</param>
public sealed record Clause(ImmutableArray<Endpoint> From, ImmutableArray<Endpoint> To, ImmutableArray<Service> Services, SourceLocation Location);

/// <summary>One item of <c>exceptions</c>: packets from the source to the destination never enter the chain.</summary>
/// <param name="Source">A network or a prefix; never <see cref="Endpoint.Any"/>.</param>
/// <param name="Destination">A network or a prefix; never <see cref="Endpoint.Any"/>.</param>
/// <param name="Location">Where the file says it.</param>
public sealed record ExceptionPair(Endpoint Source, Endpoint Destination, SourceLocation Location);

/// <summary>One item of <c>failsafe</c>: packets that are accepted whatever else the policy says, and the answers to them.</summary>
/// <param name="From">The sources: at least one, sorted, merged, none of length 0.</param>
/// <param name="To">The destinations, likewise; empty means every address.</param>
/// <param name="Services">The services, sorted, ranges merged; empty means every protocol.</param>
/// <param name="Location">Where the file says it.</param>
public sealed record FailsafeItem(
    ImmutableArray<Prefix> From, ImmutableArray<Prefix> To, ImmutableArray<Service> Services, SourceLocation Location)
{
    /// <summary>The sources of a family; one of length 0 for both halves of its addresses.</summary>
    internal List<Prefix> FromOf(Family family) => Of(From, family);

    /// <summary>The destinations of a family, likewise.</summary>
    internal List<Prefix> ToOf(Family family) => To.IsEmpty ? [new Prefix(family, UInt128.Zero, 0)] : Of(To, family);

    private static List<Prefix> Of(ImmutableArray<Prefix> prefixes, Family family)
    {
        List<Prefix> own = [];
        foreach (Prefix prefix in prefixes)
        {
            if (prefix.Family == family)
            {
                own.Add(prefix);
            }
        }

        return own is [{ Length: 1 }, { Length: 1 }] ? [new Prefix(family, UInt128.Zero, 0)] : own;
    }
}

/// <summary>A side of a clause or an exception: every network, one network, or literal prefixes.</summary>
public readonly record struct Endpoint
{
    private Endpoint(string? network, Prefix? prefix) => (Network, Prefix) = (network, prefix);

    /// <summary>Every network of the policy: <c>"*"</c>.</summary>
    public static Endpoint Any => default;

    /// <summary>The network's name, or null.</summary>
    public string? Network { get; }

    /// <summary>The literal prefix, possibly of length 0, or null.</summary>
    public Prefix? Prefix { get; }

    /// <summary>Whether this is every network of the policy.</summary>
    public bool IsAny => Network is null && Prefix is null;

    /// <summary>One network of the policy.</summary>
    public static Endpoint Of(string network) => new(network, null);

    /// <summary>A literal prefix.</summary>
    public static Endpoint Of(Prefix prefix) => new(null, prefix);

    /// <summary>The canonical text: <c>*</c>, the network's name, or the prefix.</summary>
    public override string ToString() => Network ?? Prefix?.ToString() ?? "*";
}

/// <summary>A place in a policy or subnets file. It has no part in the equality of policies' meaning: no digest covers it.</summary>
/// <param name="File">The path, as given.</param>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1.</param>
public readonly record struct SourceLocation(string File, int Line, int Column)
{
    /// <summary><c>file:line:column</c>.</summary>
    public override string ToString() => $"{File}:{Line}:{Column}";
}
