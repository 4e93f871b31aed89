using System.Buffers.Binary;
using DcosIsolation.Netlink.Wire;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Wire;

public sealed class NetlinkMessageWriterTests
{
    private delegate void Writing(ref NetlinkMessageWriter writer);

    [Fact]
    public void Every_kind_of_attribute_is_aligned_and_padded_with_zeros() => Assert.Equal(
        "58000000" + "0906" + "0503" + "07000000" + "00000000" + // nlmsghdr
        "02000000" + // nfgenmsg
        "0500" + "0100" + "ab" + "000000" +
        "0600" + "0240" + "1234" + "0000" +
        "0800" + "0340" + "12345678" +
        "0800" + "0400" + "78563412" +
        "0700" + "0500" + "010203" + "00" +
        "0600" + "0640" + "0405" + "0000" +
        "0400" + "0700" +
        "0700" + "0800" + "c3a9" + "00" + "00" +
        "0500" + "0900" + "00" + "000000",
        Hex(Write(256, (ref writer) =>
        {
            writer.BeginMessage(0x0609, NetlinkMessageFlags.Request | NetlinkMessageFlags.Ack | NetlinkMessageFlags.Dump, 7);
            writer.WriteNetfilterHeader(NetfilterFamily.Inet);
            writer.WriteByte(1, 0xab);
            writer.WriteUInt16BigEndian(2, 0x1234);
            writer.WriteUInt32BigEndian(3, 0x12345678);
            writer.WriteUInt32(4, 0x12345678);
            writer.WriteBytes(5, [1, 2, 3]);
            writer.WriteBytesBigEndian(6, [4, 5]);
            writer.WriteBytes(7, []);
            writer.WriteString(8, "é");
            writer.WriteString(9, "");
            writer.EndMessage();
        })));

    [Fact]
    public void The_lengths_of_nested_attributes_and_of_messages_are_filled_in_at_their_ends() => Assert.Equal(
        "28000000" + "0100" + "0000" + "01000000" + "00000000" +
        "1800" + "0180" + "1000" + "0280" + "0400" + "0380" + "0500" + "0400" + "ff" + "000000" + "0400" + "0580" +
        "10000000" + "0200" + "0000" + "02000000" + "00000000",
        Hex(Write(256, (ref writer) =>
        {
            writer.BeginMessage(1, NetlinkMessageFlags.None, 1);
            NetlinkNesting outer = writer.BeginNested(1);
            NetlinkNesting inner = writer.BeginNested(2);
            writer.EndNested(writer.BeginNested(3));
            writer.WriteByte(4, 0xff);
            writer.EndNested(inner);
            writer.EndNested(writer.BeginNested(5));
            writer.EndNested(outer);
            writer.EndMessage();
            writer.BeginMessage(2, NetlinkMessageFlags.None, 2);
            writer.EndMessage();
        })));

