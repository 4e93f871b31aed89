using System.Buffers.Binary;
using DcosIsolation.Netlink.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Sockets;

public sealed class AwaitedAnswerTests
{
    private const ushort Noop = 1;
    private const ushort Error = 2;
    private const ushort Done = 3;
    private const ushort Overrun = 4;
    private const ushort Data = 0x0607;
    private const uint Sequence = 7;
    private const uint Port = 1234;

    private readonly List<ushort> _handled = [];

    [Fact]
    public void An_ack_ends_the_answer() => Assert.Equal(
        (new NetlinkAnswer(0), true), Take(Message(Error, [.. Int(0), .. new byte[16]])));

    [Fact]
    public void An_error_ends_the_answer_and_is_handed_to_the_handler()
    {
        Assert.Equal((new NetlinkAnswer(17), true), Take(Message(Error, [.. Int(-17), .. new byte[16]])));
        Assert.Equal([Error], _handled);
    }

    [Fact]
    public void A_message_of_data_is_handed_to_the_handler_and_more_is_awaited()
    {
        Assert.Equal((null, true), Take([.. Message(Data, Int(1)), .. Message(Noop, []), .. Message(Data, Int(2))]));
        Assert.Equal([Data, Data], _handled);
    }

    [Fact]
    public void What_stands_behind_the_end_is_not_read()
    {
        Assert.Equal((new NetlinkAnswer(0), true), Take([.. Message(Data, []), .. Message(Done, Int(0)), .. Message(Data, [])]));
        Assert.Equal([Data], _handled);
    }

    [Fact]
    public void The_end_of_a_dump_can_carry_an_error_and_can_be_empty()
    {
        Assert.Equal((new NetlinkAnswer(12), true), Take(Message(Done, Int(-12))));
        Assert.Equal((new NetlinkAnswer(0), true), Take(Message(Done, [])));
        Assert.Equal((new NetlinkAnswer(0), true), Take(Message(Done, [1, 2, 3])));
        Assert.Empty(_handled);
    }

    [Theory]
    [InlineData(Sequence - 1, Port)]
    [InlineData(Sequence + 1, Port)]
    [InlineData(Sequence, Port + 1)]
    [InlineData(Sequence, 0)]
    public void What_is_meant_for_another_request_or_port_is_passed_over(uint sequence, uint port)
    {
        Assert.Equal((null, false), Take(Message(Error, [.. Int(-1), .. new byte[16]], sequence, port)));
        Assert.Equal((null, false), Take(Message(Overrun, [], sequence, port)));
        Assert.Equal(
            (new NetlinkAnswer(0), true), Take([.. Message(Data, [], sequence, port), .. Message(Done, Int(0))]));
        Assert.Empty(_handled);
    }

    [Fact]
    public void An_overrun_is_a_loss()
    {
        NetlinkReplyLostException lost = Assert.Throws<NetlinkReplyLostException>(() => Take(Message(Overrun, [])));
        Assert.Equal((Errno.NoBufferSpace, true), (lost.Errno, lost.CanRetry));
    }

    [Fact]
    public void An_error_that_is_too_short_is_malformed()
    {
        for (int length = 0; length < 20; length++)
        {
            Assert.Equal(
                $"an error message has {length} bytes, 20 are expected",
                Assert.Throws<NetlinkFormatException>(() => Take(Message(Error, new byte[length]))).Message);
        }
    }

    [Fact]
    public void A_datagram_that_is_cut_off_is_malformed()
    {
        byte[] datagram = Message(Data, Int(1));
        for (int length = 1; length < datagram.Length; length++)
        {
            Assert.Throws<NetlinkFormatException>(() => Take(datagram[..length]));
        }

        Assert.Equal((null, false), Take([]));
    }

    [Theory]
    [InlineData(0, 0x200)]
    [InlineData(16, 0x200)]
    [InlineData(20, 0x200)]
    [InlineData(uint.MaxValue, 0x200)]
    [InlineData(uint.MaxValue, 0x300)]
    public void The_length_that_the_copy_of_the_request_claims_is_not_believed(uint length, ushort flags)
    {
        byte[] payload = [.. Int(-22), .. Int((int)length), .. new byte[12]];
        Assert.Equal(new NetlinkAnswer(22), NetlinkAnswer.FromError(payload, flags));
    }

    private (NetlinkAnswer? Answer, bool Belongs) Take(byte[] datagram)
    {
        List<ushort> handled = _handled;
        NetlinkAnswer? answer = new AwaitedAnswer(Sequence, Port, NullLogger.Instance).Take(
            datagram, ref handled, (ref message, ref handled) => handled.Add(message.Type), out bool belongs);
        return (answer, belongs);
    }

    private static byte[] Message(ushort type, byte[] payload, uint sequence = Sequence, uint port = Port)
    {
        byte[] message = new byte[(16 + payload.Length + 3) & ~3];
        BinaryPrimitives.WriteInt32LittleEndian(message, 16 + payload.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(8), sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(12), port);
        payload.CopyTo(message.AsSpan(16));
        return message;
    }

    private static byte[] Int(int value) => BitConverter.GetBytes(value);
}
