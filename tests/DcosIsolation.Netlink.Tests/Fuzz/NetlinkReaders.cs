using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>Everything in the library that reads what comes from a netlink socket, called with one datagram.</summary>
internal static class NetlinkReaders
{
    private const int MessageHeader = 16;
    private const int AttributeHeader = 4;

    public static IReadOnlyList<Reader> All { get; } =
    [
        new("messages and attributes", Walk, typeof(NetlinkFormatException)),
        new("a list's headers", bytes => List(bytes, withEntries: false),
            typeof(NetlinkFormatException), typeof(NetlinkReplyLostException)),
        new("a list", bytes => List(bytes, withEntries: true),
            typeof(NetlinkFormatException), typeof(NetlinkReplyLostException), typeof(NotSupportedException)),
        .. Flags().Select(flags => new Reader($"an error, flags {flags:x}", bytes => Error(bytes, flags), typeof(NetlinkFormatException))),
        .. Flags().Select(flags => new Reader($"a line, flags {flags:x}", bytes => Line(bytes, flags), typeof(NetlinkFormatException))),
        .. from type in Enum.GetValues<IpsetType>()
           from family in (NetfilterFamily[])[NetfilterFamily.Inet, NetfilterFamily.Inet6]
           select new Reader($"entries of {type} {family}", bytes => Entries(bytes, type, family), typeof(NetlinkFormatException)),
    ];

    private static ushort[] Flags() =>
    [
        0, NetlinkConstants.NLM_F_CAPPED, NetlinkConstants.NLM_F_ACK_TLVS, NetlinkConstants.NLM_F_CAPPED | NetlinkConstants.NLM_F_ACK_TLVS,
    ];

    // All loops of the library over bytes from the kernel are over one of these two readers, so that their progress is everyone's.
    private static string Walk(ReadOnlySpan<byte> datagram)
    {
        int left = (datagram.Length / MessageHeader) + 1;
        var messages = new NetlinkMessageReader(datagram);
        while (messages.Read())
        {
            Assert.True(--left > 0, "more messages were read than there is room for");
            Walk(messages.NetfilterAttributes(), (datagram.Length / AttributeHeader) + 1, depth: 0);
        }

        return "messages";
    }

    private static void Walk(NetlinkAttributeReader attributes, int left, int depth)
    {
        // Deeper than anything that the library reads; without a bound the depth, and with it this stack, is up to the bytes.
        const int Deepest = 8;
        while (attributes.Read())
        {
            Assert.True(--left > 0, "more attributes were read than there is room for");
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

            if (attributes.IsNested && depth < Deepest)
            {
                Walk(attributes.GetNested(), (attributes.Value.Length / AttributeHeader) + 1, depth + 1);
            }
        }
    }

    private static string List(ReadOnlySpan<byte> datagram, bool withEntries)
    {
        // The answer is awaited that it is: damage to the sequence or the port is no way around the rest.
        bool isWhole = datagram.Length >= MessageHeader;
        uint sequence = isWhole ? BitConverter.ToUInt32(datagram[8..]) : 0, port = isWhole ? BitConverter.ToUInt32(datagram[12..]) : 0;
        int left = (datagram.Length / AttributeHeader) + 1;
        var state = (
            Headers: new List<IpsetInfo> { new("first", "hash:net", 7, NetfilterFamily.Inet) },
            Handler: withEntries ? new IpsetEntryHandler((in entry) => Take(entry, ref left)) : null);
        var awaited = new AwaitedAnswer(sequence, port, NullLogger.Instance);
        NetlinkAnswer? answer = awaited.Take(datagram, ref state, static (ref message, ref state) =>
        {
            if (message.Type != NetlinkConstants.NLMSG_ERROR)
            {
                IpsetDump.Read(message.NetfilterAttributes(), state.Headers, state.Handler);
            }
        }, out _);
        return answer is null ? $"headers of {string.Join(", ", state.Headers.Select(info => info.Type).Distinct().Order())}"
            : answer.Value.IsSuccess ? "the end" : "an error";
    }

    private static string Entries(ReadOnlySpan<byte> datagram, IpsetType type, NetfilterFamily family)
    {
        int left = (datagram.Length / AttributeHeader) + 1;
        var messages = new NetlinkMessageReader(datagram);
        while (messages.Read())
        {
            NetlinkAttributeReader attributes = messages.NetfilterAttributes();
            while (attributes.Read())
            {
                if (attributes.Type == IpsetAttributes.IPSET_ATTR_ADT)
                {
                    NetlinkAttributeReader batch = attributes.GetNested();
                    while (batch.Read())
                    {
                        // What is read as a prefix is nothing else.
                        bool isPrefix = IpsetEntryCodec.TryReadPrefix(batch.Value, family, out IpsetPrefix prefix);
                        IpsetEntry entry = IpsetEntryCodec.Read(batch.GetNested(), type, family);
                        Assert.True(!isPrefix || type != IpsetType.HashNet || entry == IpsetEntry.Net(prefix));
                        Take(entry, ref left);
                    }
                }
            }
        }

        return "entries";
    }

    private static void Take(in IpsetEntry entry, ref int left)
    {
        Assert.True(--left > 0, "more entries were read than there is room for");
        Assert.NotEmpty(entry.ToString() + ".");
    }

    private static string Error(ReadOnlySpan<byte> datagram, ushort flags) =>
        NetlinkAnswer.FromError(Payload(datagram), flags) is { Message: null, Offset: null } ? "an error" : "an error with attributes";

    private static string Line(ReadOnlySpan<byte> datagram, ushort flags) =>
        IpsetClient.FailedLine(Payload(datagram), flags) == 0 ? "no line" : "a line";

    private static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> datagram) => datagram[Math.Min(MessageHeader, datagram.Length)..];
}
