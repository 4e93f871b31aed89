using CsCheck;
using DcosIsolation.Netlink.Wire;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Wire;

/// <summary>What the writer writes the reader reads. That both are right is for the golden bytes to say.</summary>
public sealed class RoundTripTests
{
    private static readonly Gen<Attribute> s_leaf =
        Gen.Select(Gen.UShort[1, 0x3fff], Gen.Byte.Array[0, 40], (type, value) => new Attribute(type, value, null));

    private static readonly Gen<Attribute> s_attribute = Gen.Recursive<Attribute>((depth, inner) => depth > 3
        ? s_leaf
        : Gen.OneOf(s_leaf, Gen.Select(Gen.UShort[1, 0x3fff], inner.Array[0, 4], (type, nested) => new Attribute(type, [], nested))));

    [Fact]
    public void Trees_of_attributes_come_back_as_they_were() => s_attribute.Array[0, 5].Sample(attributes =>
    {
        byte[] buffer = new byte[1 << 16];
        var writer = new NetlinkMessageWriter(buffer);
        writer.BeginMessage(1, default, 1);
        writer.WriteNetfilterHeader(NetfilterFamily.Inet);
        Write(ref writer, attributes);
        writer.EndMessage();

        var reader = new NetlinkMessageReader(writer.Written);
        Assert.True(reader.Read());
        Assert.Equal(Text(attributes), Text(Read(reader.NetfilterAttributes())));
        Assert.False(reader.Read());
    });

    [Fact]
    public void Numbers_and_strings_come_back_as_they_were() =>
        Gen.Select(Gen.Byte, Gen.UShort, Gen.UInt, Gen.UInt, Gen.String[Gen.Char['\u0001', '\ud7ff'], 0, 100]).Sample(sample =>
        {
            var writer = new NetlinkMessageWriter(new byte[1024]);
            writer.WriteByte(1, sample.Item1);
            writer.WriteUInt16BigEndian(2, sample.Item2);
            writer.WriteUInt32BigEndian(3, sample.Item3);
            writer.WriteUInt32(4, sample.Item4);
            writer.WriteString(5, sample.Item5);

            var reader = new NetlinkAttributeReader(writer.Written);
            Assert.True(reader.Read() && reader.GetByte() == sample.Item1);
            Assert.True(reader.Read() && reader.GetUInt16BigEndian() == sample.Item2);
            Assert.True(reader.Read() && reader.GetUInt32BigEndian() == sample.Item3);
            Assert.True(reader.Read() && reader.GetUInt32() == sample.Item4);
            Assert.True(reader.Read() && reader.GetString() == sample.Item5);
            Assert.False(reader.Read());
        });

    private static void Write(ref NetlinkMessageWriter writer, Attribute[] attributes)
    {
        foreach (Attribute attribute in attributes)
        {
            if (attribute.Nested is null)
            {
                writer.WriteBytes(attribute.Type, attribute.Value);
                continue;
            }

            NetlinkNesting nesting = writer.BeginNested(attribute.Type);
            Write(ref writer, attribute.Nested);
            writer.EndNested(nesting);
        }
    }

    private static Attribute[] Read(NetlinkAttributeReader reader)
    {
        var attributes = new List<Attribute>();
        while (reader.Read())
        {
            attributes.Add(reader.IsNested
                ? new Attribute(reader.Type, [], Read(reader.GetNested()))
                : new Attribute(reader.Type, reader.Value.ToArray(), null));
        }

        return [.. attributes];
    }

    private static string Text(Attribute[] attributes) => string.Join(' ', attributes.Select(attribute =>
        $"{attribute.Type}={(attribute.Nested is null ? Convert.ToHexString(attribute.Value) : $"({Text(attribute.Nested)})")}"));

    private sealed record Attribute(ushort Type, byte[] Value, Attribute[]? Nested);
}
