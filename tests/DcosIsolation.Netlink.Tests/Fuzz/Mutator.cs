using System.Buffers.Binary;

namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>Makes bad bytes of good ones, the same for the same seed.</summary>
internal sealed class Mutator(int seed)
{
    private const int Longest = 16384;
    private static readonly int[] s_lengths = [0, 1, 3, 4, 5, 8, 15, 16, 17, 20, 0x7fff, 0xffff];

    private readonly Random _random = new(seed);

    /// <summary>One of these, damaged in one to four ways.</summary>
    public byte[] Next(IReadOnlyList<byte[]> corpus)
    {
        byte[] bytes = [.. Any(corpus)];
        for (int damages = _random.Next(1, 5); damages > 0 && bytes.Length > 0; damages--)
        {
            bytes = Damaged(bytes, corpus);
        }

        // Otherwise the first reader to compare it with what is there ends the matter.
        if (bytes.Length >= 16 && _random.Next(2) == 0)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
        }

        return bytes.Length > Longest ? bytes[..Longest] : bytes;
    }

    private byte[] Damaged(byte[] bytes, IReadOnlyList<byte[]> corpus)
    {
        int at = _random.Next(bytes.Length);
        int aligned = at & ~3;
        switch (_random.Next(9))
        {
            case 0:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                return bytes;
            case 1:
                bytes[at] = (byte)_random.Next(256);
                return bytes;
            case 2:
                return bytes[..at];
            case 3:
                return Length(bytes, aligned, s_lengths[_random.Next(s_lengths.Length)]);
            case 4:
                // Where there is a length, one that is nearly right: a nested attribute longer than the one around it, or shorter.
                return aligned + 2 > bytes.Length
                    ? bytes
                    : Length(bytes, aligned, BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(aligned)) + _random.Next(-9, 10));
            case 5:
                byte[] other = Any(corpus);
                return [.. bytes[..aligned], .. other[Math.Min(other.Length, _random.Next(other.Length + 1) & ~3)..]];
            case 6:
                return [.. bytes[..aligned], .. bytes[Math.Min(bytes.Length, aligned + (4 * _random.Next(1, 8)))..]];
            case 7:
                byte[] piece = bytes[aligned..Math.Min(bytes.Length, aligned + (4 * _random.Next(1, 16)))];
                return [.. bytes[..aligned], .. piece, .. bytes[aligned..]];
            default:
                return [.. bytes, .. Any(corpus)];
        }
    }

    private byte[] Any(IReadOnlyList<byte[]> corpus) => corpus[_random.Next(corpus.Count)];

    private static byte[] Length(byte[] bytes, int at, int length)
    {
        if (at + 2 <= bytes.Length)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(at), (ushort)length);
        }

        return bytes;
    }
}
