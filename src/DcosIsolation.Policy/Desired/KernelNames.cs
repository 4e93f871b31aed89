using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>
/// The names of the project's kernel objects. A <i>logical</i> name says what a set is for; each has three <i>kernel</i> names, its slots, so
/// that a new generation is built beside the one in force (the kernel renames no set that a rule uses), also while an old one cannot go
/// because someone else's rule refers to it or someone reads it. Pure functions; thread-safe.
/// </summary>
public static class KernelNames
{
    /// <summary>The chain, in both families' filter tables.</summary>
    public const string Chain = "dcos-isolation";

    /// <summary>The most bytes in a set's name: IPSET_MAXNAMELEN less the NUL.</summary>
    public const int MaxSetNameLength = 31;

    /// <summary>
    /// The most characters in a network's label: what the longest name leaves beside <c>dcos-net-</c>, the family's 6 and the slot's mark.
    /// </summary>
    public const int MaxLabelLength = 20;

    private const string NetworkPrefix = "dcos-net-";
    private const char SecondSlot = '+';
    private const char ThirdSlot = '=';
    private const char HashMark = '~';
    private const int HashLength = 8;
    private const int StemLength = MaxLabelLength - HashLength - 1;

    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-");

    private static readonly SearchValues<char> s_hashCharacters = SearchValues.Create("0123456789abcdef");

    /// <summary>The addresses of every network: a list:set of the networks' sets, or a hash:net.</summary>
    public static string Overlays(Family family) => Twin("dcos-overlays", family);

    /// <summary>The same addresses as one hash:net, where the list would be long to scan.</summary>
    public static string OverlaysFlat(Family family) => Twin("dcos-overlays-flat", family);

    /// <summary>The pairs that never enter the chain.</summary>
    public static string Exceptions(Family family) => Twin("dcos-exceptions", family);

    /// <summary>Pairs allowed with every protocol.</summary>
    public static string SimpleAllowed(Family family) => Twin("dcos-simple-allowed", family);

    /// <summary>Pairs allowed with one service.</summary>
    public static string ComplexAllowed(Family family) => Twin("dcos-complex-allowed", family);

    /// <summary>Pairs denied with every protocol.</summary>
    public static string SimpleDenied(Family family) => Twin("dcos-simple-denied", family);

    /// <summary>Pairs denied with one service.</summary>
    public static string ComplexDenied(Family family) => Twin("dcos-complex-denied", family);

    /// <summary>The set of one network's prefixes.</summary>
    /// <param name="label">The network's label.</param>
    /// <param name="family">The family.</param>
    public static string NetworkSet(string label, Family family) => Twin(NetworkPrefix + label, family);

    /// <summary>Whether a kernel or logical name is that of a network's set.</summary>
    public static bool IsNetworkSet(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return name.StartsWith(NetworkPrefix, StringComparison.Ordinal) && IsOurs(name);
    }

