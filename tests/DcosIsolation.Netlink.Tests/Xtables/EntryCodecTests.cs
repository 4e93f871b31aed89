using System.Net;
using DcosIsolation.Netlink.Xtables;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Xtables;

public class EntryCodecTests
{
    [Fact]
    public void An_entry_cut_off_anywhere_is_opaque()
    {
        foreach (GoldenRule golden in GoldenRule.All)
        {
            for (int length = 0; length < golden.Entry.Length; length++)
            {
                // A copy of just that length, so that a read past its end is a read out of bounds.
                byte[] cut = golden.Entry[..length];
                byte[] normalized = EntryCodec.Normalize(golden.Family, cut, golden.Target);
                Assert.Null(EntryCodec.TryDecode(golden.Family, normalized, golden.IsStandard));
                Assert.Equal($"a malformed rule of {length} bytes", EntryCodec.Describe(golden.Family, normalized));
            }
        }
    }

    [Fact]
    public void An_entry_with_a_flipped_bit_is_opaque_or_another_rule_that_says_all_of_it()
    {
        foreach (GoldenRule golden in GoldenRule.All)
        {
            for (int bit = 0; bit < golden.Entry.Length * 8; bit++)
            {
                byte[] flipped = [.. golden.Entry];
                flipped[bit / 8] ^= (byte)(1 << bit % 8);
                byte[] normalized = EntryCodec.Normalize(golden.Family, flipped, golden.Target);
                Assert.NotEmpty(EntryCodec.Describe(golden.Family, normalized));
                _ = EntryCodec.SetIndexes(golden.Family, flipped);
                if (EntryCodec.TryDecode(golden.Family, normalized, golden.IsStandard) is { } rule)
                {
                    Assert.Equal(normalized, EntryCodec.Encode(golden.Family, rule));
                }
            }
        }
    }

    [Fact]
    public void An_entry_with_any_byte_at_its_most_or_least_is_read_within_bounds()
    {
        foreach (GoldenRule golden in GoldenRule.All)
        {
            for (int at = 0; at < golden.Entry.Length; at++)
            {
                foreach (byte value in (ReadOnlySpan<byte>)[0, 1, 8, 32, 127, 255])
                {
                    byte[] changed = [.. golden.Entry];
                    changed[at] = value;
                    byte[] normalized = EntryCodec.Normalize(golden.Family, changed, golden.Target);
                    _ = EntryCodec.TryDecode(golden.Family, normalized, golden.IsStandard);
                    _ = EntryCodec.Describe(golden.Family, normalized);
                    _ = EntryCodec.SetIndexes(golden.Family, changed);
                }
            }
        }
    }

    [Fact]
    public void What_follows_a_names_nul_does_not_count()
    {
        GoldenRule golden = GoldenRule.All.First(rule => rule.Command.Contains("--match-set net src -j DROP", StringComparison.Ordinal));
        byte[] dirty = [.. golden.Entry];
        dirty[112 + 2 + "set".Length + 1] = 0xA5;
        Assert.Equal(
            EntryCodec.Normalize(golden.Family, golden.Entry, golden.Target), EntryCodec.Normalize(golden.Family, dirty, golden.Target));
    }

    [Fact]
    public void Text_that_is_no_UTF_8_makes_a_rule_opaque()
    {
        var rule = new XtablesRule { Matches = [new CommentMatch(new string('x', 255))], Target = new LogTarget(new string('x', 29)) };
        byte[] entry = EntryCodec.Encode(NetfilterFamily.Inet, rule);
        foreach (int at in (int[])[112 + EntryShape.HeaderSize + 254, entry.Length - 2])
        {
            byte[] changed = [.. entry];
            changed[at] = 0xff;
            Assert.Null(EntryCodec.TryDecode(NetfilterFamily.Inet, changed, isStandard: false));
        }
    }

    [Fact]
    public void A_module_target_with_empty_data_is_no_jump()
    {
        var jump = new XtablesRule { Target = new JumpTarget("NFQUEUE") };
        byte[] entry = EntryCodec.Encode(NetfilterFamily.Inet, jump);
        Assert.Equal(jump, EntryCodec.TryDecode(NetfilterFamily.Inet, entry, isStandard: true));
        Assert.Null(EntryCodec.TryDecode(NetfilterFamily.Inet, entry, isStandard: false));
        Assert.Equal("-j NFQUEUE", EntryCodec.Describe(NetfilterFamily.Inet, entry));
    }

