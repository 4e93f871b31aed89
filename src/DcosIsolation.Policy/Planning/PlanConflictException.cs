using System.Collections.Immutable;

namespace DcosIsolation.Policy;

/// <summary>
/// The kernel holds something that a plan cannot work around without touching what is not the project's. Nothing was written.
/// </summary>
public sealed class PlanConflictException : Exception
{
    /// <summary>Makes the exception without a conflict.</summary>
    public PlanConflictException()
    {
    }

    /// <summary>Makes the exception with one conflict.</summary>
    public PlanConflictException(string message)
        : base(message) => Conflicts = [message];

    /// <summary>Makes the exception with one conflict.</summary>
    public PlanConflictException(string message, Exception innerException)
        : base(message, innerException) => Conflicts = [message];

    internal PlanConflictException(ImmutableArray<string> conflicts)
        : base(string.Join('\n', conflicts)) => Conflicts = conflicts;

    /// <summary>Each says what is in the way, why, and what to do.</summary>
    public ImmutableArray<string> Conflicts { get; } = [];
}
