namespace DcosIsolation.Daemon.Commands;

/// <summary>The command line cannot be understood.</summary>
internal sealed class UsageException(IEnumerable<string> mistakes) : Exception(string.Join("; ", mistakes))
{
    public string[] Mistakes { get; } = [.. mistakes];
}
