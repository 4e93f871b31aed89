using System.Runtime.InteropServices;
using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Dataplane;

/// <summary>The address of a Unix socket.</summary>
internal readonly struct UnixAddress
{
    private readonly sockaddr_un _address;

    private UnixAddress(sockaddr_un address, int length) => (_address, Length) = (address, length);

    /// <summary>The bytes that count of the address.</summary>
    public int Length { get; }

    /// <summary>The address as the kernel takes it.</summary>
    public sockaddr_un Value => _address;

    /// <summary>Makes an address.</summary>
    /// <param name="path">A path; an abstract name begins with NUL.</param>
    /// <returns>Null when the path is too long.</returns>
    public static unsafe UnixAddress? Of(string path)
    {
        const int Family = sizeof(ushort);
        sockaddr_un address = default;
        var bytes = new Span<byte>(&address, sizeof(sockaddr_un));
        byte[] name = Encoding.UTF8.GetBytes(path);

        // The kernel takes a path without its NUL.
        if (name.Length == 0 || name.Length > bytes.Length - Family)
        {
            return null;
        }

        MemoryMarshal.Write(bytes, (ushort)AF_UNIX);
        name.CopyTo(bytes[Family..]);
        return new UnixAddress(address, Family + name.Length);
    }
}
