namespace DcosIsolation.Policy;

/// <summary>A valid policy that cannot be told to the kernel; the message says what stands in the way and where the file says it.</summary>
public sealed class PolicyCompilationException : Exception
{
    /// <summary>Makes the exception without a message.</summary>
    public PolicyCompilationException()
    {
    }

    /// <summary>Makes the exception.</summary>
    public PolicyCompilationException(string message)
        : base(message)
    {
    }

    /// <summary>Makes the exception.</summary>
    public PolicyCompilationException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    internal PolicyCompilationException(SourceLocation location, string message)
        : base($"{location}: {message}") => Location = location;

    /// <summary>Where the file says what cannot be compiled.</summary>
    public SourceLocation? Location { get; }
}
