namespace DcosIsolation.Daemon.Commands;

/// <summary>The policy cannot be read, or is not valid; its diagnostics have been written.</summary>
internal sealed class InvalidPolicyException(string message) : Exception(message);
