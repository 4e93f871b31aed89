using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests.Model;

public class PrefixCanonicalizerTests
{
    // Long prefixes that differ in few bits, so that neighbours, duplicates and containment are common; also at both ends of the space.
    private static readonly UInt128[] Bases = [UInt128.Zero, UInt128.MaxValue, (UInt128)0x0a << 120];

    private static readonly Gen<Prefix> Close = Gen.Select(Gen.Bool, Gen.Int[0, 2], Gen.Int[0, 15], Gen.Int[0, 5]).Select(
        (inet, origin, offset, shorter) =>
        {
            Family family = inet ? Family.Inet : Family.Inet6;
            int max = Prefix.MaxLength(family);
            return new Prefix(family, Bases[origin] ^ ((UInt128)offset << (128 - max)), max - shorter);
        });

    private static readonly Gen<Prefix> Wide = Gen.Select(Gen.Bool, Gen.ULong, Gen.Int[1, 5]).Select(
        (inet, bits, length) => new Prefix(inet ? Family.Inet : Family.Inet6, new UInt128(bits, 0), length));

    [Theory]
    [InlineData("", "")]
    [InlineData("10.128.0.0/9 10.0.0.0/9", "10.0.0.0/8")]
    [InlineData("10.64.0.0/10 10.128.0.0/9 10.0.0.0/10", "10.0.0.0/8")]
    [InlineData("10.128.0.0/9 11.0.0.0/9", "10.128.0.0/9 11.0.0.0/9")]
    [InlineData("10.0.0.0/8 10.0.0.0/8 10.1.0.0/16 10.0.0.0/16", "10.0.0.0/8")]
    [InlineData("0.0.0.0/1 128.0.0.0/2 192.0.0.0/2", "0.0.0.0/1 128.0.0.0/1")]
    [InlineData("fd00::1 10.0.0.1 fd00:: 10.0.0.0", "10.0.0.0/31 fd00::/127")]
    [InlineData(
        "255.255.255.255 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        "255.255.255.255/32 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128")]
    public void Prefixes_are_merged(string prefixes, string expected) =>
        Assert.Equal(expected, string.Join(' ', Canonical([.. prefixes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Parse)])));

    [Fact]
    public void A_prefix_of_length_0_is_misuse()
    {
        Assert.Throws<ArgumentException>(() => PrefixCanonicalizer.Canonicalize([Parse("::/0")]));
        PrefixBuilder split = new();
        split.Add(Parse("::/0"));
        split.Add(Parse("0.0.0.0/0"));
        Assert.Equal("0.0.0.0/1 128.0.0.0/1 ::/1 8000::/1", string.Join(' ', split.ToCanonical()));
    }

    [Fact]
    public void Every_address_stays_covered_and_no_other_comes_in() => Close.Array[0, 24].Sample(prefixes =>
    {
        Prefix[] canonical = Canonical(prefixes);
        foreach (Family family in (Family[])[Family.Inet, Family.Inet6])
        {
            foreach (UInt128 origin in Bases)
            {
                for (int offset = 0; offset < 64; offset++)
                {
                    Prefix address = new(family, origin ^ ((UInt128)offset << (128 - Prefix.MaxLength(family))), Prefix.MaxLength(family));
                    if (prefixes.Any(prefix => prefix.Contains(address)) != canonical.Any(prefix => prefix.Contains(address)))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    });

    [Fact]
    public void The_result_is_sorted_disjoint_minimal_and_stays_as_it_is() => Gen.OneOf(Close, Wide).Array[0, 40].Sample(prefixes =>
    {
        Prefix[] canonical = Canonical(prefixes);
        for (int i = 1; i < canonical.Length; i++)
        {
            (Prefix low, Prefix high) = (canonical[i - 1], canonical[i]);
            bool halves = low.Family == high.Family && low.Length == high.Length && low.Length > 1
                && new Prefix(low.Family, high.Bits, low.Length - 1) == new Prefix(low.Family, low.Bits, low.Length - 1);
            if (low >= high || low.Contains(high) || halves)
            {
                return false;
            }
        }

        return canonical.AsSpan().SequenceEqual(Canonical(canonical));
    });

    [Fact]
    public void Order_does_not_matter() => Gen.Select(Gen.OneOf(Close, Wide).Array[0, 40], Gen.Int).Sample((prefixes, seed) =>
    {
        Prefix[] shuffled = [.. prefixes];
        new Random(seed).Shuffle(shuffled);
        return Canonical(prefixes).AsSpan().SequenceEqual(Canonical(shuffled));
    });

    [Fact]
    public void Nothing_is_allocated()
    {
        IEnumerable<uint> addresses = Enumerable.Range(0, 10_000).Select(i => (uint)i * 2654435761u);
        Prefix[] prefixes = [.. addresses.Select(address => new Prefix(Family.Inet, (UInt128)address << 96, 32))];
        PrefixCanonicalizer.Canonicalize([.. prefixes]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        PrefixCanonicalizer.Canonicalize(prefixes);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    [Fact]
    public void The_builder_and_the_canonicaliser_agree_with_the_simple_way() => Gen.OneOf(Close, Wide).Array[0, 200].Sample(prefixes =>
    {
        PrefixBuilder builder = new();
        foreach (Prefix prefix in prefixes)
        {
            builder.Add(prefix);
        }

        Prefix[] expected = Simple(prefixes);
        return builder.ToCanonical().AsSpan().SequenceEqual(expected) && Canonical(prefixes).AsSpan().SequenceEqual(expected);
    });

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_hundred_thousand_of_all_lengths_are_merged_as_the_simple_way_does(int order)
    {
        var random = new Random(7);
        Prefix[] prefixes = [.. Enumerable.Range(0, 100_000).Select(_ =>
        {
            Family family = random.Next(2) == 0 ? Family.Inet : Family.Inet6;

            // Many short ones would swallow everything.
            int length = random.Next(random.Next(1000) == 0 ? 1 : 12, Prefix.MaxLength(family) + 1);
            return new Prefix(family, new UInt128((ulong)random.NextInt64() << 1, (ulong)random.NextInt64() << 1), length);
        })];
        switch (order)
        {
            case 1:
                Array.Sort(prefixes);
                break;
            case 2:
                Array.Sort(prefixes, (one, other) => other.CompareTo(one));
                break;
        }

        PrefixBuilder builder = new();
        foreach (Prefix prefix in prefixes)
        {
            builder.Add(prefix);
        }

        Prefix[] expected = Simple(prefixes);
        Assert.True(expected.Length > 20_000);
        Assert.Equal(expected, builder.ToCanonical().ToArray());
        Assert.Equal(expected, Canonical(prefixes));
    }

    /// <summary>The model: a sort by comparison, then merging with whatever came before.</summary>
    private static Prefix[] Simple(Prefix[] prefixes)
    {
        List<Prefix> merged = [];
        foreach (Prefix next in prefixes.Order())
        {
            if (merged.Count > 0 && merged[^1].Contains(next))
            {
                continue;
            }

            merged.Add(next);
            while (merged.Count > 1 && merged[^1].Length > 1 && merged[^2].Length == merged[^1].Length
                && new Prefix(merged[^1].Family, merged[^1].Bits, merged[^1].Length - 1) is var parent && parent.Contains(merged[^2]))
            {
                merged.RemoveRange(merged.Count - 2, 2);
                merged.Add(parent);
            }
        }

        return [.. merged];
    }

    private static Prefix Parse(string text) =>
        PrefixParser.TryParse(text, out Prefix prefix, out string? error) ? prefix : throw new FormatException(error);

    private static Prefix[] Canonical(Prefix[] prefixes)
    {
        Prefix[] copy = [.. prefixes];
        return copy[..PrefixCanonicalizer.Canonicalize(copy)];
    }
}
