namespace DcosIsolation.Policy;

/// <summary>Bytes are no pending switch; the message says why, for behind the name of the file.</summary>
public sealed class PendingFormatException(string message) : FormatException(message);
