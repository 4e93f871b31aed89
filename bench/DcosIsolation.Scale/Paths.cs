namespace DcosIsolation.Scale;

/// <summary>Where the programs that are measured lie, and where files may be written that are gone afterwards.</summary>
internal sealed record Paths(string Root, string Work)
{
    public string Isolation => Path.Combine(Root, "artifacts/isolation-netlinkd");

    public string Floor => Path.Combine(Root, "native-tests/build/floor");

    public string Stopwatch => Path.Combine(Root, "native-tests/build/stopwatch");

    /// <summary>The file of that name in the work directory.</summary>
    public string File(string name) => Path.Combine(Work, name);
}
