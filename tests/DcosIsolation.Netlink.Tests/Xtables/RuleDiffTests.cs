using CsCheck;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Xtables;

public class RuleDiffTests
{
    [Theory]
    [InlineData("abcd", "abcd", "0123")]
    [InlineData("", "ab", "--")]
    [InlineData("ab", "", "")]
    [InlineData("abcd", "abxd", "01-3")]
    [InlineData("abcd", "bcd", "123")]
    [InlineData("bcd", "abcd", "-012")]
    [InlineData("abcd", "dabc", "-012")]
    [InlineData("aab", "ab", "02")]
    [InlineData("ab", "aab", "0-1")]
    public void The_rules_that_stay_are_the_most_that_can(string present, string wanted, string staying) =>
        Assert.Equal(staying, string.Concat(RuleDiff.Match(Rules(present), Rules(wanted)).Select(i => i < 0 ? "-" : $"{i}")));

    [Fact]
    public void The_rules_that_stay_are_equal_and_in_order() =>
        Gen.Select(Gen.Byte[0, 5].Array[0, 30], Gen.Byte[0, 5].Array[0, 30]).Sample((present, wanted) =>
        {
            List<byte[]> a = [.. present.Select(b => new[] { b })];
            List<byte[]> b = [.. wanted.Select(b => new[] { b })];
            int last = -1;
            int[] staying = RuleDiff.Match(a, b);
            for (int i = 0; i < staying.Length; i++)
            {
                if (staying[i] >= 0)
                {
                    Assert.True(staying[i] > last);
                    Assert.Equal(a[staying[i]], b[i]);
                    last = staying[i];
                }
            }

            Assert.True(!present.AsSpan().SequenceEqual(wanted) || staying.All(i => i >= 0));
        });

    private static List<byte[]> Rules(string text) => [.. text.Select(c => new[] { (byte)c })];
}
