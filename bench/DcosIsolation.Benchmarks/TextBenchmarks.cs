using BenchmarkDotNet.Attributes;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;

namespace DcosIsolation.Benchmarks;

/// <summary>The text of one element, read and printed.</summary>
[MemoryDiagnoser]
public class TextBenchmarks
{
    private static readonly byte[] s_net = "10.1.2.0/24"u8.ToArray();
    private static readonly byte[] s_net6 = "2001:db8:1:2::/64"u8.ToArray();
    private static readonly byte[] s_service = "10.1.2.0/24,tcp:443,192.168.7.9"u8.ToArray();

    private readonly byte[] _buffer = new byte[IpsetEntry.MaxTextLength];
    private readonly IpsetEntry _net = IpsetElement.Parse(IpsetType.HashNet, NetfilterFamily.Inet, s_net).Entry;
    private readonly IpsetEntry _net6 = IpsetElement.Parse(IpsetType.HashNet, NetfilterFamily.Inet6, s_net6).Entry;
    private readonly IpsetEntry _service = IpsetElement.Parse(IpsetType.HashNetPortNet, NetfilterFamily.Inet, s_service).Entry;

    [Benchmark]
    public byte ParseHashNet() => IpsetElement.Parse(IpsetType.HashNet, NetfilterFamily.Inet, s_net).Entry.First.Length;

    [Benchmark]
    public byte ParseHashNetInet6() => IpsetElement.Parse(IpsetType.HashNet, NetfilterFamily.Inet6, s_net6).Entry.First.Length;

    [Benchmark]
    public ushort ParseHashNetPortNet() => IpsetElement.Parse(IpsetType.HashNetPortNet, NetfilterFamily.Inet, s_service).Entry.Port;

    [Benchmark]
    public int FormatHashNet() => Format(_net);

    [Benchmark]
    public int FormatHashNetInet6() => Format(_net6);

    [Benchmark]
    public int FormatHashNetPortNet() => Format(_service);

    private int Format(in IpsetEntry entry) => entry.TryFormat(_buffer, out int written) ? written : 0;
}
