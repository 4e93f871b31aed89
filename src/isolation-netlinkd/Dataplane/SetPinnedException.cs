namespace DcosIsolation.Daemon.Dataplane;

/// <summary>A set cannot be exchanged while somebody's dump of it is not read to its end. Nothing was changed.</summary>
internal sealed class SetPinnedException(string message, Exception innerException) : InvalidOperationException(message, innerException);
