using System.Collections.Immutable;
using System.Diagnostics;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

public class AddressClassesTests
{
    [Fact]
    public void Two_addresses_are_of_one_class_exactly_when_the_policy_has_them_in_the_same_networks_and_literal_prefixes() =>
        Gen.Select(Gen.OneOf(PolicyGen.Policies, PolicyGen.WidePolicies), PolicyGen.Packets.Array[30]).Sample(
            (policy, packets) =>
            {
                PolicyModel model = new(policy);
                foreach (Packet packet in packets)
                {
                    AddressClasses classes = model.Classes(packet.Family);
                    int source = classes.ClassOf(packet.Source);
                    int destination = classes.ClassOf(packet.Destination);
                    Assert.Equal(NetworksOf(policy, packet.Family, packet.Source), classes.NetworksOf(source));
                    (string One, string Other) marks =
                        (MarksOf(policy, packet.Family, packet.Source), MarksOf(policy, packet.Family, packet.Destination));
                    Assert.True(
                        marks.One == marks.Other == (source == destination),
                        $"{packet}: classes {source} and {destination}, marks {marks}");
                }
            },
            iter: 2000);

    [Fact]
    public void The_ranges_are_all_addresses_and_neighbours_differ() =>
        Gen.OneOf(PolicyGen.Policies, PolicyGen.WidePolicies).Sample(policy =>
        {
            PolicyModel model = new(policy);
            foreach (Family family in (Family[])[Family.Inet, Family.Inet6])
            {
                AddressClasses classes = model.Classes(family);
                (UInt128 First, UInt128 Last, int Class)[] ranges = [.. Enumerable.Range(0, classes.RangeCount).Select(classes.Range)];
                Assert.Equal(UInt128.Zero, ranges[0].First);
                Assert.Equal(UInt128.MaxValue, ranges[^1].Last);
                Assert.All(ranges.Skip(1).Zip(ranges), pair =>
                {
                    Assert.Equal(pair.Second.Last + 1, pair.First.First);
                    Assert.NotEqual(pair.Second.Class, pair.First.Class);
                });
                Assert.All(ranges, range => Assert.Equal((range.Class, range.Class), (classes.ClassOf(range.First), classes.ClassOf(range.Last))));
                Assert.Equal(
                    Enumerable.Range(0, classes.Count),
                    ranges.Select(range => range.Class).Append(AddressClasses.Outside).Distinct().Order());
            }
        });

    [Fact]
    public void A_million_prefixes_are_divided_in_moments()
    {
        ImmutableArray<Prefix>[] prefixes = [.. Enumerable.Range(0, 2).Select(network => ImmutableArray.CreateRange(
            Enumerable.Range(0, 500_000).Select(i => new Prefix(Family.Inet, (UInt128)(uint)((i * 4) + (network * 2)) << 96, 31))))];
        Network[] networks = [.. prefixes.Select((own, i) => new Network($"n{i}", own, InternalAllowed: true, default))];
        var policy = new IsolationPolicy(DefaultVerdict.Deny, DenyMode.Reject, [.. networks], [], [], []);
        long start = Stopwatch.GetTimestamp();
        AddressClasses classes = new PolicyModel(policy).Classes(Family.Inet);
        Assert.InRange(Stopwatch.GetElapsedTime(start).TotalSeconds, 0, 10);
        Assert.Equal((3, 1_000_001), (classes.Count, classes.RangeCount));
        Assert.Equal<int>([1], classes.NetworksOf(classes.ClassOf((UInt128)1_999_999 << 96)));
        Assert.Equal<int>([0], classes.NetworksOf(classes.ClassOf((UInt128)1_999_997 << 96)));
        Assert.Equal(AddressClasses.Outside, classes.ClassOf((UInt128)2_000_000 << 96));
    }

    private static IEnumerable<int> NetworksOf(IsolationPolicy policy, Family family, UInt128 address) =>
        policy.Networks.Select((network, i) => (network, i)).Where(item => Holds(item.network.Prefixes, family, address)).Select(item => item.i);

    /// <summary>What the policy says of an address, as text; nothing of one that lies in no network.</summary>
    private static string MarksOf(IsolationPolicy policy, Family family, UInt128 address)
    {
        string networks = string.Join(' ', NetworksOf(policy, family, address));
        IEnumerable<Prefix> literals = policy.Allow.Concat(policy.Deny)
            .SelectMany(clause => (ImmutableArray<Endpoint>[])[clause.From, clause.To])
            .SelectMany(side => side.Any(endpoint => endpoint.IsAny) ? [] : side)
            .Concat(policy.Exceptions.SelectMany(pair => (Endpoint[])[pair.Source, pair.Destination]))
            .Select(endpoint => endpoint.Prefix).OfType<Prefix>()
            .Concat(policy.Failsafe.SelectMany(item => item.FromOf(family).Concat(item.ToOf(family))))
            .Distinct();
        return networks.Length == 0 ? "" : $"{networks}, {string.Join(' ', literals.Where(literal => Holds([literal], family, address)))}";
    }

    private static bool Holds(ImmutableArray<Prefix> prefixes, Family family, UInt128 address) =>
        prefixes.Any(prefix => prefix.Family == family && prefix.Contains(address));
}
