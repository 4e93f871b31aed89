namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>The file that <c>-file</c> names.</summary>
internal static class IpsetFile
{
    /// <summary>Opens it.</summary>
    /// <param name="path">Where it is.</param>
    /// <param name="mode">Open to read it, Create to write it.</param>
    /// <exception cref="IpsetFailure">It cannot be opened.</exception>
    public static FileStream Open(string path, FileMode mode)
    {
        bool isRead = mode == FileMode.Open;
        try
        {
            return new FileStream(path, mode, isRead ? FileAccess.Read : FileAccess.Write, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new IpsetFailure($"Cannot open {path} for {(isRead ? "reading" : "writing")}: {e.Message}", IpsetFailure.File);
        }
    }
}
