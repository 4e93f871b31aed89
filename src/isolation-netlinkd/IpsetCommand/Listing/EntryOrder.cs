using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DcosIsolation.Daemon.IpsetCommand.Listing;

/// <summary>
/// The order of <c>ipset -sorted</c>, which goes by the text: numbers by value, all of them read as hexadecimal; words, such as protocols,
/// by length first; a host before a prefix of the same address, and from the first prefix on the larger number first, up to the next word.
/// IPv6 prefixes can go round in circles in it, so that it is no order to a sort that relies on one.
/// </summary>
internal static class EntryOrder
{
    private const byte End = 0;

    /// <summary>Compares what follows a line's prefix. Both texts end with a NUL.</summary>
    public static int Compare(ref byte x, ref byte y)
    {
        bool isDescending = false;
        while (x != End && y != End)
        {
            ref byte afterX = ref ReadNumber(ref x, out uint numberX);
            ref byte afterY = ref ReadNumber(ref y, out uint numberY);
            if (Unsafe.AreSame(ref x, ref afterX) || Unsafe.AreSame(ref y, ref afterY))
            {
                int order = CompareWords(ref x, ref y, out int length);
                if (order != 0 || Unsafe.Add(ref x, length) == End || Unsafe.Add(ref y, length) == End)
                {
                    return order;
                }

                x = ref Unsafe.Add(ref x, length + 1);
                y = ref Unsafe.Add(ref y, length + 1);
                isDescending = false;
                continue;
            }

            if (numberX != numberY)
            {
                return numberX < numberY == isDescending ? 1 : -1;
            }

            if (afterX == '/' || afterY == '/')
            {
                if (afterX != afterY)
                {
                    return afterX == '/' ? 1 : -1;
                }

                isDescending = true;
            }

            if (afterX == End || afterY == End)
            {
                return afterX.CompareTo(afterY);
            }

            x = ref Unsafe.Add(ref afterX, 1);
            y = ref Unsafe.Add(ref afterY, 1);
            if (x == ':' || y == ':')
            {
                if (x != y)
                {
                    return x == ':' ? -1 : 1;
                }

                x = ref Unsafe.Add(ref x, 1);
                y = ref Unsafe.Add(ref y, 1);
            }
        }

        return x != End ? 1 : y != End ? -1 : 0;
    }

    /// <summary>What an entry's text begins with, as a number: where two differ, <see cref="Compare"/> finds the same order.</summary>
    public static uint Key(ref byte text)
    {
        ref byte next = ref ReadNumber(ref text, out uint first);
        if (next == ':')
        {
            // "::" comes before every number, and so does none at all.
            ReadNumber(ref Unsafe.Add(ref next, 1), out uint group);
            return ((first & 0xffff) << 14) | ((group & 0xffff) >> 2);
        }

        if (next != '.')
        {
            return 0;
        }

        // Three octets; read as hexadecimal they are up to 0x255.
        next = ref ReadNumber(ref Unsafe.Add(ref next, 1), out uint second);
        ReadNumber(ref Unsafe.Add(ref next, 1), out uint third);
        return ((first & 0x3ff) << 20) | ((second & 0x3ff) << 10) | (third & 0x3ff);
    }

    /// <summary>Compares texts as bytes.</summary>
    public static int CompareBytes(ref byte x, ref byte y)
    {
        while (x == y && x != End)
        {
            x = ref Unsafe.Add(ref x, 1);
            y = ref Unsafe.Add(ref y, 1);
        }

        return x.CompareTo(y);
    }

    /// <summary>Compares up to the next colon or comma; with none before either, all of the rest.</summary>
    private static int CompareWords(ref byte x, ref byte y, out int length)
    {
        length = WordLength(ref x);
        int other = WordLength(ref y);
        if (length == 0 && other == 0)
        {
            return CompareBytes(ref x, ref y);
        }

        return length != other
            ? length.CompareTo(other)
            : MemoryMarshal.CreateReadOnlySpan(ref x, length)
                .SequenceCompareTo(MemoryMarshal.CreateReadOnlySpan(ref y, length));
    }

    private static int WordLength(ref byte text)
    {
        int length = 0;
        while (Unsafe.Add(ref text, length) is not (End or (byte)':' or (byte)','))
        {
            length++;
        }

        return length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte ReadNumber(ref byte text, out uint number)
    {
        uint value = 0;
        while (Digit(text) is var digit and < 16)
        {
            value = (value << 4) | digit;
            text = ref Unsafe.Add(ref text, 1);
        }

        number = value;
        return ref text;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Digit(byte character)
    {
        uint digit = (uint)character - '0';
        if (digit < 10)
        {
            return digit;
        }

        uint letter = (character | 0x20u) - 'a';
        return letter < 6 ? letter + 10 : 16;
    }
}
