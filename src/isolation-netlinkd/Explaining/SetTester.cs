using DcosIsolation.Daemon.Dataplane;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Policy;

namespace DcosIsolation.Daemon.Explaining;

/// <summary>What can be told of a match: it is true, it is false, or nobody here knows.</summary>
internal enum Answer
{
    No,
    Yes,
    Maybe,
}

/// <summary>
/// Asks the kernel what its sets hold, as the match <c>set</c> would: IPSET_CMD_TEST of a question's addresses and port. Within one question no
/// set is asked the same twice.
/// </summary>
internal sealed class SetTester
{
    private readonly IpsetClient _ipset;
    private readonly Dictionary<int, IpsetInfo> _sets = [];
    private readonly Dictionary<string, IpsetInfo> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<ListMember>> _members = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Answer> _answers = [];
    private Question? _question;

    public SetTester(IpsetClient ipset, IReadOnlyList<IpsetInfo> sets)
    {
        _ipset = ipset;
        foreach (IpsetInfo set in sets)
        {
            _sets[set.Index ?? 0] = set;
            _byName[set.Name] = set;
        }
    }

    /// <summary>How many times the kernel was asked.</summary>
    public long Asked { get; private set; }

    /// <summary>The name of the set with an index.</summary>
    public string NameOf(ushort index) => _sets.TryGetValue(index, out IpsetInfo? set) ? set.Name : $"#{index}";

    /// <summary>Whether a packet matches.</summary>
    /// <exception cref="IpsetException">The kernel refused, or the set is gone.</exception>
    public Answer Test(Netlink.Xtables.SetMatch match, Question question)
    {
        if (!_sets.TryGetValue(match.Index, out IpsetInfo? set))
        {
            return Answer.Maybe;
        }

        if (!ReferenceEquals(question, _question))
        {
            _answers.Clear();
            _question = question;
        }

        int key = (match.Index << 8) | (match.Directions.Dimensions << 4) | match.Directions.SourceBits;
        if (!_answers.TryGetValue(key, out Answer answer))
        {
            _answers.Add(key, answer = Ask(set, match.Directions, question));
        }

        return answer == Answer.Maybe ? answer : (answer == Answer.Yes) != match.Negated ? Answer.Yes : Answer.No;
    }

    /// <summary>The names of the networks whose sets hold an address, as the list of all of them tells; empty without a list.</summary>
    public List<string> NetworksOf(Question question, bool isSource)
    {
        List<string> names = [];
        foreach (IpsetInfo set in _byName.Values)
        {
            if (set.Type != IpsetType.ListSet || KernelNames.LogicalOf(set.Name) != KernelNames.Overlays(question.Family))
            {
                continue;
            }

            foreach (ListMember member in MembersOf(set))
            {
                if (member.Network is { } name && !names.Contains(name) && _byName.TryGetValue(member.Set, out IpsetInfo? own)
                    && Ask(own, isSource ? Netlink.Xtables.SetDirections.Source : Netlink.Xtables.SetDirections.Destination, question) == Answer.Yes)
                {
                    names.Add(name);
                }
            }
        }

        return names;
    }

    private Answer Ask(IpsetInfo set, Netlink.Xtables.SetDirections directions, Question question)
    {
        if (set.Type == IpsetType.ListSet)
        {
            return AskMembers(set, directions, question);
        }

        // The kernel finds nothing of one family in a set of the other, nor anything when it is asked for another number of dimensions.
        if (set.Family != PolicyEntries.ToNetfilter(question.Family))
        {
            return Answer.No;
        }

        IpsetPrefix first = Address(question, directions, 0);
        switch (set.Type, directions.Dimensions)
        {
            case (IpsetType.HashNet, 1):
                return Ask(set.Name, IpsetEntry.Net(first));
            case (IpsetType.HashNetNet, 2):
                return Ask(set.Name, IpsetEntry.NetNet(first, Address(question, directions, 1)));

            // The source port of a packet is anything.
            case (IpsetType.HashNetPortNet, 3) when !IsSource(directions, 1):
                PacketService service = question.Carried;
                return Ask(set.Name, IpsetEntry.NetPortNet(first, service.Protocol, service.Port, Address(question, directions, 2)));
            default:
                return Answer.Maybe;
        }
    }

    private Answer AskMembers(IpsetInfo list, Netlink.Xtables.SetDirections directions, Question question)
    {
        Answer all = Answer.No;
        foreach (ListMember member in MembersOf(list))
        {
            Answer one = _byName.TryGetValue(member.Set, out IpsetInfo? set) ? Ask(set, directions, question) : Answer.Maybe;
            if (one == Answer.Yes)
            {
                return one;
            }

            all = one == Answer.Maybe ? one : all;
        }

        return all;
    }

    private Answer Ask(string set, in IpsetEntry entry)
    {
        Asked++;
        return _ipset.Test(set, entry) ? Answer.Yes : Answer.No;
    }

    private List<ListMember> MembersOf(IpsetInfo list)
    {
        if (!_members.TryGetValue(list.Name, out List<ListMember>? members))
        {
            List<ListMember> found = [];
            _ipset.ReadEntries(list.Name, (in entry) => found.Add(new ListMember(entry.Member!, entry.Comment)));
            _members.Add(list.Name, members = found);
        }

        return members;
    }

    private static bool IsSource(Netlink.Xtables.SetDirections directions, int dimension) => (directions.SourceBits >> dimension & 1) != 0;

    private static IpsetPrefix Address(Question question, Netlink.Xtables.SetDirections directions, int dimension)
    {
        UInt128 address = IsSource(directions, dimension) ? question.Source : question.Destination;
        return new IpsetPrefix(PolicyEntries.ToNetfilter(question.Family), address, (byte)Prefix.MaxLength(question.Family));
    }

    private sealed record ListMember(string Set, string? Network);
}
