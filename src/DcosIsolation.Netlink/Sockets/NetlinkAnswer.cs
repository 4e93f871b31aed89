using System.Runtime.CompilerServices;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Sockets;

/// <summary>How a request ended: the kernel's ack, decoded.</summary>
/// <param name="Error">0 when all went well, otherwise the error number, positive.</param>
/// <param name="Message">The text of the extended ack, or null.</param>
/// <param name="Offset">The byte of the request that the extended ack points at, or null.</param>
public readonly record struct NetlinkAnswer(int Error, string? Message = null, int? Offset = null)
{
    /// <summary>Whether all went well.</summary>
    public bool IsSuccess => Error == 0;

    /// <summary>Decodes the payload of NLMSG_ERROR, or of an NLMSG_DONE that carries an error number.</summary>
    /// <exception cref="NetlinkFormatException">The payload is too short, or its attributes are malformed.</exception>
    internal static NetlinkAnswer FromError(ReadOnlySpan<byte> payload, ushort flags)
    {
        if (payload.Length < Unsafe.SizeOf<nlmsgerr>())
        {
            throw new NetlinkFormatException($"an error message has {payload.Length} bytes, {Unsafe.SizeOf<nlmsgerr>()} are expected");
        }

        nlmsgerr header = Unsafe.ReadUnaligned<nlmsgerr>(in payload[0]);
        if ((flags & NetlinkConstants.NLM_F_ACK_TLVS) == 0)
        {
            return new NetlinkAnswer(-header.error);
        }

        // The request's payload stands between the error and its attributes, unless NLM_F_CAPPED says that it was cut off.
        long skipped = Unsafe.SizeOf<nlmsgerr>();
        if ((flags & NetlinkConstants.NLM_F_CAPPED) == 0)
        {
            skipped += Math.Max(0, (long)header.msg.nlmsg_len - Unsafe.SizeOf<nlmsghdr>());
        }

        skipped = (skipped + NetlinkConstants.NLMSG_ALIGNTO - 1) & -NetlinkConstants.NLMSG_ALIGNTO;
        string? text = null;
        int? offset = null;
        var attributes = new NetlinkAttributeReader(skipped < payload.Length ? payload[(int)skipped..] : []);
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case NetlinkConstants.NLMSGERR_ATTR_MSG:
                    text = attributes.GetString();
                    break;
                case NetlinkConstants.NLMSGERR_ATTR_OFFS:
                    offset = (int)attributes.GetUInt32();
                    break;
            }
        }

        return new NetlinkAnswer(-header.error, text, offset);
    }
}
