using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// A rule of an xtables chain: struct ipt_entry or ip6t_entry with its matches and target, by value. Immutable and safe for any number of
/// threads. It belongs to no family until it is written, and then every prefix must be of that family.
/// </summary>
public sealed class XtablesRule : IEquatable<XtablesRule>
{
    /// <summary>The source prefix (<c>-s</c>), or null for every address.</summary>
    public IPNetwork? Source { get; init; }

    /// <summary>The destination prefix (<c>-d</c>), or null for every address.</summary>
    public IPNetwork? Destination { get; init; }

    /// <summary>The IP protocol number (<c>-p</c>), or 0 for every protocol.</summary>
    public byte Protocol { get; init; }

    /// <summary>The matches, in the order in which the kernel asks them.</summary>
    public ImmutableArray<XtablesMatch> Matches { get; init; } = [];

    /// <summary>What happens to a packet that all of the above match.</summary>
    public required XtablesTarget Target { get; init; }

    /// <inheritdoc/>
    public bool Equals(XtablesRule? other) =>
        other is not null
        && Source == other.Source
        && Destination == other.Destination
        && Protocol == other.Protocol
        && Matches.AsSpan().SequenceEqual(other.Matches.AsSpan())
        && Target == other.Target;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as XtablesRule);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Source);
        hash.Add(Destination);
        hash.Add(Protocol);
        foreach (XtablesMatch match in Matches.AsSpan())
        {
            hash.Add(match);
        }

        hash.Add(Target);
        return hash.ToHashCode();
    }

    /// <summary>The rule much as iptables-save prints it, with set indexes for names.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Append(Source is { } source ? $"-s {source}" : null);
        Append(Destination is { } destination ? $"-d {destination}" : null);
        Append(Protocol == 0 ? null : $"-p {Protocol}");
        foreach (XtablesMatch match in Matches.AsSpan())
        {
            Append(match.ToString());
        }

        Append(Target.ToString());
        return text.ToString();

        void Append(string? part)
        {
            if (part is not null)
            {
                text.Append(text.Length == 0 ? "" : " ").Append(part);
            }
        }
    }
}