    /// <summary>
    /// What stands for a network in the names of its sets: the network's name, or its first characters, <c>~</c> and a hash where the name
    /// is too long, or where it could be taken for another network's IPv6 twin (<c>hr6</c> beside <c>hr</c>).
    /// </summary>
    /// <param name="network">The network's name.</param>
    /// <param name="networks">The names of all the policy's networks.</param>
    public static string LabelOf(string network, IReadOnlySet<string> networks)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(networks);
        bool isTwin = network.EndsWith('6') && networks.Contains(network[..^1]);
        return network.Length > MaxLabelLength || isTwin ? HashedLabel(network) : network;
    }

    /// <summary>The kernel names of a logical name, the preferred one first.</summary>
    public static ImmutableArray<string> Slots(string logicalName) => [logicalName, logicalName + SecondSlot, logicalName + ThirdSlot];

    /// <summary>The logical name behind a kernel name; a name that is not the project's stays as it is.</summary>
    public static string LogicalOf(string kernelName)
    {
        ArgumentNullException.ThrowIfNull(kernelName);
        return HasMark(kernelName) && IsOurs(kernelName) ? kernelName[..^1] : kernelName;
    }

    /// <summary>Whether the project could have given a set this name.</summary>
    public static bool IsOurs(string kernelName)
    {
        ArgumentNullException.ThrowIfNull(kernelName);
        return TypesOf(kernelName) is not [];
    }

    /// <summary>Whether the project could have made a set of this name and type.</summary>
    public static bool IsOurs(string kernelName, string typeName)
    {
        ArgumentNullException.ThrowIfNull(kernelName);
        return TypesOf(kernelName).Contains(typeName, StringComparer.Ordinal);
    }

    /// <summary>
    /// The family that a kernel name tells, for list:set, which has none of its own; null for a network's set (<c>dcos-net-hr6</c> may be a
    /// network <c>hr6</c> or the twin of <c>hr</c>) and for names that are not the project's.
    /// </summary>
    public static Family? FamilyOf(string kernelName)
    {
        ArgumentNullException.ThrowIfNull(kernelName);
        if (!IsOurs(kernelName) || kernelName.StartsWith(NetworkPrefix, StringComparison.Ordinal))
        {
            return null;
        }

        return LogicalOf(kernelName).EndsWith('6') ? Family.Inet6 : Family.Inet;
    }

    /// <summary>The types that the role behind a kernel name allows; empty when the name is not the project's.</summary>
    internal static string[] TypesOf(string kernelName)
    {
        string name = HasMark(kernelName) ? kernelName[..^1] : kernelName;
        if (name.StartsWith(NetworkPrefix, StringComparison.Ordinal))
        {
            return IsLabelOrTwin(name.AsSpan(NetworkPrefix.Length)) ? ["hash:net"] : [];
        }

        return (name.EndsWith('6') ? name[..^1] : name) switch
        {
            "dcos-overlays" => ["list:set", "hash:net"],
            "dcos-overlays-flat" => ["hash:net"],
            "dcos-exceptions" or "dcos-simple-allowed" or "dcos-simple-denied" => ["hash:net,net"],
            "dcos-complex-allowed" or "dcos-complex-denied" => ["hash:net,port,net"],
            _ => [],
        };
    }

    private static bool HasMark(string kernelName) => kernelName.EndsWith(SecondSlot) || kernelName.EndsWith(ThirdSlot);

    private static string Twin(string name, Family family) => family == Family.Inet6 ? name + "6" : name;

    private static string HashedLabel(string network)
    {
        string hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(network)))[..HashLength];
        return network[..Math.Min(network.Length, StemLength)] + HashMark + hash;
    }

    private static bool IsLabelOrTwin(ReadOnlySpan<char> text)
    {
        int mark = text.IndexOf(HashMark);
        return mark < 0
            ? IsNetworkName(text) && (text.Length <= MaxLabelLength || (text.Length == MaxLabelLength + 1 && text[^1] == '6'))
            : IsHashedLabelOrTwin(text[..mark], text[(mark + 1)..]);
    }

    private static bool IsHashedLabelOrTwin(ReadOnlySpan<char> stem, ReadOnlySpan<char> hash)
    {
        bool isTwin = hash.Length == HashLength + 1 && hash[^1] == '6';
        ReadOnlySpan<char> digits = isTwin ? hash[..^1] : hash;
        if (!IsNetworkName(stem) || stem.Length > StemLength || digits.Length != HashLength || digits.ContainsAnyExcept(s_hashCharacters))
        {
            return false;
        }

        // A stem shorter than the cut is the whole name, which is hashed only because it ends in 6.
        return stem.Length == StemLength
            || (stem[^1] == '6' && HashedLabel(stem.ToString()).AsSpan(stem.Length + 1).SequenceEqual(digits));
    }

    private static bool IsNetworkName(ReadOnlySpan<char> text) =>
        !text.IsEmpty
        && char.IsAsciiLetterOrDigit(text[0])
        && !text.ContainsAnyExcept(s_nameCharacters)
        && !text.StartsWith("dcos-", StringComparison.Ordinal)
        && !text.StartsWith("mesos-", StringComparison.Ordinal);
}
