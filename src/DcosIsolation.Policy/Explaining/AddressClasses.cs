using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// The addresses of a family, divided as a policy divides them: two addresses are of one class exactly when the policy cannot tell them
/// apart. A class is a number from 0; 0 is what lies outside of every network. Immutable; safe to share between threads.
/// </summary>
public sealed class AddressClasses
{
    // Where each range begins, in ascending order from 0: one of the two is used.
    private readonly uint[] _inet;
    private readonly UInt128[] _inet6;
    private readonly int[] _classes;
    private readonly ImmutableArray<int>[] _marks;
    private readonly ImmutableArray<int>[] _networks;

    internal AddressClasses(Family family, uint[] inet, UInt128[] inet6, int[] classes, ImmutableArray<int>[] marks, int networks)
    {
        (Family, _inet, _inet6, _classes, _marks) = (family, inet, inet6, classes, marks);
        _networks = new ImmutableArray<int>[marks.Length];
        for (int i = 0; i < marks.Length; i++)
        {
            // Networks are the first marks.
            int own = ~marks[i].BinarySearch(networks);
            _networks[i] = ImmutableArray.Create(marks[i], 0, own < 0 ? ~own : own);
        }
    }

    /// <summary>The number of the class of all addresses that lie in no network of the policy.</summary>
    public const int Outside = 0;

    /// <summary>The family.</summary>
    public Family Family { get; }

    /// <summary>How many classes there are, <see cref="Outside"/> included.</summary>
    public int Count => _marks.Length;

    /// <summary>How many ranges there are: neighbours are of different classes.</summary>
    public int RangeCount => _classes.Length;

    /// <summary>The class of an address.</summary>
    /// <param name="address">The address, left-aligned in 128 bits.</param>
    public int ClassOf(UInt128 address) => _classes[RangeOf(address)];

    /// <summary>The networks that the addresses of a class lie in, as indexes into the policy's, ascending.</summary>
    public ImmutableArray<int> NetworksOf(int number) => _networks[number];

    /// <summary>A range of addresses of one class.</summary>
    /// <param name="index">From 0 to <see cref="RangeCount"/> - 1, in ascending order.</param>
    /// <returns>The first and the last address, left-aligned (the last with ones below an IPv4 address), and their class.</returns>
    public (UInt128 First, UInt128 Last, int Class) Range(int index) =>
        (Start(index), index + 1 < RangeCount ? Start(index + 1) - 1 : UInt128.MaxValue, _classes[index]);

    /// <summary>What the policy says of addresses of a class: its networks, then the literal prefixes, by the numbers the model gives them.</summary>
    internal ImmutableArray<int> MarksOf(int number) => _marks[number];

    private UInt128 Start(int index) => Family == Family.Inet ? (UInt128)_inet[index] << 96 : _inet6[index];

    private int RangeOf(UInt128 address)
    {
        int low = 0;
        int high = RangeCount - 1;
        uint inet = (uint)(address >> 96);
        while (low < high)
        {
            int middle = (low + high + 1) >>> 1;
            bool isBehind = Family == Family.Inet ? _inet[middle] <= inet : _inet6[middle] <= address;
            (low, high) = isBehind ? (middle, high) : (low, middle - 1);
        }

        return low;
    }
}
