namespace DcosIsolation.Daemon.Commands;

/// <summary>Opens files, and says in a few words why one cannot be read; the caller names the file.</summary>
internal static class InputFile
{
    /// <summary>Opens a text file.</summary>
    /// <exception cref="IOException">The file cannot be opened; the message is the reason alone, for behind the path.</exception>
    public static StreamReader Open(string path)
    {
        try
        {
            return Directory.Exists(path) ? throw new IOException("it is a directory") : File.OpenText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new IOException("there is no such file", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new IOException("the process may not read it", e);
        }
        catch (ArgumentException e)
        {
            throw new IOException("it is no path", e);
        }
    }
}
