using System.Runtime.InteropServices;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using static DcosIsolation.KernelTests.Ipset.SetTypes;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>What is no matter of one set: the protocol, capabilities, descriptors.</summary>
[Collection(nameof(CountsDescriptors))]
public sealed partial class IpsetClientTests
{
    [SkippableFact]
    public void Client_and_kernel_agree_on_a_protocol_and_know_the_types() => NewNamespace.Run(() =>
    {
        using var client = IpsetClient.Open();
        Assert.InRange(client.Protocol, 6, 7);
        IpsetRevisions net = Assert.NotNull(client.GetRevisions(IpsetType.HashNet, V4));
        Assert.InRange(net.Maximum, 2, 100);
        Assert.Equal(net, client.GetRevisions(IpsetType.HashNet, V4));
        Assert.NotNull(client.GetRevisions(IpsetType.ListSet, NetfilterFamily.Unspecified));
    });

    [SkippableFact]
    public void Without_the_capability_the_message_says_so() => NewNamespace.Run(() =>
    {
        DropNetAdmin();
        NetlinkException refused = Assert.Throws<NetlinkException>(() => IpsetClient.Open());
        Assert.Equal(
            "cannot agree with the kernel on an ipset protocol: the process lacks CAP_NET_ADMIN in this network namespace (EPERM); " +
            "run it as root or with that capability",
            refused.Message);
        Assert.False(refused.CanRetry);
    });

    [SkippableFact]
    public void A_client_whose_capability_is_taken_away_says_so() => Run(IpsetType.HashNet, V4, client =>
    {
        client.Create("s", IpsetType.HashNet, V4);
        DropNetAdmin();
        IpsetException refused = Assert.Throws<IpsetException>(() => client.Destroy("s"));
        Assert.Equal(Errno.NotPermitted, refused.Errno);
        Assert.StartsWith("cannot destroy the set s: the process lacks CAP_NET_ADMIN", refused.Message, StringComparison.Ordinal);
        IpsetException batch = Assert.Throws<IpsetException>(
            () => client.AddRange<IpsetEntry>("s", [Entry(IpsetType.HashNet, V4, 1)]));
        Assert.Null(batch.EntryIndex);
    });

    [SkippableFact]
    public void A_closed_client_says_so_and_closes_twice() => NewNamespace.Run(() =>
    {
        var client = IpsetClient.Open();
        client.Dispose();
        client.Dispose();
        Assert.Throws<ObjectDisposedException>(() => client.List());
    });

    [SkippableFact]
    public void No_descriptor_is_left_behind() => NewNamespace.Run(() =>
    {
        int before = Descriptors();
        for (int i = 0; i < 100; i++)
        {
            using var client = IpsetClient.Open();
            Assert.Empty(client.List());
        }

        DropNetAdmin();
        for (int i = 0; i < 100; i++)
        {
            Assert.Throws<NetlinkException>(() => IpsetClient.Open());
        }

        Assert.Equal(before, Descriptors());
    });

    private static int Descriptors() =>
        Directory.GetFiles("/proc/self/fd").Select(path => File.ResolveLinkTarget(path, false)?.Name ?? "")
            .Count(target => target.StartsWith("socket:", StringComparison.Ordinal));

    // From the calling thread only, which ends with the test.
    private static unsafe void DropNetAdmin()
    {
        const uint Version3 = 0x20080522;
        const uint NetAdmin = 1 << 12;
        var header = (Version3, 0);
        uint* data = stackalloc uint[6];
        Assert.Equal(0, capget(&header, data));
        data[0] &= ~NetAdmin;
        Assert.Equal(0, capset(&header, data));
    }

    [LibraryImport("libc")]
    private static unsafe partial int capget((uint Version, int ProcessId)* header, uint* data);

    [LibraryImport("libc")]
    private static unsafe partial int capset((uint Version, int ProcessId)* header, uint* data);
}

/// <summary>Nothing else may open sockets meanwhile.</summary>
[CollectionDefinition(nameof(CountsDescriptors), DisableParallelization = true)]
public sealed class CountsDescriptors;
