using System.Globalization;

namespace DcosIsolation.Daemon.Commands;

/// <summary>A time as users write it: <c>90</c>, <c>90s</c>, <c>5m</c>, <c>2h</c>.</summary>
internal static class Duration
{
    /// <summary>Null for anything else, for none at all, and for more than a day.</summary>
    public static TimeSpan? Parse(string text)
    {
        (string number, int seconds) = text switch
        {
            [.. var front, 's'] => (front, 1),
            [.. var front, 'm'] => (front, 60),
            [.. var front, 'h'] => (front, 3600),
            _ => (text, 1),
        };
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count > 0 && count <= 86400 / seconds
            ? TimeSpan.FromSeconds((long)count * seconds)
            : null;
    }
}
