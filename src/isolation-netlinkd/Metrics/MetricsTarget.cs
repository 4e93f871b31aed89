using System.Net;

namespace DcosIsolation.Daemon.Metrics;

/// <summary>Where metrics go: exactly one of the three is given.</summary>
/// <param name="File">A file for node_exporter's textfile collector.</param>
/// <param name="Socket">The path of a Unix socket.</param>
/// <param name="Address">An address of this machine alone.</param>
internal sealed record MetricsTarget(string? File, string? Socket, IPEndPoint? Address)
{
    private const string SocketPrefix = "unix:";

    /// <summary>Reads what <c>--metrics</c> was given.</summary>
    /// <param name="text">What it was given.</param>
    /// <param name="mistake">What is wrong with it, or null.</param>
    public static MetricsTarget? Parse(string text, out string? mistake)
    {
        mistake = null;
        if (text.StartsWith(SocketPrefix, StringComparison.Ordinal) && text.Length > SocketPrefix.Length)
        {
            return new MetricsTarget(null, text[SocketPrefix.Length..], null);
        }

        if (text.Contains('/', StringComparison.Ordinal))
        {
            return new MetricsTarget(text, null, null);
        }

        if (!IPEndPoint.TryParse(text, out IPEndPoint? address) || address.Port == 0)
        {
            mistake = $"Option '--metrics' takes a file such as /var/lib/node_exporter/isolation.prom, unix:PATH, 127.0.0.1:PORT or [::1]:PORT, not '{text}'.";
            return null;
        }

        if (!IPAddress.IsLoopback(address.Address) || address.Address.IsIPv4MappedToIPv6)
        {
            mistake = $"Option '--metrics' serves this machine alone: 127.0.0.1:{address.Port} or [::1]:{address.Port}, not '{text}'.";
            return null;
        }

        return new MetricsTarget(null, null, address);
    }
}
