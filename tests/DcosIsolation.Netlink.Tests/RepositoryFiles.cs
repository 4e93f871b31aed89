namespace DcosIsolation.Netlink.Tests;

/// <summary>Where the repository is that the tests were built from.</summary>
internal static class RepositoryFiles
{
    /// <summary>The directory of the solution file, found by walking up from the test assembly.</summary>
    public static string Root { get; } = FindRoot();

    private static string FindRoot()
    {
        for (DirectoryInfo? directory = new(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "DcosIsolation.Netlink.sln")))
            {
                return directory.FullName;
            }
        }

        throw new DirectoryNotFoundException($"no DcosIsolation.Netlink.sln above {AppContext.BaseDirectory}");
    }
}
