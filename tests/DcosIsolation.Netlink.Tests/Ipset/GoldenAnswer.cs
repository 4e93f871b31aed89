using System.Buffers.Binary;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Tests.Golden;
using Microsoft.Extensions.Logging.Abstractions;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>Takes the kernel's replies of golden files apart as the socket does.</summary>
internal static class GoldenAnswer
{
    /// <summary>The answer to the last request of a file.</summary>
    public static NetlinkAnswer Of(GoldenFile file, NetlinkReplyHandler<int>? handler = null)
    {
        int none = 0;
        byte[] request = file.Datagrams.Last(datagram => datagram.Direction == GoldenDirection.Sent).Bytes;
        return Take(file.Replies(request), GoldenFile.SequenceOf(request), ref none, handler);
    }

    /// <summary>What a listing says: the headers, the entries, and how it ended.</summary>
    public static (List<IpsetInfo> Headers, List<IpsetEntry> Entries, NetlinkAnswer Answer) List(
        IReadOnlyList<byte[]> replies, bool withEntries = true, IpsetPrefixHandler? prefixes = null)
    {
        var headers = new List<IpsetInfo>();
        var entries = new List<IpsetEntry>();
        IpsetEntryHandler? take = withEntries ? (in entry) => entries.Add(entry) : null;
        var state = (headers, take, prefixes);
        NetlinkAnswer answer = Take(replies, GoldenFile.SequenceOf(replies[0]), ref state, (ref message, ref state) =>
        {
            if (message.Type != 2)
            {
                IpsetDump.Read(message.NetfilterAttributes(), state.headers, state.take, null, state.prefixes);
            }
        });
        return (headers, entries, answer);
    }

    private static NetlinkAnswer Take<T>(IReadOnlyList<byte[]> replies, uint sequence, ref T state, NetlinkReplyHandler<T>? handler)
    {
        uint port = BinaryPrimitives.ReadUInt32LittleEndian(replies[0].AsSpan(12));
        var awaited = new AwaitedAnswer(sequence, port, NullLogger.Instance);
        foreach (byte[] reply in replies)
        {
            if (awaited.Take(reply, ref state, handler, out _) is { } answer)
            {
                return answer;
            }
        }

        throw new InvalidDataException("the replies do not end the answer");
    }
}
