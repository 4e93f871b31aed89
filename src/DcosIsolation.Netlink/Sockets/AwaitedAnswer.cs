using System.Runtime.CompilerServices;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;
using Microsoft.Extensions.Logging;

namespace DcosIsolation.Netlink.Sockets;

/// <summary>Picks one request's answer out of what the kernel sends: the messages with its sequence for its port, up to the ack.</summary>
internal sealed partial class AwaitedAnswer(uint sequence, uint portId, ILogger logger)
{
    /// <summary>Takes the next datagram.</summary>
    /// <param name="datagram">What was received.</param>
    /// <param name="state">Handed to <paramref name="handler"/>.</param>
    /// <param name="handler">Takes each message of the answer.</param>
    /// <param name="belongs">Whether any of the datagram belongs to the answer.</param>
    /// <returns>The ack, or null while more is to come.</returns>
    /// <exception cref="NetlinkReplyLostException">The kernel says that messages were lost (NLMSG_OVERRUN).</exception>
    /// <exception cref="NetlinkFormatException">The bytes are malformed.</exception>
    public NetlinkAnswer? Take<TState>(
        ReadOnlySpan<byte> datagram, scoped ref TState state, NetlinkReplyHandler<TState>? handler, out bool belongs)
        where TState : allows ref struct
    {
        belongs = false;
        var message = new NetlinkMessageReader(datagram);
        while (message.Read())
        {
            if (message.Sequence != sequence || message.PortId != portId)
            {
                LogPassedOver(message.Type, message.Sequence, sequence);
                continue;
            }

            belongs = true;
            switch (message.Type)
            {
                case NetlinkConstants.NLMSG_NOOP:
                    break;
                case NetlinkConstants.NLMSG_DONE:
                    return Done(message.Payload);
                case NetlinkConstants.NLMSG_ERROR:
                    NetlinkAnswer answer = NetlinkAnswer.FromError(message.Payload, message.Flags);
                    if (!answer.IsSuccess)
                    {
                        handler?.Invoke(ref message, ref state);
                    }

                    return answer;
                case NetlinkConstants.NLMSG_OVERRUN:
                    throw NetlinkReplyLostException.For(Errno.NoBufferSpace);
                default:
                    handler?.Invoke(ref message, ref state);
                    break;
            }
        }

        return null;
    }

    // The end of a dump carries its error number, if it is not cut short.
    private static NetlinkAnswer Done(ReadOnlySpan<byte> payload) =>
        payload.Length < sizeof(int) ? default : new NetlinkAnswer(-Unsafe.ReadUnaligned<int>(in payload[0]));

    [LoggerMessage(
        Level = LogLevel.Debug, Message = "passed over a netlink message of type {Type} with sequence {Sequence}; awaited {Awaited}")]
    private partial void LogPassedOver(ushort type, uint sequence, uint awaited);
}
