using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests.Model;

public class ServiceCanonicalizerTests
{
    private static readonly Gen<Service> Services = Gen.Select(Gen.Int[0, 3], Gen.Int[1, 12], Gen.Int[0, 4], Gen.Int[-1, 2]).Select(
        (kind, first, more, code) => kind switch
        {
            0 => new Service(Protocol.Tcp, (ushort)first, (ushort)(first + more)),
            1 => new Service(Protocol.Udp, (ushort)first, (ushort)(first + more)),
            2 => new Service(Protocol.Icmp, 0, 0, (byte)more, code < 0 ? null : (byte)code),
            _ => new Service(Protocol.Icmp, 0, 0, more == 0 ? null : (byte)more, null),
        });

    [Theory]
    [InlineData("443 80/tcp 80", "80/tcp 443/tcp")]
    [InlineData("80-90 85-100 101 103", "80-101/tcp 103/tcp")]
    [InlineData("1-100 5-6 50", "1-100/tcp")]
    [InlineData("80 80/udp 81/udp", "80/tcp 80-81/udp")]
    [InlineData("65535 65534", "65534-65535/tcp")]
    [InlineData("tcp 1-65535", "0-65535/tcp")]
    [InlineData("icmp/3/1 icmp/3 icmp/8 icmp/8", "icmp/3 icmp/8")]
    [InlineData("icmp/3/1 icmp icmpv6/1", "icmp icmpv6/1")]
    [InlineData("icmp/3/1 icmp/3/2", "icmp/3/1 icmp/3/2")]
    public void Services_are_merged(string services, string expected) =>
        Assert.Equal(expected, string.Join(' ', ServiceCanonicalizer.Canonicalize(services.Split(' ').Select(Parse))));

    [Fact]
    public void The_same_packets_match_and_the_form_is_stable() => Services.Array[0, 12].Sample(services =>
    {
        var canonical = ServiceCanonicalizer.Canonicalize(services);
        bool same = true;
        for (ushort port = 0; port < 20; port++)
        {
            same &= services.Any(service => MatchesTcp(service, port)) == canonical.Any(service => MatchesTcp(service, port));
            for (byte code = 0; code < 4; code++)
            {
                same &= services.Any(service => MatchesIcmp(service, (byte)port, code))
                    == canonical.Any(service => MatchesIcmp(service, (byte)port, code));
            }
        }

        return same && canonical.SequenceEqual(ServiceCanonicalizer.Canonicalize(services.Reverse()))
            && canonical.SequenceEqual(ServiceCanonicalizer.Canonicalize(canonical));
    });

    private static bool MatchesTcp(Service service, ushort port) =>
        service.Protocol == Protocol.Tcp && service.FirstPort <= port && port <= service.LastPort;

    private static bool MatchesIcmp(Service service, byte type, byte code) =>
        service.Protocol == Protocol.Icmp && (service.IcmpType ?? type) == type && (service.IcmpCode ?? code) == code;

    private static Service Parse(string text) =>
        ServiceParser.TryParse(text, out Service service, out string? error) ? service : throw new FormatException(error);
}
