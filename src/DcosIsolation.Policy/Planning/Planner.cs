namespace DcosIsolation.Policy;

/// <summary>Works out how the kernel comes from what it holds to what is desired. Pure; thread-safe.</summary>
public static class Planner
{
    /// <summary>
    /// Plans the way to a desired state. Sets whose entries are right stay; others are changed in place or exchanged where no packet can get
    /// a wrong verdict from that, and built beside what is in force where one could; a table changes only when its rules do; leftovers of an
    /// interrupted switch go away; what someone else made is not touched.
    /// </summary>
    /// <exception cref="PlanConflictException">What others made stands in the way.</exception>
    public static Plan Plan(DesiredState desired, LiveState live) => Plan(desired, live, new InPlaceLimits());

    internal static Plan Plan(DesiredState desired, LiveState live, InPlaceLimits limits)
    {
        ArgumentNullException.ThrowIfNull(desired);
        ArgumentNullException.ThrowIfNull(live);
        return new PlanBuilder(desired, live, limits).Build();
    }

    /// <summary>Plans the removal of every object that the project owns.</summary>
    /// <exception cref="PlanConflictException">Someone else's rule jumps to the chain.</exception>
    public static Plan PlanRemoval(LiveState live) => Plan(new DesiredState("", []), live);
}
