using System.Buffers.Binary;
using System.Text;
using Xunit;
using static Tmds.Linux.LibC;

namespace DcosIsolation.KernelTests.Daemon;

/// <summary>A dump of a set that somebody began and does not read: it pins the set until it is disposed of.</summary>
internal sealed unsafe class StalledDump : IDisposable
{
    private const int NETLINK_NETFILTER = 12;
    private const ushort ListRequest = (6 << 8) | 7;
    private const ushort RequestDump = 0x301;

    private readonly int _socket;

    /// <summary>Begins the dump in the thread's network namespace; the set must be larger than a buffer of the kernel, some 1,000 entries.</summary>
    public StalledDump(string set)
    {
        _socket = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
        Assert.True(_socket >= 0);
        byte[] name = [.. Encoding.ASCII.GetBytes(set), 0];
        byte[] request = new byte[16 + 4 + 8 + 4 + ((name.Length + 3) & ~3)];
        BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(4), ListRequest);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(6), RequestDump);
        Attribute(20, 1, [6]);
        Attribute(28, 2, name);
        fixed (byte* bytes = request)
        {
            Assert.Equal(request.Length, (int)send(_socket, bytes, request.Length, 0));
        }

        void Attribute(int at, ushort type, byte[] value)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(at), (ushort)(4 + value.Length));
            BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(at + 2), type);
            value.CopyTo(request.AsSpan(at + 4));
        }
    }

    public void Dispose() => _ = close(_socket);
}