    [Fact]
    public void Nesting_that_does_not_balance_is_refused()
    {
        Refused("unbalanced", (ref writer) => writer.EndMessage());
        Refused("unbalanced", (ref writer) => writer.EndNested(default));
        Refused("unbalanced", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            writer.EndNested(default);
        });
        Refused("unbalanced", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            writer.EndMessage();
            writer.EndMessage();
        });
        Refused("the message before has not been ended", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            writer.BeginMessage(1, default, 1);
        });
        Refused("unbalanced", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            writer.BeginNested(1);
            writer.EndMessage();
        });
        Refused("unbalanced", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            NetlinkNesting outer = writer.BeginNested(1);
            writer.BeginNested(2);
            writer.EndNested(outer);
        });
        Refused("unbalanced", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            NetlinkNesting nesting = writer.BeginNested(1);
            writer.EndNested(nesting);
            writer.EndNested(nesting);
        });

        // One that has been ended, while another is open at the same depth.
        Refused("unbalanced", (ref writer) =>
        {
            writer.BeginMessage(1, default, 1);
            NetlinkNesting ended = writer.BeginNested(1);
            writer.EndNested(ended);
            writer.BeginNested(2);
            writer.EndNested(ended);
        });
    }

    [Fact]
    public void An_attribute_is_at_most_65535_bytes_long()
    {
        const int Longest = ushort.MaxValue - 4;
        byte[] longest = Write(1 << 20, (ref writer) => writer.WriteBytes(1, new byte[Longest]));
        Assert.Equal(65_536, longest.Length);
        Assert.Equal(65_535, BinaryPrimitives.ReadUInt16LittleEndian(longest));
        Refused("at most 65535 bytes, this one would have 65536", (ref writer) => writer.WriteBytes(1, new byte[Longest + 1]));
        Refused("at most 65535 bytes", (ref writer) => writer.WriteBytesBigEndian(1, new byte[Longest + 1]));
        Refused("at most 65535 bytes", (ref writer) => writer.WriteString(1, new string('a', Longest)));

        byte[] nested = Write(1 << 20, (ref writer) => Nest(ref writer, inner: Longest - 7));
        Assert.Equal(65_532, BinaryPrimitives.ReadUInt16LittleEndian(nested));
        Refused("at most 65535 bytes, this one would have 65536", (ref writer) => Nest(ref writer, inner: Longest - 4));

        static void Nest(ref NetlinkMessageWriter writer, int inner)
        {
            NetlinkNesting nesting = writer.BeginNested(1);
            writer.WriteBytes(2, new byte[inner]);
            writer.EndNested(nesting);
        }
    }

    [Fact]
    public void Every_buffer_that_is_too_small_is_refused_and_nothing_is_written_behind_it()
    {
        int whole = Write(4096, WriteOneOfEach).Length;
        for (int length = 0; length < whole; length++)
        {
            byte[] guarded = new byte[whole];
            guarded.AsSpan(length).Fill(0x5a);
            string message = Assert.Throws<InvalidOperationException>(() =>
            {
                var writer = new NetlinkMessageWriter(guarded.AsSpan(0, length));
                WriteOneOfEach(ref writer);
            }).Message;
            Assert.Equal("the buffer is too small for the netlink message", message);
            Assert.True(guarded.AsSpan(length).IndexOfAnyExcept((byte)0x5a) < 0);
        }

        Assert.Equal(whole, Write(whole, WriteOneOfEach).Length);
    }

    [Fact]
    public void What_does_not_fit_leaves_the_writer_as_it_was()
    {
        var writer = new NetlinkMessageWriter(new byte[27]);
        writer.BeginMessage(1, default, 1);
        bool refused = false;
        try
        {
            writer.WriteString(1, "eight by");
        }
        catch (InvalidOperationException)
        {
            refused = true;
        }

        Assert.True(refused);
        Assert.Equal((16, 11), (writer.Length, writer.Remaining));
        writer.WriteByte(1, 1);
        writer.EndMessage();
        Assert.Equal(24, writer.Written.Length);
    }

    [Fact]
    public void A_debug_build_poisons_the_buffer_so_that_what_is_not_written_shows()
    {
        byte[] buffer = new byte[8];
        _ = new NetlinkMessageWriter(buffer);
#if DEBUG
        const byte Left = 0xdb;
#else
        const byte Left = 0;
#endif
        Assert.All(buffer, value => Assert.Equal(Left, value));
    }

    private static void WriteOneOfEach(ref NetlinkMessageWriter writer)
    {
        writer.BeginMessage(1, default, 1);
        writer.WriteNetfilterHeader(NetfilterFamily.Inet6);
        NetlinkNesting nesting = writer.BeginNested(1);
        writer.WriteByte(1, 1);
        writer.WriteUInt16BigEndian(2, 2);
        writer.WriteUInt32BigEndian(3, 3);
        writer.WriteUInt32(4, 4);
        writer.WriteBytes(5, [5, 5, 5]);
        writer.WriteString(6, "six");
        writer.EndNested(nesting);
        writer.EndMessage();
    }

    private static void Refused(string message, Writing write) =>
        Assert.Contains(
            message, Assert.Throws<InvalidOperationException>(() => Write(1 << 20, write)).Message, StringComparison.Ordinal);

    private static byte[] Write(int length, Writing write)
    {
        byte[] buffer = new byte[length];
        buffer.AsSpan().Fill(0xee);
        var writer = new NetlinkMessageWriter(buffer);
        write(ref writer);
        return writer.Written.ToArray();
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);
}
