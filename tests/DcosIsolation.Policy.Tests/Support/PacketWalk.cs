using Xunit;

namespace DcosIsolation.Policy.Tests;

/// <summary>
/// A packet's walk through a family's rules while the sets change: each look into a hash table for one prefix length is a moment of its own,
/// and from one of these moments on the sets are others. Of sets that were exchanged, a lookup finds one or the other.
/// </summary>
internal sealed class PacketWalk(
    LiveFamily table,
    Dictionary<string, SetSpec> earlier,
    Dictionary<string, SetSpec> later,
    bool exchanged,
    int change,
    Packet packet)
{
    private Dictionary<string, SetSpec>? _found;

    /// <summary>How many looks the walk took.</summary>
    public int Looks { get; private set; }

    /// <summary>Whether the packet passes.</summary>
    public bool Passes()
    {
        if (!table.Jumps.Any(jump => Matches(jump.Rule.Rule!)))
        {
            return true;
        }

        foreach (LiveRule rule in table.Chain)
        {
            if (Matches(rule.Rule!) && RuleMachine.VerdictOf(rule.Rule!, packet) is { } verdict)
            {
                return SlowModel.Passes(verdict);
            }
        }

        return true;
    }

    private bool Matches(Rule rule) =>
        RuleMachine.HeaderMatches(rule, packet) && rule.Sets.All(match => Holds(match.Set, match.Directions) != match.Negated);

    private bool Holds(string name, SetDirections directions)
    {
        if (exchanged)
        {
            _found = null;
            _found = Now();
        }

        UInt128 first = directions == SetDirections.Destination ? packet.Destination : packet.Source;
        switch (earlier[name])
        {
            case ListSet list:
                Assert.Equal(list, later[name]);
                return list.Entries.Any(entry => Holds(entry.Set, directions));
            case NetSet:
                return Lengths(name, static (NetSet set) => set.Entries.Select(entry => (int)entry.Length)).Any(length =>
                    Look<NetSet>(name).Entries.Contains(new Prefix(packet.Family, first, length)));
            case NetNetSet:
                return Pairs(
                    name,
                    static (NetNetSet set) => set.Entries.Select(entry => (entry.Source, entry.Destination)),
                    (source, destination) => Look<NetNetSet>(name).Entries.Contains(new NetNetEntry(source, destination)));
            default:
                return Pairs(
                    name,
                    static (NetPortNetSet set) => set.Entries.Select(entry => (entry.Source, entry.Destination)),
                    (source, destination) => Look<NetPortNetSet>(name).Entries.Contains(
                        new NetPortNetEntry(source, (Protocol)packet.Protocol, packet.Port, destination)));
        }
    }

    private bool Pairs<TSet>(string name, Func<TSet, IEnumerable<(Prefix Source, Prefix Destination)>> entries, Func<Prefix, Prefix, bool> look)
        where TSet : SetSpec =>
        Lengths(name, (TSet set) => entries(set).Select(entry => (int)entry.Source.Length)).Any(first =>
            Lengths(name, (TSet set) => entries(set).Select(entry => (int)entry.Destination.Length)).Any(second =>
                look(new Prefix(packet.Family, packet.Source, first), new Prefix(packet.Family, packet.Destination, second))));

    /// <summary>The lengths in use, the longest first; those of a set that was exchanged as a whole are those of either.</summary>
    private List<int> Lengths<TSet>(string name, Func<TSet, IEnumerable<int>> lengths)
        where TSet : SetSpec =>
        [.. lengths((TSet)earlier[name]).Concat(lengths((TSet)later[name])).Distinct().OrderDescending()];

    private TSet Look<TSet>(string name)
        where TSet : SetSpec =>
        (TSet)Now()[name];

    private Dictionary<string, SetSpec> Now() => _found ?? (Looks++ < change ? earlier : later);
}
