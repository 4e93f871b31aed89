namespace DcosIsolation.Netlink.Xtables;

/// <summary>
/// A chain and the jumps to it from one parent as they were at one time, byte for byte: see <see cref="XtablesTransaction.TakeSnapshot"/>.
/// Immutable.
/// </summary>
public sealed class XtablesSnapshot
{
    internal XtablesSnapshot(
        NetfilterFamily family,
        string chain,
        string parent,
        IReadOnlyList<XtablesTableRule>? rules,
        IReadOnlyList<(int Position, XtablesTableRule Rule)> jumps)
    {
        Family = family;
        Chain = chain;
        Parent = parent;
        Rules = rules;
        Jumps = jumps;
    }

    /// <summary>The family.</summary>
    public NetfilterFamily Family { get; }

    /// <summary>The chain.</summary>
    public string Chain { get; }

    /// <summary>The chain that jumps to it.</summary>
    public string Parent { get; }

    /// <summary>The chain's rules, or null when there was no such chain.</summary>
    public IReadOnlyList<XtablesTableRule>? Rules { get; }

    /// <summary>The rules of the parent that jump to the chain, with their positions from 0.</summary>
    internal IReadOnlyList<(int Position, XtablesTableRule Rule)> Jumps { get; }
}
