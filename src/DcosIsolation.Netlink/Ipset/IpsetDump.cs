using System.Net;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Netlink.Ipset;

/// <summary>
/// Decodes the messages of a listing: the first of each set carries its header, all carry entries (ip_set_dump_do, ip_set_core.c).
/// </summary>
internal static class IpsetDump
{
    /// <summary>Decodes one message; its entries, if a handler wants them, belong to the last of <paramref name="headers"/>.</summary>
    /// <param name="attributes">The message.</param>
    /// <param name="headers">The headers so far; the message's own is added.</param>
    /// <param name="handler">Takes each entry; null for headers only.</param>
    /// <param name="onSet">Told of each set before its entries; with it, entries of types that the library does not speak are passed over.</param>
    /// <param name="prefixHandler">Takes the entries of a hash:net that are nothing but a prefix, if it is not null.</param>
    /// <exception cref="NetlinkFormatException">The bytes are malformed.</exception>
    /// <exception cref="NotSupportedException">Entries are wanted of a set whose type the library does not speak.</exception>
    public static void Read(
        NetlinkAttributeReader attributes,
        List<IpsetInfo> headers,
        IpsetEntryHandler? handler,
        Action<IpsetInfo>? onSet = null,
        IpsetPrefixHandler? prefixHandler = null)
    {
        string name = "", typeName = "";
        byte revision = 0, family = 0;
        ushort? index = null;
        NetlinkAttributeReader data = default, batch = default;
        while (attributes.Read())
        {
            switch (attributes.Type)
            {
                case IpsetAttributes.IPSET_ATTR_SETNAME:
                    name = attributes.GetString();
                    break;
                case IpsetAttributes.IPSET_ATTR_TYPENAME:
                    typeName = attributes.GetString();
                    break;
                case IpsetAttributes.IPSET_ATTR_REVISION:
                    revision = attributes.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_FAMILY:
                    family = attributes.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_INDEX:
                    index = attributes.GetUInt16BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_DATA:
                    data = attributes.GetNested();
                    break;
                case IpsetAttributes.IPSET_ATTR_ADT:
                    batch = attributes.GetNested();
                    break;
            }
        }

        if (typeName.Length > 0)
        {
            headers.Add(ReadHeader(new IpsetInfo(name, typeName, revision, (NetfilterFamily)family) { Index = index }, data));
            onSet?.Invoke(headers[^1]);
        }

        if (handler is not null)
        {
            IpsetInfo info = headers.Count > 0 ? headers[^1] : throw new NetlinkFormatException("a dump begins without a header");
            if (info.Type is not null || onSet is null)
            {
                ReadEntries(batch, info, handler, prefixHandler);
            }
        }
    }

    private static void ReadEntries(
        NetlinkAttributeReader batch, IpsetInfo info, IpsetEntryHandler handler, IpsetPrefixHandler? prefixHandler)
    {
        IpsetType type = info.Type
            ?? throw new NotSupportedException($"the entries of {info.Name} cannot be read: this library does not speak {info.TypeName}");
        while (batch.Read())
        {
            if (prefixHandler is not null && type == IpsetType.HashNet
                && IpsetEntryCodec.TryReadPrefix(batch.Value, info.Family, out IpsetPrefix prefix))
            {
                prefixHandler(prefix);
            }
            else
            {
                handler(IpsetEntryCodec.Read(batch.GetNested(), type, info.Family));
            }
        }
    }

    private static IpsetInfo ReadHeader(IpsetInfo info, NetlinkAttributeReader data)
    {
        uint? hashSize = null, maxElem = null, listSize = null, timeout = null, initVal = null;
        byte? bucketSize = null, netmask = null;
        IPAddress? bitmask = null;
        uint references = 0, elements = 0, memorySize = 0, flags = 0;
        while (data.Read())
        {
            switch (data.Type)
            {
                case IpsetAttributes.IPSET_ATTR_TIMEOUT:
                    timeout = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_CADT_FLAGS:
                    flags = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_INITVAL:
                    initVal = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_HASHSIZE:
                    hashSize = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_MAXELEM:
                    maxElem = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_NETMASK:
                    netmask = data.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_BUCKETSIZE:
                    bucketSize = data.GetByte();
                    break;
                case IpsetAttributes.IPSET_ATTR_SIZE:
                    listSize = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_ELEMENTS:
                    elements = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_REFERENCES:
                    references = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_MEMSIZE:
                    memorySize = data.GetUInt32BigEndian();
                    break;
                case IpsetAttributes.IPSET_ATTR_BITMASK:
                    bitmask = ReadMask(data.GetNested(), info);
                    break;
            }
        }

        return info with
        {
            References = references,
            Elements = elements,
            MemorySize = memorySize,
            Options = new IpsetCreateOptions
            {
                Revision = info.Revision,
                HashSize = hashSize,
                MaxElem = maxElem,
                ListSize = listSize,
                Timeout = timeout,
                Counters = (flags & IpsetConstants.IPSET_FLAG_WITH_COUNTERS) != 0,
                Comments = (flags & IpsetConstants.IPSET_FLAG_WITH_COMMENT) != 0,
                ForceAdd = (flags & IpsetConstants.IPSET_FLAG_WITH_FORCEADD) != 0,
                SkbInfo = (flags & IpsetConstants.IPSET_FLAG_WITH_SKBINFO) != 0,
                InitVal = initVal,
                BucketSize = bucketSize,
                Netmask = netmask,
                Bitmask = bitmask,
            },
        };
    }

    private static IPAddress ReadMask(NetlinkAttributeReader nested, IpsetInfo info) =>
        info.Family is NetfilterFamily.Inet or NetfilterFamily.Inet6
            ? IpsetPrefix.ToAddress(info.Family, IpsetEntryCodec.ReadAddress(nested, info.Family))
            : throw new NetlinkFormatException($"the set {info.Name} has a mask but no family");
}
