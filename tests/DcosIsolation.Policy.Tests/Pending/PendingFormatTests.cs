using System.Buffers.Binary;
using System.Security.Cryptography;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests;

/// <summary>The bytes of a pending switch: what was written is read, and nothing else is.</summary>
public class PendingFormatTests
{
    [Fact]
    public void What_was_written_is_read() => PolicyGen.Policies.Sample(
        policy =>
        {
            PendingSwitch pending = Pending(PolicyCompiler.Compile(policy, "d1", KernelAbilities.All));
            byte[] bytes = PendingFormat.Write(pending);
            PendingSwitch read = PendingFormat.Read(bytes);
            Assert.Equal(pending with { Before = read.Before }, read);
            Assert.Equal(pending.Before.PolicyDigest, read.Before.PolicyDigest);
            Assert.Equal(StateText.Of(pending.Before), StateText.Of(read.Before));
            Assert.Equal(pending.Id, PendingFormat.IdOf(bytes.AsSpan(0, PendingFormat.HeadLength)));
        },
        iter: 500);

    [Fact]
    public void Rules_keep_everything_that_the_kernel_gets()
    {
        PendingSwitch pending = Pending(Everything());
        DesiredState read = PendingFormat.Read(PendingFormat.Write(pending)).Before;
        Assert.Equal(Rules(pending.Before), Rules(read));
        Assert.Equal(Rules(pending.Before).Select(rule => rule.Log), Rules(read).Select(rule => rule.Log));
        Assert.Equal(Rules(pending.Before).SelectMany(Services), Rules(read).SelectMany(Services));

        static Rule[] Rules(DesiredState state) => [.. state.Families.SelectMany(family => family.Chain.Insert(0, family.Jump))];
        static IEnumerable<Service> Services(Rule rule) => rule.Ports.Concat(rule.SourcePorts);
    }

    [Fact]
    public void A_file_that_ends_early_is_refused_wherever_it_ends()
    {
        byte[] bytes = PendingFormat.Write(Pending(Everything()));
        for (int length = 0; length < bytes.Length; length++)
        {
            var refused = Assert.Throws<PendingFormatException>(() => PendingFormat.Read(bytes.AsSpan(0, length)));
            Assert.Contains("torn", refused.Message, StringComparison.Ordinal);
        }

        Assert.Throws<PendingFormatException>(() => PendingFormat.Read([.. bytes, 0]));
    }

    [Fact]
    public void A_byte_that_changed_is_noticed_wherever_it_is()
    {
        byte[] bytes = PendingFormat.Write(Pending(Everything()));
        for (int at = 0; at < bytes.Length; at++)
        {
            foreach (byte change in new byte[] { 1, 0x80, 0xff })
            {
                bytes[at] ^= change;
                Assert.Throws<PendingFormatException>(() => PendingFormat.Read(bytes));
                bytes[at] ^= change;
            }
        }

        PendingFormat.Read(bytes);
    }

    // Whoever knows the format can make a file that says anything.
    [Fact]
    public void Content_that_makes_no_sense_is_refused_though_its_sum_is_right()
    {
        byte[] bytes = PendingFormat.Write(Pending(Everything()));
        int content = bytes.Length - SHA256.HashSizeInBytes;
        int accepted = 0;
        for (int at = PendingFormat.HeadLength; at < content; at++)
        {
            byte[] other = [.. bytes];
            other[at] ^= 0xff;
            SHA256.HashData(other.AsSpan(0, content), other.AsSpan(content));
            try
            {
                PendingFormat.Read(other);
                accepted++;
            }
            catch (PendingFormatException e)
            {
                Assert.Contains("makes no sense", e.Message, StringComparison.Ordinal);
            }
        }

        Assert.InRange(accepted, 1, content - PendingFormat.HeadLength - 1);
    }

    [Fact]
    public void A_later_version_is_named()
    {
        byte[] bytes = PendingFormat.Write(Pending(Everything()));
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), 2);
        var refused = Assert.Throws<PendingFormatException>(() => PendingFormat.Read(bytes));
        Assert.Equal("it has version 2 of the format, and this program knows version 1 alone", refused.Message);
    }

    [Fact]
    public void What_is_no_such_file_is_said() =>
        Assert.Equal("it is no file of this program", Assert.Throws<PendingFormatException>(() => PendingFormat.Read(new byte[100])).Message);

    internal static PendingSwitch Pending(DesiredState before) =>
        new(new Guid("00112233-4455-6677-8899-aabbccddeeff"), Guid.NewGuid(), ulong.MaxValue - 7, TimeSpan.FromSeconds(1e6 + 0.5), before);

    private static DesiredState Everything() => new PolicyBuilder()
        .Net("hr", "192.168.0.0/16 fd00:1::/64")
        .Net("it", "10.250.0.0/16 fd00:2::/128", internalAllowed: false)
        .Allow("hr", "it", "80/tcp 8000-8100/udp icmp/8/0")
        .Allow("hr", "10.250.0.0/17")
        .Deny("hr", "it", "22/tcp")
        .Except("hr", "it")
        .Failsafe("10.0.0.0/8", services: "22/tcp icmp/3")
        .Log("denied ", nflogGroup: 0)
        .First("-p tcp ! --syn -j ACCEPT", new NetworkMatch("hr", IsSource: true, Negated: true))
        .Last("")
        .Compile();
}
