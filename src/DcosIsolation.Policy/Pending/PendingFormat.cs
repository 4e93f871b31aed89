using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DcosIsolation.Policy;

/// <summary>
/// A pending switch as bytes. All numbers are little-endian: the mark, the version of the format, the length of all; the id; the rest of the
/// switch; SHA-256 of everything before it. Whatever is not exactly as it was written is refused. Pure; thread-safe.
/// </summary>
public static class PendingFormat
{
    /// <summary>How many bytes tell whose switch it is: see <see cref="IdOf"/>.</summary>
    public const int HeadLength = IdAt + 16;

    private const int Version = 1;
    private const int VersionAt = 8;
    private const int LengthAt = 12;
    private const int IdAt = 20;

    private static ReadOnlySpan<byte> Mark => "DCOSUNDO"u8;

    /// <summary>The bytes of a pending switch.</summary>
    public static byte[] Write(PendingSwitch pending)
    {
        ArgumentNullException.ThrowIfNull(pending);
        var writer = new StateWriter();
        writer.Bytes(Mark);
        writer.Int32(Version);
        writer.Int64(0);
        writer.Guid(pending.Id);
        writer.Guid(pending.Boot);
        writer.Int64((long)pending.NetworkNamespace);
        writer.Int64(pending.Deadline.Ticks);
        writer.State(pending.Before);

        int length = writer.Written.Length;
        writer.Bytes(stackalloc byte[SHA256.HashSizeInBytes]);
        byte[] bytes = writer.ToArray();
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(LengthAt), bytes.Length);
        SHA256.HashData(bytes.AsSpan(0, length), bytes.AsSpan(length));
        return bytes;
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="PendingFormatException">The bytes are something else, or damaged.</exception>
    public static PendingSwitch Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeadLength || !bytes.StartsWith(Mark))
        {
            throw new PendingFormatException(bytes.Length < HeadLength ? "it is torn: not even its head is there" : "it is no file of this program");
        }

        int version = BinaryPrimitives.ReadInt32LittleEndian(bytes[VersionAt..]);
        if (version != Version)
        {
            throw new PendingFormatException($"it has version {version} of the format, and this program knows version {Version} alone");
        }

        long length = BinaryPrimitives.ReadInt64LittleEndian(bytes[LengthAt..]);
        if (length != bytes.Length)
        {
            throw new PendingFormatException($"it is torn: {bytes.Length} of {length} bytes are there");
        }

        int content = bytes.Length - SHA256.HashSizeInBytes;
        if (content < HeadLength || !SHA256.HashData(bytes[..content]).AsSpan().SequenceEqual(bytes[content..]))
        {
            throw new PendingFormatException("it is damaged: its SHA-256 is not that of its content");
        }

        var reader = new StateReader(bytes[IdAt..content]);
        var pending = new PendingSwitch(
            reader.Guid(), reader.Guid(), (ulong)reader.Int64(), TimeSpan.FromTicks(reader.Int64()), reader.State());
        reader.ExpectEnd();
        return pending;
    }

    /// <summary>The id of the switch whose first bytes these are, or null.</summary>
    public static Guid? IdOf(ReadOnlySpan<byte> head) =>
        head.Length >= HeadLength && head.StartsWith(Mark) ? new Guid(head.Slice(IdAt, 16)) : null;
}
