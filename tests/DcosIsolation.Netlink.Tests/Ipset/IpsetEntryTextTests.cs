using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using DcosIsolation.Netlink.Ipset;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

public sealed partial class IpsetEntryTextTests
{
    private static readonly IpsetEntry s_host = IpsetEntry.Net(IpsetPrefix.From(IPAddress.Parse("1.2.3.4"), 32));

    // As ipset save was seen to print them.
    public static TheoryData<IpsetEntry, string> Options => new()
    {
        {
            s_host with
            {
                Timeout = 99, Packets = 1, Bytes = 2, Comment = "a b", SkbMark = new(0x10, 0xff), SkbPriority = 0x100a0, SkbQueue = 3,
            },
            "timeout 99 packets 1 bytes 2 comment \"a b\" skbmark 0x10/0xff skbprio 1:a0 skbqueue 3"
        },
        {
            s_host with { Timeout = 0, NoMatch = true, Packets = 0, Bytes = 0, SkbMark = new(0x10) },
            "timeout 0 nomatch packets 0 bytes 0 skbmark 0x10"
        },
        {
            s_host with { SkbMark = new(0), SkbPriority = uint.MaxValue, SkbQueue = 65535 },
            "skbmark 0x0 skbprio ffff:ffff skbqueue 65535"
        },
        { s_host with { Timeout = uint.MaxValue, Packets = ulong.MaxValue }, "timeout 4294967295 packets 18446744073709551615" },
        { s_host with { Comment = "" }, "comment \"\"" },
        { s_host with { Comment = "für €" }, "comment \"für €\"" },
        { s_host with { Comment = "a\"\nadd s 0.0.0.0/1\t\u007f\u009b\0" }, "comment \"a??add s 0.0.0.0/1\t???\"" },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Options_are_printed_as_ipset_prints_them(IpsetEntry entry, string options)
    {
        Assert.Equal($"1.2.3.4 {options}", entry.ToString());
        Assert.Equal("1.2.3.4", Key(entry));
    }

    [Fact]
    public void A_position_is_printed_and_reported_as_after_as_ipset_does()
    {
        IpsetEntry member = IpsetEntry.Set("a");
        Assert.Equal("a before b timeout 1", (member with { Before = "b", Timeout = 1 }).ToString());
        Assert.Equal("a after b", (member with { After = "b" }).ToString());
        Assert.Equal("a after b", Key(member with { Before = "b" }));
        Assert.Equal("a after b", Key(member with { After = "b" }));
    }

    [Fact]
    public void Of_a_buffer_that_is_too_short_nothing_is_said_to_be_written()
    {
        IpsetEntry entry = IpsetEntry.NetPortNet(s_host.First, 1, 0x303, s_host.First) with
        {
            Timeout = 10,
            Comment = "words",
            SkbMark = new(1, 2),
            SkbPriority = 5,
            NoMatch = true,
        };
        string text = entry.ToString();
        for (int length = 0; length < text.Length; length++)
        {
            Assert.False(entry.TryFormat(new byte[length], out int none));
            Assert.Equal(0, none);
        }

        byte[] exact = new byte[text.Length];
        Assert.True(entry.TryFormat(exact, out int written));
        Assert.Equal((text.Length, text), (written, Encoding.UTF8.GetString(exact)));
    }

    [Fact]
    public void The_longest_entries_fit_the_promised_length()
    {
        string replaced = new('\ufffd', 255);
        IpsetPrefix prefix = new(NetfilterFamily.Inet6, UInt128.MaxValue, 127);
        foreach (IpsetEntry entry in (IpsetEntry[])
            [IpsetEntry.NetPortNet(prefix, 58, 0x301, prefix), IpsetEntry.NetPortNet(prefix, 137, ushort.MaxValue, prefix),
                new IpsetEntry { Type = IpsetType.ListSet, Member = replaced[..31], Before = replaced[..31] }])
        {
            IpsetEntry longest = entry with
            {
                Timeout = uint.MaxValue,
                NoMatch = true,
                Packets = ulong.MaxValue,
                Bytes = ulong.MaxValue,
                Comment = replaced,
                SkbMark = new(uint.MaxValue, uint.MaxValue - 1),
                SkbPriority = uint.MaxValue,
                SkbQueue = ushort.MaxValue,
            };
            Assert.True(longest.TryFormat(new byte[IpsetEntry.MaxTextLength], out _));
        }

        Assert.EndsWith("xx\"", (s_host with { Comment = new string('x', 9999) }).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Addresses_are_printed_as_libc_prints_them()
    {
        var random = new Random(20_240_229);
        Span<byte> address = stackalloc byte[16];
        for (int i = 0; i < 50_000; i++)
        {
            random.NextBytes(address);
            int zeros = random.Next(65536);
            for (int group = 0; group < 8; group++)
            {
                // Few groups and few digits are left, ffff is frequent.
                if ((zeros >> group & 1) != 0)
                {
                    BinaryPrimitives.WriteUInt16BigEndian(
                        address[(2 * group)..], random.Next(6) == 0 ? (ushort)0xffff : (ushort)(i % 2 * random.Next(2) * random.Next(20)));
                }
            }

            if (i % 5 == 0)
            {
                address[..(2 * random.Next(9))].Clear();
            }

            UInt128 bits = BinaryPrimitives.ReadUInt128BigEndian(address);
            Assert.Equal(Native(NetfilterFamily.Inet6, address), Key(IpsetEntry.Net(new IpsetPrefix(NetfilterFamily.Inet6, bits, 128))));
            Assert.Equal(
                Native(NetfilterFamily.Inet, address) + "/31", Key(IpsetEntry.Net(new IpsetPrefix(NetfilterFamily.Inet, bits, 31))));
        }
    }

    private static string Key(IpsetEntry entry)
    {
        byte[] text = new byte[IpsetEntry.MaxTextLength];
        Assert.True(entry.TryFormatKey(text, out int written));
        return Encoding.UTF8.GetString(text, 0, written);
    }

    private static unsafe string Native(NetfilterFamily family, ReadOnlySpan<byte> address)
    {
        byte* text = stackalloc byte[64];
        fixed (byte* bytes = address)
        {
            inet_ntop(family == NetfilterFamily.Inet6 ? 10 : 2, bytes, text, 64);
        }

        return Marshal.PtrToStringUTF8((nint)text)!;
    }

    [LibraryImport("libc")]
    private static unsafe partial byte* inet_ntop(int af, byte* src, byte* dst, uint size);
}
