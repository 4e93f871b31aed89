using Xunit;

namespace DcosIsolation.Policy.Tests;

public class QuestionReaderTests
{
    private static readonly QuestionReader s_reader = new(PolicyBuilder.HrIt().Build());

    [Theory]
    [InlineData("192.168.0.1 10.250.0.1 80/tcp", "192.168.0.1 10.250.0.1 80/tcp", 6, 80)]
    [InlineData(" \t192.168.0.1\t10.250.0.1  80 # the web", "192.168.0.1 10.250.0.1 80/tcp", 6, 80)]
    [InlineData("10.0.0.1 10.0.0.2 icmp/echo-request\r", "10.0.0.1 10.0.0.2 icmp/8/0", 1, 8 << 8)]
    [InlineData("10.0.0.1 10.0.0.2 icmp/3/1", "10.0.0.1 10.0.0.2 icmp/3/1", 1, (3 << 8) | 1)]
    [InlineData("FD00::1 fd00:0::2 icmpv6/128", "fd00::1 fd00::2 icmpv6/128/0", 58, 128 << 8)]
    [InlineData("10.0.0.1 10.0.0.2#", "10.0.0.1 10.0.0.2 other", 253, 0)]
    public void A_line_is_two_addresses_and_perhaps_a_service(string line, string expected, byte protocol, int port)
    {
        List<PolicyDiagnostic> mistakes = [];
        Question question = s_reader.ReadLine(line, new SourceLocation("q", 1, 1), mistakes.Add)!;
        Assert.Empty(mistakes);
        Assert.Equal(expected, $"{question.SourceText} {question.DestinationText} {question.ServiceText}");
        Assert.Equal(new PacketService(protocol, (ushort)port), question.Carried);
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t")]
    [InlineData("# nothing")]
    [InlineData("   # 10.0.0.1 10.0.0.2")]
    public void A_line_may_be_empty(string line) =>
        Assert.Null(s_reader.ReadLine(line, default, mistake => Assert.Fail(mistake.Message)));

    [Theory]
    [InlineData("10.0.0.1", "1: expected SRC DST, or SRC DST PORT/PROTO, found one word")]
    [InlineData("10.0.0.1 10.0.0.2 80 tcp", "22: expected SRC DST, or SRC DST PORT/PROTO, found 4 words")]
    [InlineData("  hr 10.0.0.1", "3: 'hr' is a network; give one address of it, such as 192.168.0.1")]
    [InlineData("10.0.0.1 10.0.0.0/8", "10: '10.0.0.0/8' is a network; give one address of it, such as 10.0.0.1")]
    [InlineData("10.0.0.1 fd00::1", "10: one address is IPv4 and the other IPv6, and no packet has both; give two of one family")]
    [InlineData("10.0.0.1 10.0.0.2 tcp/80", "19: 'tcp/80' is the wrong way round; write port/tcp, like 80/tcp")]
    [InlineData("10.0.0.1 10.0.0.2 tcp", "19: 'tcp' is more than one service; give one port, like 80/tcp, or none, to see which are ruled otherwise")]
    [InlineData("10.0.0.1 10.0.0.2 80-81", "19: '80-81' is more than one service; give one port, like 80/tcp, or none, to see which are ruled otherwise")]
    [InlineData(
        "10.0.0.1 10.0.0.2 icmp",
        "19: 'icmp' is more than one service; give one type, like icmp/echo-request, or none, to see which are ruled otherwise")]
    [InlineData(
        "10.0.0.1 10.0.0.2 icmpv6",
        "19: 'icmpv6': no packet between these addresses carries icmpv6; write icmp/echo-request, for example")]
    public void What_is_no_question_is_told_with_its_column(string line, string expected)
    {
        List<PolicyDiagnostic> mistakes = [];
        Assert.Null(s_reader.ReadLine(line, new SourceLocation("q", 7, 1), mistakes.Add));
        PolicyDiagnostic mistake = Assert.Single(mistakes);
        Assert.Equal(("q", 7, expected), (mistake.Location.File, mistake.Location.Line, $"{mistake.Location.Column}: {mistake.Message}"));
    }
}