    [Fact]
    public void Counters_are_read_and_written_in_both_families()
    {
        foreach (GoldenRule golden in GoldenRule.All)
        {
            byte[] entry = [.. golden.Entry];
            EntryHeader.SetCounters(golden.Family, entry, new(1, ulong.MaxValue));
            Assert.Equal(new XtablesCounters(1, ulong.MaxValue), EntryHeader.Counters(golden.Family, entry));
            Assert.Equal(
                EntryCodec.Normalize(golden.Family, golden.Entry, golden.Target),
                EntryCodec.Normalize(golden.Family, entry, golden.Target));
        }
    }

    [Theory]
    [InlineData(NetfilterFamily.Inet, "fd00::/8")]
    [InlineData(NetfilterFamily.Inet6, "10.0.0.0/8")]
    public void A_prefix_of_the_other_family_is_refused(NetfilterFamily family, string prefix)
    {
        var rule = new XtablesRule { Source = IPNetwork.Parse(prefix), Target = new RejectTarget() };
        Assert.Throws<ArgumentException>(() => EntryCodec.Encode(family, rule));
    }

    [Fact]
    public void What_the_structs_cannot_hold_is_refused()
    {
        Refused(new CommentMatch(new string('x', 256)));
        Refused(new CommentMatch(new string('é', 128)));
        Refused(new CommentMatch("a\0b"));
        Refused(new MultiportMatch([]));
        Refused(new MultiportMatch([new(2, 1)]));
        Refused(new MultiportMatch([.. Enumerable.Range(0, 8).Select(i => new PortRange((ushort)(10 * i), (ushort)(10 * i + 1)))]));
        Refused(new LimitMatch(0));
        Refused(new LimitMatch(1, 0));
        RefusedTarget(new LogTarget(new string('x', 30)));
        RefusedTarget(new LogTarget("a\0b"));
        RefusedTarget(new LogTarget("", 8));
        RefusedTarget(new NflogTarget(0, new string('é', 32)));
        Refused(new SetMatch(1, default));
        Refused(new SetMatch(1, new(7, 0)));
        Refused(new SetMatch(1, new(1, 0b10)));
        foreach (string chain in (string[])["", new('x', 29), "a b", "-x", "!x", "ACCEPT", "é"])
        {
            Assert.Throws<ArgumentException>(
                () => EntryCodec.Encode(NetfilterFamily.Inet, new() { Target = new JumpTarget(chain) }));
        }

        static void Refused(XtablesMatch match) => Assert.Throws<ArgumentException>(
            () => EntryCodec.Encode(NetfilterFamily.Inet, new() { Matches = [match], Target = new RejectTarget() }));

        static void RefusedTarget(XtablesTarget target) => Assert.Throws<ArgumentException>(
            () => EntryCodec.Encode(NetfilterFamily.Inet, new() { Target = target }));
    }

    [Fact]
    public void The_longest_that_fits_comes_back()
    {
        var rule = new XtablesRule
        {
            Protocol = 6,
            Matches =
            [
                new CommentMatch(new string('x', 255)),
                new MultiportMatch([.. Enumerable.Range(0, 7).Select(i => new PortRange((ushort)i, (ushort)(i + 1))), new(99, 99)]),
                new SetMatch(ushort.MaxValue - 1, new(6, 0b101010), true),
            ],
            Target = new JumpTarget(new string('c', 28)),
        };
        byte[] entry = EntryCodec.Encode(NetfilterFamily.Inet6, rule);
        Assert.Equal(rule, EntryCodec.TryDecode(NetfilterFamily.Inet6, entry, isStandard: true));
    }

    [Theory]
    [InlineData(NetfilterFamily.Inet, "10.0.0.0/8", 112 + 32 + 256 + 32)]
    [InlineData(NetfilterFamily.Inet6, "fd00::/8", 168 + 32 + 256 + 32)]
    public void A_trace_has_no_data_and_comes_back(NetfilterFamily family, string prefix, int size)
    {
        var rule = new XtablesRule
        {
            Source = IPNetwork.Parse(prefix),
            Destination = IPNetwork.Parse(prefix),
            Matches = [new CommentMatch("a trace")],
            Target = new TraceTarget(),
        };

        byte[] entry = EntryCodec.Encode(family, rule);

        Assert.Equal(size, entry.Length);
        Assert.Equal([32, 0, .. "TRACE"u8, 0], entry[^32..^24]);
        Assert.All(entry[^24..], value => Assert.Equal(0, value));
        Assert.Equal(rule, EntryCodec.TryDecode(family, entry, isStandard: false));
        Assert.Equal($"-s {prefix} -d {prefix} -m comment --comment \"a trace\" -j TRACE", rule.ToString());
    }
}
