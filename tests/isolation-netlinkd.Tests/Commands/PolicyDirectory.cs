using System.Diagnostics;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>A directory for policy files, gone after <see cref="Dispose"/>.</summary>
internal sealed class PolicyDirectory : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("policies");

    public string Path => _directory.FullName;

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string text, string name = "policy.yaml")
    {
        string path = PathOf(name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Makes a named pipe and returns its path.</summary>
    public string Pipe(string name)
    {
        using Process made = Process.Start("mkfifo", [PathOf(name)]);
        made.WaitForExit();
        return PathOf(name);
    }

    public string PathOf(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _directory.Delete(recursive: true);
}
