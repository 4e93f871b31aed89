using System.Collections.Immutable;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>What a rule does with the packets that it matches.</summary>
public enum RuleTarget
{
    /// <summary>RETURN: back to the calling chain.</summary>
    Return,

    /// <summary>REJECT, with icmp-port-unreachable or icmp6-port-unreachable by the rule's family.</summary>
    Reject,

    /// <summary>DROP.</summary>
    Drop,

    /// <summary>A jump to the chain <c>dcos-isolation</c>.</summary>
    JumpToIsolation,

    /// <summary>ACCEPT: no rule behind is asked, in no chain of the table.</summary>
    Accept,

    /// <summary>LOG or NFLOG within a limit, as <see cref="Rule.Log"/> says; the packet goes on to the next rule.</summary>
    Log,

    /// <summary>What <see cref="Rule.Text"/> says.</summary>
    Text,
}

/// <summary>Which addresses and ports of a packet a set is asked about, in the order of the set type's dimensions.</summary>
public enum SetDirections
{
    /// <summary>The source address (hash:net, list:set of hash:net).</summary>
    Source,

    /// <summary>The destination address (hash:net, list:set of hash:net).</summary>
    Destination,

    /// <summary>Source and destination address (hash:net,net).</summary>
    SourceDestination,

    /// <summary>Source address, destination port, destination address (hash:net,port,net).</summary>
    SourceDestinationDestination,
}

/// <summary>A match against a set: the xtables match <c>set</c>.</summary>
/// <param name="Set">The set's name: logical in a desired state, the kernel's in a plan and in a live state.</param>
/// <param name="Directions">What of the packet is looked up.</param>
/// <param name="Negated">Whether the match is true when the set does not hold the packet.</param>
public readonly record struct SetMatch(string Set, SetDirections Directions, bool Negated = false)
{
    /// <summary>The match as iptables-save prints it.</summary>
    public override string ToString()
    {
        string directions = Directions switch
        {
            SetDirections.Source => "src",
            SetDirections.Destination => "dst",
            SetDirections.SourceDestination => "src,dst",
            _ => "src,dst,dst",
        };
        return $"-m set {(Negated ? "! " : "")}--match-set {Set} {directions}";
    }
}

/// <summary>
/// A rule of the chain <c>dcos-isolation</c>, or the jump to it: just the matches and targets that the compiler uses, or text.
/// Two rules are equal when their texts are.
/// </summary>
public sealed class Rule : IEquatable<Rule>
{
    /// <summary>The most items that <see cref="Ports"/> can hold, a range counting twice: XT_MULTI_PORTS.</summary>
    public const int MaxPortSlots = 15;

    private string? _text;
    private string? _meaning;

    /// <summary>The literal source prefix, or null.</summary>
    public Prefix? Source { get; init; }

    /// <summary>The literal destination prefix, or null.</summary>
    public Prefix? Destination { get; init; }

    /// <summary>The protocol, or null for every protocol.</summary>
    public Protocol? Protocol { get; init; }

    /// <summary>
    /// Destination ports, or one ICMP type: services of one protocol, the same as <see cref="Protocol"/>. Empty: every port or type.
    /// </summary>
    public ImmutableArray<Service> Ports { get; init; } = [];

    /// <summary>Source ports, as <see cref="Ports"/>, but of no ICMP.</summary>
    public ImmutableArray<Service> SourcePorts { get; init; } = [];

    /// <summary>Matches against sets, in order.</summary>
    public ImmutableArray<SetMatch> Sets { get; init; } = [];

    /// <summary>Whether the rule matches only packets that conntrack calls RELATED or ESTABLISHED.</summary>
    public bool RelatedOrEstablished { get; init; }

    /// <summary>The comment match's text, or null: at most 255 bytes of ASCII.</summary>
    public string? Comment { get; init; }

    /// <summary>
    /// Of a rule whose target is <see cref="RuleTarget.Text"/>: the other matches and the target, as iptables takes them; nothing else but
    /// <see cref="Sets"/> is given then.
    /// </summary>
    public string? Text { get; init; }

    /// <summary>Where the policy says it, of an operator's rule. No part of the rule's equality.</summary>
    public SourceLocation? Location { get; init; }

    /// <summary>What the rule does.</summary>
    public required RuleTarget Target { get; init; }

    /// <summary>How the packets are logged: the match <c>limit</c> and the target of a rule with <see cref="RuleTarget.Log"/>.</summary>
    public DeniedLog? Log { get; init; }

