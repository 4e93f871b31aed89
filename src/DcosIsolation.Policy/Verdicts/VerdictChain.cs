namespace DcosIsolation.Policy;

/// <summary>
/// What one state of a family does with packets that open a connection, as a list of atoms in the order in which the kernel asks. Rules in
/// text are left out.
/// </summary>
internal sealed class VerdictChain
{
    private readonly bool _isAfter;
    private readonly VerdictMarks _marks;
    private readonly VerdictAtoms _atoms;
    private readonly List<Step> _steps = [];
    private readonly List<(int[] Marks, bool Negated)> _sourceGate = [];
    private readonly List<(int[] Marks, bool Negated)> _destinationGate = [];
    private List<int>[]? _bySource;
    private List<int>[]? _byDestination;

    /// <exception cref="NotSupportedException">The rules are not such as this program writes.</exception>
    public VerdictChain(Rule jump, IEnumerable<Rule> chain, Func<string, SetSpec?> find, bool isAfter, VerdictMarks marks, VerdictAtoms atoms)
    {
        (_isAfter, _marks, _atoms) = (isAfter, marks, atoms);
        foreach (SetMatch match in jump.Sets)
        {
            if (IsPair(match))
            {
                // Pairs that never come to the chain pass as if its first rules said so.
                AddEntries(jump, find(KernelNames.LogicalOf(match.Set)), match.Negated ? [] : throw Unknown(), []);
            }
            else
            {
                (match.Directions == SetDirections.Source ? _sourceGate : _destinationGate).Add(Condition(match));
            }
        }

        if (jump.Source is not null || jump.Destination is not null || jump.Protocol is not null || jump.Text is not null)
        {
            throw Unknown();
        }

        foreach (Rule rule in chain)
        {
            Add(rule, find);
        }
    }

    /// <summary>The number of the atom at a place.</summary>
    public int AtomAt(int place) => _steps[place].Atom;

    /// <summary>The places that fit addresses with these marks on one side, ascending.</summary>
    public int[] Places(int[] marks, bool isSource)
    {
        if (!Fits(isSource ? _sourceGate : _destinationGate, marks))
        {
            return [];
        }

        // Not before both states have named their marks.
        List<int>[] index = isSource
            ? _bySource ??= Index(step => step.Source, step => step.Sources)
            : _byDestination ??= Index(step => step.Destination, step => step.Destinations);
        List<int> places = [.. index[0]];
        foreach (int mark in marks)
        {
            places.AddRange(index[mark + 1]);
        }

        places.Sort();
        List<int> fitting = [];
        foreach (int place in places)
        {
            Step step = _steps[place];
            if ((fitting.Count == 0 || fitting[^1] != place) && Fits(isSource ? step.Sources : step.Destinations, marks))
            {
                fitting.Add(place);
            }
        }

        return [.. fitting];
    }

    private static bool IsPair(SetMatch match) =>
        match.Directions is SetDirections.SourceDestination or SetDirections.SourceDestinationDestination;

    private static NotSupportedException Unknown() => new("what is in force is not such as this program writes");

    private static bool Fits(List<(int[] Marks, bool Negated)> conditions, int[] marks)
    {
        foreach ((int[] wanted, bool isNegated) in conditions)
        {
            bool isAny = false;
            foreach (int mark in wanted)
            {
                isAny |= Array.BinarySearch(marks, mark) >= 0;
            }

            if (isAny == isNegated)
            {
                return false;
            }
        }

        return true;
    }

    private void Add(Rule rule, Func<string, SetSpec?> find)
    {
        if (rule.Target is RuleTarget.Text or RuleTarget.Log || rule.RelatedOrEstablished)
        {
            return;
        }

        List<(int[] Marks, bool Negated)> sources = [];
        List<(int[] Marks, bool Negated)> destinations = [];
        if (rule.Source is { } source)
        {
            sources.Add(([_marks.Of(source)], false));
        }

        if (rule.Destination is { } destination)
        {
            destinations.Add(([_marks.Of(destination)], false));
        }

        SetMatch? pairs = null;
        foreach (SetMatch match in rule.Sets)
        {
            if (!IsPair(match))
            {
                (match.Directions == SetDirections.Source ? sources : destinations).Add(Condition(match));
            }
            else if (pairs is not null || match.Negated)
            {
                throw Unknown();
            }
            else
            {
                pairs = match;
            }
        }

        if (!rule.SourcePorts.IsEmpty || rule.Target == RuleTarget.JumpToIsolation)
        {
            throw Unknown();
        }

        if (pairs is { } asked)
        {
            AddEntries(rule, find(KernelNames.LogicalOf(asked.Set)), sources, destinations);
        }
        else
        {
            _steps.Add(new Step(_atoms.Of(rule, -1, -1, null, null), -1, -1, sources, destinations));
        }
    }

    private void AddEntries(
        Rule rule, SetSpec? set, List<(int[] Marks, bool Negated)> sources, List<(int[] Marks, bool Negated)> destinations)
    {
        switch (set)
        {
            case NetNetSet pairs:
                foreach (NetNetEntry entry in pairs.Entries)
                {
                    AddEntry(entry.Source, entry.Destination, null, null);
                }

                break;
            case NetPortNetSet pairs when rule.Protocol is null && rule.Ports.IsEmpty:
                foreach (NetPortNetEntry entry in pairs.Entries)
                {
                    AddEntry(entry.Source, entry.Destination, entry.Protocol, entry.Port);
                }

                break;
            default:
                throw Unknown();
        }

        void AddEntry(Prefix from, Prefix to, Protocol? protocol, ushort? port)
        {
            (int source, int destination) = (_marks.Of(from), _marks.Of(to));
            _steps.Add(new Step(_atoms.Of(rule, source, destination, protocol, port), source, destination, sources, destinations));
        }
    }

    private (int[] Marks, bool Negated) Condition(SetMatch match) =>
        (_marks.Of(KernelNames.LogicalOf(match.Set), _isAfter) ?? throw Unknown(), match.Negated);

    /// <summary>The places to look at for each mark, behind those to look at for every address.</summary>
    private List<int>[] Index(Func<Step, int> markOf, Func<Step, List<(int[] Marks, bool Negated)>> conditionsOf)
    {
        var index = new List<int>[_marks.All.Count + 1];
        for (int i = 0; i < index.Length; i++)
        {
            index[i] = [];
        }

        for (int place = 0; place < _steps.Count; place++)
        {
            int mark = markOf(_steps[place]);
            int[]? wanted = mark >= 0 ? [mark] : null;
            foreach ((int[] marks, bool isNegated) in conditionsOf(_steps[place]))
            {
                wanted ??= isNegated ? null : marks;
            }

            foreach (int each in wanted ?? [-1])
            {
                index[each + 1].Add(place);
            }
        }

        return index;
    }

    /// <summary>An atom where it is asked: about two marks (-1: any addresses), under conditions on each side.</summary>
    private sealed record Step(
        int Atom, int Source, int Destination, List<(int[] Marks, bool Negated)> Sources, List<(int[] Marks, bool Negated)> Destinations);
}
