using Xunit;

namespace DcosIsolation.Netlink.Tests.Golden;

/// <summary>Feeds a reader with what is left of good bytes when they are cut off or flipped, the same every time.</summary>
internal static class Damage
{
    /// <summary>
    /// Calls <paramref name="read"/> with the bytes cut at every length, with each byte at each extreme, and with some bits flipped.
    /// Nothing but <see cref="NetlinkFormatException"/> may come out, and what <paramref name="isDocumented"/> allows besides.
    /// </summary>
    public static void Each(byte[] good, Action<byte[]> read, Func<Exception, bool>? isDocumented = null)
    {
        for (int length = 0; length < good.Length; length++)
        {
            Try(good[..length]);
        }

        var random = new Random(good.Length);
        for (int at = 0; at < good.Length; at++)
        {
            foreach (byte value in (ReadOnlySpan<byte>)[0, 1, 0x7f, 0xff, (byte)(good[at] ^ (1 << random.Next(8)))])
            {
                byte[] bad = [.. good];
                bad[at] = value;
                Try(bad);
            }
        }

        for (int round = 0; round < 200; round++)
        {
            byte[] bad = [.. good];
            for (int flips = random.Next(1, 6); flips > 0; flips--)
            {
                bad[random.Next(bad.Length)] ^= (byte)(1 << random.Next(8));
            }

            Try(bad);
        }

        void Try(byte[] bytes)
        {
            try
            {
                read(bytes);
            }
            catch (NetlinkFormatException)
            {
            }
            catch (Exception e) when (isDocumented?.Invoke(e) != true)
            {
                Assert.Fail($"{e}\n{Convert.ToHexStringLower(bytes)}\n{NetlinkDump.Describe(bytes)}");
            }
            catch (Exception)
            {
                // Documented.
            }
        }
    }
}
