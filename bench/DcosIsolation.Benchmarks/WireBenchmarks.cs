using BenchmarkDotNet.Attributes;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Wire;

namespace DcosIsolation.Benchmarks;

/// <summary>Marshalling, without a kernel: time and allocation for one entry of a batch.</summary>
[MemoryDiagnoser]
public class WireBenchmarks
{
    private const int Entries = 1000;

    private readonly byte[] _buffer = new byte[IpsetRequest.MaxLength];
    private readonly IpsetEntry[] _nets = Make(i => IpsetEntry.Net(Prefix(i)));
    private readonly IpsetEntry[] _services = Make(i => IpsetEntry.NetPortNet(Prefix(i), 6, 443, Prefix(i + 1)));
    private readonly IpsetPrefix[] _prefixes = [.. Enumerable.Range(0, Entries).Select(Prefix)];
    private readonly IpsetBucketOrder _order = new(7, 1024, Entries);
    private byte[] _batch = [];

    [GlobalSetup]
    public void Setup() => _batch = Write(_nets).ToArray();

    [Benchmark(OperationsPerInvoke = Entries)]
    public int WriteHashNet() => Write(_nets).Length;

    [Benchmark(OperationsPerInvoke = Entries)]
    public int WritePrefixes() => Write<IpsetPrefix>(_prefixes, null);

    [Benchmark(OperationsPerInvoke = Entries)]
    public int WritePrefixesInBucketOrder() => Write<IpsetPrefix>(_prefixes, _order);

    [Benchmark(OperationsPerInvoke = Entries)]
    public int WriteHashNetPortNet() => Write(_services).Length;

    [Benchmark(OperationsPerInvoke = Entries)]
    public int ReadHashNet()
    {
        int count = 0;
        NetlinkAttributeReader entries = Batch();
        while (entries.Read())
        {
            count += IpsetEntryCodec.Read(entries.GetNested(), IpsetType.HashNet, NetfilterFamily.Inet).First.Length;
        }

        return count;
    }

    [Benchmark(OperationsPerInvoke = Entries)]
    public int ReadPrefixes()
    {
        int count = 0;
        NetlinkAttributeReader entries = Batch();
        while (entries.Read())
        {
            // The kernel's entries have no line numbers.
            count += IpsetEntryCodec.TryReadPrefix(entries.Value[..^8], NetfilterFamily.Inet, out IpsetPrefix prefix)
                ? prefix.Length
                : throw new InvalidOperationException("no prefix");
        }

        return count;
    }

    private NetlinkAttributeReader Batch()
    {
        var message = new NetlinkMessageReader(_batch);
        message.Read();
        NetlinkAttributeReader attributes = message.NetfilterAttributes();
        while (attributes.Read())
        {
            if (attributes.Type == IpsetAttributes.IPSET_ATTR_ADT)
            {
                return attributes.GetNested();
            }
        }

        return default;
    }

    private int Write<T>(ReadOnlySpan<T> entries, IpsetBucketOrder? order)
        where T : struct, IIpsetEntry =>
        new IpsetBatchWriter<T>(7, IpsetConstants.IPSET_CMD_ADD, "benchmark", entries, order, NetlinkMessageFlags.None).WriteNext(_buffer);

    private ReadOnlySpan<byte> Write(IpsetEntry[] entries) =>
        new IpsetRequest(7, 1).Batch<IpsetEntry>(_buffer, IpsetConstants.IPSET_CMD_ADD, "benchmark", entries, [], 1, NetlinkMessageFlags.None, out _);

    private static IpsetPrefix Prefix(int i) => new(NetfilterFamily.Inet, (UInt128)(uint)(0x0a000000 + (i << 8)) << 96, 24);

    private static IpsetEntry[] Make(Func<int, IpsetEntry> make) => [.. Enumerable.Range(0, Entries).Select(make)];
}
