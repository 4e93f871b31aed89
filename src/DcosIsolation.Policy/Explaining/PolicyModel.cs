using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// A policy made ready for questions: what becomes of a packet that opens a connection, and which line says so. Many questions a second, for
/// a million prefixes too. Packets of connections that exist are not asked about: those of allowed ones pass. Safe to share between threads.
/// </summary>
public sealed class PolicyModel
{
    private readonly FamilyModel _inet;
    private readonly FamilyModel _inet6;

    /// <summary>Prepares a policy.</summary>
    public PolicyModel(IsolationPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        Policy = policy;
        _inet = new FamilyModel(policy, Family.Inet);
        _inet6 = new FamilyModel(policy, Family.Inet6);
    }

    /// <summary>The policy.</summary>
    public IsolationPolicy Policy { get; }

    /// <summary>How the policy divides a family's addresses.</summary>
    public AddressClasses Classes(Family family) => Of(family).Classes;

    /// <summary>What the policy says of a packet between addresses of two classes.</summary>
    /// <param name="family">The family.</param>
    /// <param name="source">The class of the source.</param>
    /// <param name="destination">The class of the destination.</param>
    /// <param name="service">What the packet carries.</param>
    public Ruling Judge(Family family, int source, int destination, PacketService service) =>
        Of(family).Judge(source, destination, service);

    /// <summary>What the policy says of a packet between two addresses, left-aligned in 128 bits.</summary>
    public Ruling Judge(Family family, UInt128 source, UInt128 destination, PacketService service)
    {
        FamilyModel model = Of(family);
        return model.Judge(model.Classes.ClassOf(source), model.Classes.ClassOf(destination), service);
    }

    /// <summary>
    /// What the policy says of every service between addresses of two classes: no packet belongs to two of the items, each belongs to one.
    /// Sorted by protocol and port; the last is for every other protocol.
    /// </summary>
    public ImmutableArray<ServiceRuling> Services(Family family, int source, int destination) => Of(family).Services(source, destination);

    private FamilyModel Of(Family family) => family == Family.Inet ? _inet : _inet6;
}
