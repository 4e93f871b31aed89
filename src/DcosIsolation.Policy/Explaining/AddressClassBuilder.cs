using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace DcosIsolation.Policy;

/// <summary>
/// Finds the address classes of a family by going through the addresses once. A mark is a network or a literal prefix of the policy, by
/// number; networks come first.
/// </summary>
internal sealed class AddressClassBuilder
{
    private readonly Family _family;
    private readonly int _networks;
    private readonly MarkSweep _sweep;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _numberOf;
    private readonly List<ImmutableArray<int>> _marks = [[]];
    private readonly List<uint> _inet = [];
    private readonly List<UInt128> _inet6 = [];
    private readonly List<int> _classes = [];

    private AddressClassBuilder(Family family, int networks, IReadOnlyList<ImmutableArray<Prefix>> marks)
    {
        (_family, _networks, _sweep) = (family, networks, new MarkSweep(marks));
        _numberOf = _numbers.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>Divides a family's addresses.</summary>
    /// <param name="family">The family.</param>
    /// <param name="networks">How many of the marks are networks.</param>
    /// <param name="marks">The prefixes of each mark: of the family, sorted, none in another.</param>
    public static AddressClasses Build(Family family, int networks, IReadOnlyList<ImmutableArray<Prefix>> marks) =>
        new AddressClassBuilder(family, networks, marks).Build();

    private AddressClasses Build()
    {
        Append(UInt128.Zero, AddressClasses.Outside);
        while (_sweep.TryPeek(out _, out UInt128 at))
        {
            _sweep.Pass(at);
            Append(at, Number());
        }

        return new AddressClasses(_family, [.. _inet], [.. _inet6], [.. _classes], [.. _marks], _networks);
    }

    /// <summary>The class of the active marks; what no network has is never judged, whatever literal prefixes hold it.</summary>
    private int Number()
    {
        if (_sweep.Active.Count == 0 || _sweep.Active[0] >= _networks)
        {
            return AddressClasses.Outside;
        }

        ReadOnlySpan<char> key = MemoryMarshal.Cast<int, char>(CollectionsMarshal.AsSpan(_sweep.Active));
        if (!_numberOf.TryGetValue(key, out int number))
        {
            number = _marks.Count;
            _numbers.Add(key.ToString(), number);
            _marks.Add([.. _sweep.Active]);
        }

        return number;
    }

    private void Append(UInt128 start, int number)
    {
        if (_classes.Count > 0 && start == 0)
        {
            _classes[0] = number;
        }
        else if (_classes.Count == 0 || _classes[^1] != number)
        {
            _classes.Add(number);
            if (_family == Family.Inet)
            {
                _inet.Add((uint)(start >> 96));
            }
            else
            {
                _inet6.Add(start);
            }
        }
    }
}
