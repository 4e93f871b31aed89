using System.Buffers.Binary;
using Xunit;
using Xunit.Sdk;

namespace DcosIsolation.Netlink.Tests.Golden;

public sealed class GoldenFileTests
{
    [Theory]
    [MemberData(nameof(GoldenFile.Names), MemberType = typeof(GoldenFile))]
    public void Every_golden_file_holds_whole_messages_and_says_how_it_was_made(string name)
    {
        GoldenFile file = GoldenFile.Load(name);
        Assert.NotEmpty(file.Commands);
        Assert.NotEmpty(file.Datagrams);
        Assert.Equal(GoldenDirection.Sent, file.Datagrams[0].Direction);
        foreach (GoldenDatagram datagram in file.Datagrams)
        {
            ReadOnlySpan<byte> rest = datagram.Bytes;
            while (!rest.IsEmpty)
            {
                int length = (int)BinaryPrimitives.ReadUInt32LittleEndian(rest);
                Assert.InRange(length, 16, rest.Length);
                rest = rest[Math.Min((length + 3) & ~3, rest.Length)..];
            }

            Assert.DoesNotContain("left over", NetlinkDump.Describe(datagram.Bytes), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_gives_its_commands_requests_and_replies()
    {
        GoldenFile file = GoldenFile.Parse("sample",
        [
            "# given: ipset create s hash:net",
            "# command: ipset restore",
            "# input: add s 10.0.0.0/8",
            "# printed: nothing: at all",
            "# printed:",
            "> 14000000 0906 0500 01000000 00000000",
            "    02000000",
            "< 24000000 0200 0001 01000000 05000000",
            "    00000000 14000000 0906 0500 01000000 00000000",
        ]);
        Assert.Equal(["ipset create s hash:net", "ipset restore"], file.Commands);
        Assert.Equal(["add s 10.0.0.0/8"], file.Input);
        Assert.Equal(["nothing: at all", ""], file.Printed);
        Assert.Equal(20, file.Request(9).Length);
        Assert.Equal(36, Assert.Single(file.Replies(file.Request(9))).Length);
    }

    [Fact]
    public void A_message_is_rendered_with_the_kernels_names_at_their_depth() => Assert.Equal(
        """
        ADD length 80 flags 0x205 seq 7 pid 0
          family 2 version 0 res_id 0
          PROTOCOL 07 = 7
          SETNAME "s"
          ADT
            ENTRY
              IP
                IPADDR_IPV4 be 0a000000 = 10.0.0.0
              CIDR 08 = 8
              LINENO be 00000001
          LINENO be 00000000
        left over: ff

        """,
        NetlinkDump.Describe(Convert.FromHexString(
            "50000000" + "0906" + "0502" + "07000000" + "00000000" + "02000000" + "0500010007000000" + "0600020073000000" +
            "24000880" + "20000780" + "0c000180" + "080001400a000000" + "0500030008000000" + "0800094000000001" +
            "0800094000000000" + "ff")));

    [Fact]
    public void Rendering_survives_every_truncation_and_every_byte()
    {
        byte[] bytes = GoldenFile.Load("restore-entry-exists").Datagrams[^1].Bytes;
        for (int at = 0; at < bytes.Length; at++)
        {
            _ = NetlinkDump.Describe(bytes.AsSpan(0, at));
            byte kept = bytes[at];
            bytes[at] = 0xff;
            _ = NetlinkDump.Describe(bytes);
            bytes[at] = kept;
        }
    }

    [Fact]
    public void A_difference_is_told_with_both_messages()
    {
        byte[] expected = GoldenFile.Load("add-net-inet").Request(9);
        byte[] actual = [.. expected];
        actual[^1] ^= 1;
        string message = Assert.Throws<FailException>(() => GoldenFile.AssertSame(expected, actual)).Message;
        Assert.Contains($"differ from byte {expected.Length - 1} on", message, StringComparison.Ordinal);
        Assert.Contains("10.1.2.0", message, StringComparison.Ordinal);
    }
}
