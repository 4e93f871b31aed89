using Microsoft.Extensions.Logging;

namespace DcosIsolation.Daemon.Metrics;

/// <summary>Where the daemon's metrics and the library's go. Without a target nobody listens, and next to nothing is counted.</summary>
internal sealed partial class MetricsOutputs : IDisposable
{
    private readonly PrometheusText? _text;
    private readonly List<string> _files = [];
    private readonly List<MetricsServer> _servers = [];
    private readonly ILogger _logger;

    /// <summary>Begins to listen to the meters, and to serve what they say.</summary>
    /// <exception cref="IOException">A socket cannot be had.</exception>
    public MetricsOutputs(IReadOnlyList<MetricsTarget> targets, ILogger logger)
    {
        _logger = logger;
        if (targets.Count == 0)
        {
            return;
        }

        _text = new PrometheusText(DaemonMetrics.MeterName, Netlink.NetfilterMetrics.MeterName);
        try
        {
            foreach (MetricsTarget target in targets)
            {
                if (target.File is { } file)
                {
                    _files.Add(file);
                }
                else
                {
                    _servers.Add(target.Socket is { } socket
                        ? MetricsServer.Start(socket, _text.ToString)
                        : MetricsServer.Start(target.Address!, _text.ToString));
                }
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Writes the files anew; that this fails is logged, and no reason not to go on.</summary>
    public void Write()
    {
        foreach (string file in _files)
        {
            try
            {
                MetricsFile.Write(file, _text!.ToString());
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                LogFailed(file, e.Message);
            }
        }
    }

    public void Dispose()
    {
        foreach (MetricsServer server in _servers)
        {
            server.Dispose();
        }

        _text?.Dispose();
    }

    [LoggerMessage(EventId = 34, Level = LogLevel.Warning, Message = "the metrics file {Path} could not be written: {Reason}")]
    private partial void LogFailed(string path, string reason);
}
