namespace DcosIsolation.Policy;

/// <summary>A switch that is undone unless it is confirmed in time, and what it takes to undo it.</summary>
/// <param name="Id">What makes this one no other's.</param>
/// <param name="Boot">The boot of the machine in which it was made: no other holds what is to be undone.</param>
/// <param name="NetworkNamespace">What tells the network namespace from others that had its number before, or 0 where the kernel has no such thing.</param>
/// <param name="Deadline">When it is undone, since that boot.</param>
/// <param name="Before">What was in force before.</param>
public sealed record PendingSwitch(Guid Id, Guid Boot, ulong NetworkNamespace, TimeSpan Deadline, DesiredState Before);
