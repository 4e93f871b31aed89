namespace DcosIsolation.Netlink.Ipset;

/// <summary>An entry as the ipset program prints it.</summary>
internal static class IpsetEntryText
{
    private const int MaxPrefix = 49;
    private const int MaxService = NetworkNames.MaxProtocolName + 32;
    private const int MaxOptions = 160;

    // Bytes of the kernel that are no UTF-8 become three each.
    private const int MaxForeign = 3 * (255 + (2 * IpsetName.MaxLength));

    public const int MaxLength = (2 * MaxPrefix) + MaxService + MaxForeign + MaxOptions;

    public static bool TryFormat(in IpsetEntry entry, Span<byte> utf8, out int written)
    {
        var output = new Utf8Output(utf8);
        AppendKey(ref output, entry);
        if (entry.Before is not null || entry.After is not null)
        {
            output.Append(entry.Before is null ? " after "u8 : " before "u8);
            output.AppendForeign(entry.Before ?? entry.After!);
        }

        if (entry.HasOptions || entry.Comment is not null)
        {
            AppendOptions(ref output, entry);
        }

        return output.End(out written);
    }

    public static bool TryFormatKey(in IpsetEntry entry, Span<byte> utf8, out int written)
    {
        var output = new Utf8Output(utf8);
        AppendKey(ref output, entry);
        if ((entry.Before ?? entry.After) is { } reference)
        {
            output.Append(" after "u8);
            output.AppendForeign(reference);
        }

        return output.End(out written);
    }

    private static void AppendKey(ref Utf8Output output, in IpsetEntry entry)
    {
        if (entry.Type == IpsetType.ListSet)
        {
            output.AppendForeign(entry.Member ?? "");
            return;
        }

        IpsetAddressText.Append(ref output, entry.First);
        if (entry.Type == IpsetType.HashNetPortNet)
        {
            output.Append(',');
            AppendService(ref output, entry.Protocol, entry.Port);
        }

        if (entry.Type != IpsetType.HashNet)
        {
            output.Append(',');
            IpsetAddressText.Append(ref output, entry.Second);
        }
    }

    private static void AppendService(ref Utf8Output output, byte protocol, ushort port)
    {
        ReadOnlySpan<byte> name = NetworkNames.GetProtocolName(protocol);
        if (name.IsEmpty)
        {
            output.Append(protocol);
        }
        else
        {
            output.Append(name);
        }

        output.Append(':');
        switch (protocol)
        {
            case 1:
                AppendIcmp(ref output, IcmpTypes.NameOf(IcmpTypes.Inet, port), port);
                break;
            case 58:
                AppendIcmp(ref output, IcmpTypes.NameOf(IcmpTypes.Inet6, port), port);
                break;
            default:
                output.Append(port);
                break;
        }
    }

    private static void AppendIcmp(ref Utf8Output output, string? name, ushort typeAndCode)
    {
        if (name is not null)
        {
            output.Append(name);
            return;
        }

        output.Append((ulong)typeAndCode >> 8);
        output.Append('/');
        output.Append((ulong)typeAndCode & 0xff);
    }

    // In the order of the arguments of "ipset add".
    private static void AppendOptions(ref Utf8Output output, in IpsetEntry entry)
    {
        AppendOption(ref output, " timeout "u8, entry.Timeout);
        if (entry.NoMatch)
        {
            output.Append(" nomatch"u8);
        }

        AppendOption(ref output, " packets "u8, entry.Packets);
        AppendOption(ref output, " bytes "u8, entry.Bytes);
        if (entry.Comment is { } comment)
        {
            output.Append(" comment "u8);
            output.AppendForeignInQuotes(comment);
        }

        if (entry.SkbMark is { } mark)
        {
            output.Append(" skbmark 0x"u8);
            output.AppendHex(mark.Value);
            if (mark.Mask != uint.MaxValue)
            {
                output.Append("/0x"u8);
                output.AppendHex(mark.Mask);
            }
        }

        if (entry.SkbPriority is { } priority)
        {
            output.Append(" skbprio "u8);
            output.AppendHex(priority >> 16);
            output.Append(':');
            output.AppendHex(priority & 0xffff);
        }

        AppendOption(ref output, " skbqueue "u8, entry.SkbQueue);
    }

    private static void AppendOption(ref Utf8Output output, ReadOnlySpan<byte> name, ulong? value)
    {
        if (value is { } number)
        {
            output.Append(name);
            output.Append(number);
        }
    }
}
