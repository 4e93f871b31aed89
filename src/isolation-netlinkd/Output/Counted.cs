namespace DcosIsolation.Daemon.Output;

/// <summary>Numbers of things in words that agree.</summary>
internal static class Counted
{
    /// <summary><c>1 set</c>, <c>2 sets</c>; the plural where it takes more than an s.</summary>
    public static string Text(long count, string one, string? many = null) => $"{count} {(count == 1 ? one : many ?? one + "s")}";
}
