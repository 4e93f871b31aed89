using DcosIsolation.Netlink.Tests.Golden;
using DcosIsolation.Netlink.Wire;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Wire;

public sealed class NetlinkReaderTests
{
    [Fact]
    public void Messages_of_one_datagram_come_one_after_the_other()
    {
        byte[] datagram = GoldenFile.Load("two-messages-one-datagram").Datagrams[0].Bytes;
        var reader = new NetlinkMessageReader(datagram);
        Assert.True(reader.Read());
        Assert.Equal((0x0604, 5, 1u, 0u, 20), (reader.Type, reader.Flags, reader.Sequence, reader.PortId, reader.Payload.Length));
        NetlinkAttributeReader attributes = reader.NetfilterAttributes();
        Assert.True(attributes.Read());
        Assert.Equal((1, 7, false), (attributes.Type, attributes.GetByte(), attributes.IsNested));
        Assert.True(attributes.Read());
        Assert.Equal((2, "z"), (attributes.Type, attributes.GetString()));
        Assert.False(attributes.Read());
        Assert.False(attributes.Read());
        Assert.True(reader.Read());
        Assert.Equal(2u, reader.Sequence);
        Assert.False(reader.Read());
    }

    [Fact]
    public void A_getter_refuses_a_value_of_another_size()
    {
        for (int size = 0; size < 20; size++)
        {
            byte[] attribute = [(byte)(4 + size), 0, 9, 0, .. new byte[(size + 3) & ~3]];
            Sized(attribute, size == 1, (ref reader) => reader.GetByte());
            Sized(attribute, size == 2, (ref reader) => reader.GetUInt16BigEndian());
            Sized(attribute, size == 4, (ref reader) => reader.GetUInt32BigEndian());
            Sized(attribute, size == 4, (ref reader) => reader.GetUInt32());
            Sized(attribute, true, (ref reader) => reader.GetString());
        }

        static void Sized(byte[] attribute, bool fits, Getter get)
        {
            Exception? failure = Record.Exception(() =>
            {
                var reader = new NetlinkAttributeReader(attribute);
                Assert.True(reader.Read());
                get(ref reader);
            });
            Assert.Equal(fits, failure is null);
            Assert.True(fits || failure is NetlinkFormatException);
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("0400", "a netlink attribute says that it has 2 bytes, 2 are there")]
    [InlineData("03000100", "a netlink attribute says that it has 3 bytes, 4 are there")]
    [InlineData("09000100aaaaaaaa", "a netlink attribute says that it has 9 bytes, 8 are there")]
    [InlineData("08000100aaaaaaaa05", "a netlink attribute says that it has 1 bytes, 1 are there")]
    public void A_malformed_attribute_is_told_by_its_length(string hex, string message)
    {
        Exception? failure = Record.Exception(() =>
        {
            var reader = new NetlinkAttributeReader(Convert.FromHexString(hex));
            while (reader.Read())
            {
            }
        });
        Assert.Equal(message, failure is NetlinkFormatException ? failure.Message : failure?.ToString() ?? "");
    }

    [Theory]
    [InlineData("00000000000000000000", "10 bytes are too few for a netlink header")]
    [InlineData("0f000000000000000000000000000000", "a netlink message says that it has 15 bytes, 16 are there")]
    [InlineData("ffffffff000000000000000000000000", "a netlink message says that it has 4294967295 bytes, 16 are there")]
    public void A_malformed_message_is_told_by_its_length(string hex, string message) => Assert.Equal(
        message,
        Assert.Throws<NetlinkFormatException>(() =>
        {
            var reader = new NetlinkMessageReader(Convert.FromHexString(hex));
            reader.Read();
        }).Message);

    [Theory]
    [MemberData(nameof(GoldenFile.Names), MemberType = typeof(GoldenFile))]
    public void Whatever_is_cut_off_or_flipped_only_a_format_exception_comes_out(string name)
    {
        foreach (GoldenDatagram datagram in GoldenFile.Load(name).Datagrams)
        {
            Damage.Each(datagram.Bytes, ReadAll);
        }
    }

    [Fact]
    public void A_last_attribute_may_lack_its_padding()
    {
        var reader = new NetlinkAttributeReader([5, 0, 1, 0, 42]);
        Assert.True(reader.Read());
        Assert.Equal(42, reader.GetByte());
        Assert.False(reader.Read());
    }

    private delegate object Getter(ref NetlinkAttributeReader reader);

    private static void ReadAll(byte[] datagram)
    {
        var messages = new NetlinkMessageReader(datagram);
        while (messages.Read())
        {
            ReadAll(messages.NetfilterAttributes());
        }
    }

    private static void ReadAll(NetlinkAttributeReader attributes)
    {
        while (attributes.Read())
        {
            _ = attributes.GetString();
            switch (attributes.Value.Length)
            {
                case 1:
                    _ = attributes.GetByte();
                    break;
                case 2:
                    _ = attributes.GetUInt16BigEndian();
                    break;
                case 4:
                    _ = attributes.GetUInt32BigEndian() + attributes.GetUInt32();
                    break;
            }

            if (attributes.IsNested)
            {
                ReadAll(attributes.GetNested());
            }
        }
    }
}
