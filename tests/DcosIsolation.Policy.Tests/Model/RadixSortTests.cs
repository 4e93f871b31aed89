using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests.Model;

public class RadixSortTests
{
    private static readonly Gen<Prefix> Any = Gen.Select(Gen.Bool, Gen.ULong, Gen.ULong, Gen.Int[0, 128]).Select(
        (inet, high, low, length) => inet
            ? new Prefix(Family.Inet, new UInt128(high, 0), length / 4)
            : new Prefix(Family.Inet6, new UInt128(high, low), length));

    // Few values, so that many are alike in many bytes.
    private static readonly Gen<Prefix> Alike = Gen.Select(Gen.Bool, Gen.Int[0, 3], Gen.Int[0, 15], Gen.Int[30, 32]).Select(
        (inet, high, bit, length) => new Prefix(
            inet ? Family.Inet : Family.Inet6, ((UInt128)high << 126) | (UInt128.One << (bit * 8)), inet ? length : length + 96));

    private static readonly Gen<Prefix> Prefixes = Gen.OneOf(Any, Alike);

    private static readonly Gen<Protocol> Protocols =
        Gen.Int[0, Enum.GetValues<Protocol>().Length - 1].Select(i => Enum.GetValues<Protocol>()[i]);

    [Fact]
    public void Prefixes_come_into_order() => Prefixes.Array[0, 300].Sample(IsSorted);

    [Fact]
    public void Pairs_come_into_order() =>
        Gen.Select(Prefixes, Prefixes).Select((one, other) => new NetNetEntry(one, other)).Array[0, 300].Sample(IsSorted);

    [Fact]
    public void Pairs_with_a_port_come_into_order() => Gen.Select(Alike, Protocols, Gen.UShort, Prefixes)
        .Select((one, protocol, port, other) => new NetPortNetEntry(one, protocol, port, other)).Array[0, 300].Sample(IsSorted);

    [Theory]
    [InlineData("random")]
    [InlineData("sorted")]
    [InlineData("reversed")]
    [InlineData("equal")]
    [InlineData("two values")]
    public void Many_come_into_order(string kind)
    {
        var random = new Random(7);
        Prefix[] prefixes = [.. Enumerable.Range(0, 200_000).Select(i => kind switch
        {
            "equal" => new Prefix(Family.Inet6, UInt128.MaxValue, 128),
            "two values" => new Prefix(Family.Inet6, (UInt128)(i & 1), 128),
            _ => new Prefix(random.Next(2) == 0 ? Family.Inet : Family.Inet6, (UInt128)random.NextInt64() << 65, random.Next(33)),
        })];
        Array.Sort(prefixes);
        if (kind == "reversed")
        {
            Array.Reverse(prefixes);
        }
        else if (kind != "sorted")
        {
            random.Shuffle(prefixes);
        }

        Assert.True(IsSorted(prefixes));
    }

    [Fact]
    public void Keys_compare_as_entries_do() => Gen.Select(Alike, Protocols, Gen.UShort, Any, Prefixes).Array[2].Sample(pair =>
    {
        (Prefix one, Prefix other) = (pair[0].Item5, pair[1].Item5);
        NetPortNetEntry[] entries = [.. pair.Select(item => new NetPortNetEntry(item.Item1, item.Item2, item.Item3, item.Item4))];
        return Math.Sign(Bytes(entries[0]).AsSpan().SequenceCompareTo(Bytes(entries[1]))) == Math.Sign(entries[0].CompareTo(entries[1]))
            && Math.Sign(Bytes(one).AsSpan().SequenceCompareTo(Bytes(other))) == Math.Sign(one.CompareTo(other));
    });

    private static byte[] Bytes<T>(T key)
        where T : struct, IRadixKey<T> => [.. Enumerable.Range(0, T.KeyLength).Select(key.KeyByte)];

    /// <summary>Whether sorting a copy gives what the framework's sort by comparison gives.</summary>
    private static bool IsSorted<T>(T[] items)
        where T : struct, IRadixKey<T>
    {
        T[] expected = [.. items];
        Array.Sort(expected);
        T[] sorted = [.. items];
        RadixSort.Sort<T>(sorted);
        return sorted.AsSpan().SequenceEqual(expected);
    }
}
