using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

public class ServiceParserTests
{
    [Theory]
    [InlineData("80", "80/tcp")]
    [InlineData("80/tcp", "80/tcp")]
    [InlineData("443-444", "443-444/tcp")]
    [InlineData("8000-8100/udp", "8000-8100/udp")]
    [InlineData("7-7/sctp", "7/sctp")]
    [InlineData("1-65535/udplite", "1-65535/udplite")]
    [InlineData("tcp", "0-65535/tcp")]
    [InlineData("sctp", "0-65535/sctp")]
    [InlineData("icmp", "icmp")]
    [InlineData("icmpv6", "icmpv6")]
    [InlineData("icmp/echo-request", "icmp/8")]
    [InlineData("icmp/ping", "icmp/8")]
    [InlineData("icmp/port-unreachable", "icmp/3/3")]
    [InlineData("icmp/TOS-host-redirect", "icmp/5/3")]
    [InlineData("icmp/8", "icmp/8")]
    [InlineData("icmp/3/1", "icmp/3/1")]
    [InlineData("icmpv6/echo-request", "icmpv6/128")]
    [InlineData("icmpv6/packet-too-big", "icmpv6/2")]
    [InlineData("icmpv6/neighbor-solicitation", "icmpv6/135")]
    [InlineData("icmpv6/port-unreachable", "icmpv6/1/4")]
    [InlineData("icmpv6/255/255", "icmpv6/255/255")]
    public void Services_are_read(string text, string expected)
    {
        Assert.True(ServiceParser.TryParse(text, out Service service, out string? error), error);
        Assert.Equal(expected, service.ToString());
    }

    private const string Port = "has no valid port; expected a number from 1 to 65535, or two like 8000-8100";
    private const string Neither =
        "is no protocol and no port; expected 80/tcp, 8000-8100/udp, 443 (tcp), tcp (every port), icmp or icmp/echo-request";

    [Theory]
    [InlineData("", "'' " + Neither)]
    [InlineData("http", "'http' " + Neither)]
    [InlineData("-80", "'-80' " + Neither)]
    [InlineData("80/tcp/x", "'80/tcp/x' " + Neither)]
    [InlineData("TCP", "'TCP' is no protocol and no port; did you mean 'tcp'?")]
    [InlineData("icmp6", "'icmp6' is no protocol and no port; did you mean 'icmpv6'?")]
    [InlineData("0", "'0' " + Port)]
    [InlineData("65536", "'65536' " + Port)]
    [InlineData("080", "'080' " + Port)]
    [InlineData("0x50", "'0x50' " + Port)]
    [InlineData("1-2-3", "'1-2-3' " + Port)]
    [InlineData("80-/tcp", "'80-/tcp' " + Port)]
    [InlineData("90-80/udp", "'90-80/udp' is a reversed range; write 80-90/udp")]
    [InlineData("80/tpc", "unknown protocol 'tpc' in '80/tpc'; did you mean 'tcp'?")]
    [InlineData("80/gopher", "unknown protocol 'gopher' in '80/gopher'; expected tcp, udp, sctp or udplite after '/'")]
    [InlineData("80/", "unknown protocol '' in '80/'; expected tcp, udp, sctp or udplite after '/'")]
    [InlineData("80/icmp", "'80/icmp': icmp has types, not ports; write icmp for all of them, or one like icmp/echo-request")]
    [InlineData("tcp/80", "'tcp/80' is the wrong way round; write port/tcp, like 80/tcp")]
    [InlineData("icmp/", "'icmp/' has no valid type; expected a type from 0 to 255, and with a code type/code, like 3/1")]
    [InlineData("icmp/256", "'icmp/256' has no valid type; expected a type from 0 to 255, and with a code type/code, like 3/1")]
    [InlineData("icmp/3/1/1", "'icmp/3/1/1' has no valid type; expected a type from 0 to 255, and with a code type/code, like 3/1")]
    [InlineData("icmp/255", "'icmp/255': the kernel takes type 255 for every type; write icmp")]
    [InlineData("icmp/echo-requst", "unknown icmp type 'echo-requst'; did you mean 'echo-request'?")]
    [InlineData("icmpv6/whatever", "unknown icmpv6 type 'whatever'; expected a name that ip6tables knows, like echo-request, or a number")]
    [InlineData(
        "icmp/redirect/1", "'icmp/redirect/1' has a code after a name; write icmp/redirect, or the type and the code as numbers")]
    public void What_is_wrong_is_said_and_what_to_write_instead(string text, string expected)
    {
        Assert.False(ServiceParser.TryParse(text, out _, out string? error));
        Assert.Equal(expected, error);
    }
}
