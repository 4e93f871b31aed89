using Xunit;

namespace DcosIsolation.Netlink.Tests.Xtables;

internal static class AssertBytes
{
    /// <summary>Fails with the lines of eight bytes that differ, as in the golden files.</summary>
    public static void Equal(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string what)
    {
        if (expected.SequenceEqual(actual))
        {
            return;
        }

        var lines = new List<string> { $"{what}: {expected.Length} bytes expected, {actual.Length} found" };
        for (int at = 0; at < Math.Max(expected.Length, actual.Length); at += 8)
        {
            (string left, string right) = (Line(expected, at), Line(actual, at));
            if (left != right)
            {
                lines.Add($"{at,5}: expected {left,-16} found {right}");
            }
        }

        Assert.Fail(string.Join('\n', lines));
    }

    private static string Line(ReadOnlySpan<byte> bytes, int at) =>
        at < bytes.Length ? Convert.ToHexStringLower(bytes.Slice(at, Math.Min(8, bytes.Length - at))) : "";
}