    /// <summary>The same rule with every set's name replaced.</summary>
    public Rule WithSets(Func<string, string> rename)
    {
        ArgumentNullException.ThrowIfNull(rename);
        return With(rename, Comment);
    }

    /// <summary>The same rule with other sets, at a place of the policy.</summary>
    public Rule WithSets(ImmutableArray<SetMatch> sets, SourceLocation? location) => With(sets, Comment, location, Target, Log);

    /// <summary>The same rule with another comment.</summary>
    internal Rule WithComment(string comment) => With(Sets, comment, Location, Target, Log);

    /// <summary>The rule that logs what this one refuses.</summary>
    internal Rule ToLog(DeniedLog log) => With(Sets, comment: null, Location, RuleTarget.Log, log);

    /// <summary>
    /// What the rule does, whichever generation of the sets it refers to and whatever policy it names: its text with logical set names and
    /// without the policy's digest. Rules in force and desired ones are the same in meaning when these are equal.
    /// </summary>
    public string Meaning => _meaning ??= With(KernelNames.LogicalOf, RuleComment.NamesPolicy(Comment) ? null : Comment).ToString();

    /// <inheritdoc/>
    public bool Equals(Rule? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Rule);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The rule as iptables-save prints it, less <c>-A chain</c>; <c>-j REJECT</c> without its family's --reject-with.</summary>
    public override string ToString() => _text ??= Format();

    private Rule With(Func<string, string> rename, string? comment) =>
        With([.. Sets.Select(match => match with { Set = rename(match.Set) })], comment, Location, Target, Log);

    private Rule With(ImmutableArray<SetMatch> sets, string? comment, SourceLocation? location, RuleTarget target, DeniedLog? log) => new()
    {
        Source = Source,
        Destination = Destination,
        Protocol = Protocol,
        Ports = Ports,
        SourcePorts = SourcePorts,
        Sets = sets,
        RelatedOrEstablished = RelatedOrEstablished,
        Comment = comment,
        Text = Text,
        Location = location,
        Target = target,
        Log = log,
    };

    private string Format()
    {
        var text = new StringBuilder();
        Append(Source is { } source ? $"-s {source}" : null);
        Append(Destination is { } destination ? $"-d {destination}" : null);
        Append(Protocol is { } protocol ? $"-p {ProtocolName(protocol)}" : null);
        if (!Ports.IsEmpty)
        {
            Service first = Ports[0];
            string icmp = first.IcmpCode is null ? $"{first.IcmpType}" : $"{first.IcmpType}/{first.IcmpCode}";
            Append(first.Protocol switch
            {
                Policy.Protocol.Icmp => $"-m icmp --icmp-type {icmp}",
                Policy.Protocol.IcmpV6 => $"-m icmp6 --icmpv6-type {icmp}",
                _ => $"-m multiport --dports {PortsText(Ports)}",
            });
        }

        Append(SourcePorts.IsEmpty ? null : $"-m multiport --sports {PortsText(SourcePorts)}");

        foreach (SetMatch match in Sets)
        {
            Append(match.ToString());
        }

        Append(RelatedOrEstablished ? "-m conntrack --ctstate RELATED,ESTABLISHED" : null);
        Append(Comment is null ? null : $"-m comment --comment \"{Comment}\"");
        Append(Target switch
        {
            RuleTarget.Return => "-j RETURN",
            RuleTarget.Reject => "-j REJECT",
            RuleTarget.Drop => "-j DROP",
            RuleTarget.Accept => "-j ACCEPT",
            RuleTarget.Log => $"{Log}",
            RuleTarget.Text => Text is { Length: > 0 } ? Text : null,
            _ => "-j dcos-isolation",
        });
        return text.ToString();

        void Append(string? part)
        {
            if (part is not null)
            {
                text.Append(text.Length == 0 ? "" : " ").Append(part);
            }
        }
    }

    private static string PortsText(ImmutableArray<Service> ports) =>
        string.Join(',', ports.Select(p => p.FirstPort == p.LastPort ? $"{p.FirstPort}" : $"{p.FirstPort}:{p.LastPort}"));

    private static string ProtocolName(Protocol protocol) => protocol switch
    {
        Policy.Protocol.Icmp => "icmp",
        Policy.Protocol.IcmpV6 => "ipv6-icmp",
        Policy.Protocol.Tcp => "tcp",
        Policy.Protocol.Udp => "udp",
        Policy.Protocol.Sctp => "sctp",
        _ => "udplite",
    };
}
