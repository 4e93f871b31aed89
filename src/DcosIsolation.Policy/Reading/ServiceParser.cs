using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace DcosIsolation.Policy;

/// <summary>Reads one item of <c>ports</c>. Stateless; safe to call from any thread.</summary>
public static class ServiceParser
{
    private const string Examples = "80/tcp, 8000-8100/udp, 443 (tcp), tcp (every port), icmp or icmp/echo-request";

    private static readonly Dictionary<string, Protocol> Protocols = new(StringComparer.Ordinal)
    {
        ["tcp"] = Protocol.Tcp,
        ["udp"] = Protocol.Udp,
        ["sctp"] = Protocol.Sctp,
        ["udplite"] = Protocol.UdpLite,
        ["icmpv6"] = Protocol.IcmpV6,
        ["icmp"] = Protocol.Icmp,
    };

    /// <summary>
    /// Reads <c>port</c>, <c>first-last</c>, either followed by <c>/protocol</c>; a protocol alone, which means all its ports or types; or
    /// <c>icmp/type</c>, <c>icmp/type/code</c>, <c>icmp/name</c> and the same for icmpv6, with the names of iptables and ip6tables.
    /// </summary>
    /// <param name="text">The text, without surrounding space.</param>
    /// <param name="service">The service.</param>
    /// <param name="error">Null, or what is wrong and what to write instead.</param>
    /// <returns>Whether the text is a service.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="text"/> is null.</exception>
    public static bool TryParse(string text, out Service service, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        if (Protocols.TryGetValue(parts[0], out Protocol protocol))
        {
            service = new Service(protocol, 0, ushort.MaxValue);
            error = service.IsIcmp
                ? ParseIcmp(text, protocol, parts.AsSpan(1), out service)
                : parts.Length == 1 ? null : $"{Quoted.Text(text)} is the wrong way round; write port/{parts[0]}, like 80/{parts[0]}";
        }
        else
        {
            error = ParsePorts(text, parts, out service);
        }

        return error is null;
    }

    private static string? ParsePorts(string text, string[] parts, out Service service)
    {
        service = default;
        string quoted = Quoted.Text(text);
        if (text.Length == 0 || !char.IsAsciiDigit(text[0]) || parts.Length > 2)
        {
            return $"{quoted} is no protocol and no port{Suggestion.For(parts[0], Protocols.Keys, $"; expected {Examples}")}";
        }

        Protocol protocol = Protocol.Tcp;
        if (parts.Length == 2 && !Protocols.TryGetValue(parts[1], out protocol))
        {
            string known = $"; expected tcp, udp, sctp or udplite after '/'";
            return $"unknown protocol {Quoted.Text(parts[1])} in {quoted}{Suggestion.For(parts[1], Protocols.Keys, known)}";
        }

        if (protocol is Protocol.Icmp or Protocol.IcmpV6)
        {
            return $"{quoted}: {parts[1]} has types, not ports; write {parts[1]} for all of them, or one like {parts[1]}/echo-request";
        }

        string[] bounds = parts[0].Split('-');
        if (bounds.Length > 2 || !TryParsePort(bounds[0], out ushort first) || !TryParsePort(bounds[^1], out ushort last))
        {
            return $"{quoted} has no valid port; expected a number from 1 to 65535, or two like 8000-8100";
        }

        if (first > last)
        {
            return $"{quoted} is a reversed range; write {last}-{first}{(parts.Length == 2 ? "/" + parts[1] : "")}";
        }

        service = new Service(protocol, first, last);
        return null;
    }

    private static string? ParseIcmp(string text, Protocol protocol, ReadOnlySpan<string> parts, out Service service)
    {
        service = new Service(protocol, 0, 0);
        if (parts.IsEmpty)
        {
            return null;
        }

        string quoted = Quoted.Text(text);
        var names = IcmpNames.Of(protocol);
        if (parts.Length == 1 && names.TryGetValue(parts[0], out (byte Type, byte? Code) named))
        {
            service = service with { IcmpType = named.Type, IcmpCode = named.Code };
            return null;
        }

        if (parts[0].Length > 0 && !char.IsAsciiDigit(parts[0][0]))
        {
            string protocolName = text[..text.IndexOf('/')];
            string program = protocol == Protocol.Icmp ? "iptables" : "ip6tables";
            string otherwise = $"; expected a name that {program} knows, like echo-request, or a number";
            return names.ContainsKey(parts[0])
                ? $"{quoted} has a code after a name; write {protocolName}/{parts[0]}, or the type and the code as numbers"
                : $"unknown {protocolName} type {Quoted.Text(parts[0])}{Suggestion.For(parts[0], names.Keys, otherwise)}";
        }

        byte code = 0;
        if (parts.Length > 2 || !TryParseByte(parts[0], out byte type) || (parts.Length == 2 && !TryParseByte(parts[1], out code)))
        {
            return $"{quoted} has no valid type; expected a type from 0 to 255, and with a code type/code, like 3/1";
        }

        if (protocol == Protocol.Icmp && type == byte.MaxValue)
        {
            return $"{quoted}: the kernel takes type 255 for every type; write icmp";
        }

        service = service with { IcmpType = type, IcmpCode = parts.Length == 2 ? code : null };
        return null;
    }

    private static bool TryParsePort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && text[0] != '0';

    private static bool TryParseByte(string text, out byte value) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && (text.Length == 1 || text[0] != '0');
}
