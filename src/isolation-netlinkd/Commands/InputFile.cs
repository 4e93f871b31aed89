using System.Text;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Commands;

/// <summary>Opens files, and says in a few words why one cannot be read; the caller names the file.</summary>
internal static class InputFile
{
    /// <summary>Opens a file, for one reading in large pieces from its beginning to its end.</summary>
    /// <exception cref="IOException">The file cannot be opened; the message is the reason alone, for behind the path.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            RefuseWhatIsNoFile(path);
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
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

    /// <summary>
    /// Reads a text file, UTF-8: all of it, or somewhat more than the given number of characters. A byte order mark is one, too.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read; the message is the reason alone, for behind the path.</exception>
    public static string ReadBeyond(int length, string path)
    {
        using StreamReader reader = new(
            Open(path), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
        StringBuilder text = new();
        char[] buffer = new char[65536];
        try
        {
            for (int read = -1; read != 0 && text.Length <= length + 1; text.Append(buffer, 0, read))
            {
                read = reader.Read(buffer);
            }
        }
        catch (DecoderFallbackException e)
        {
            throw new IOException("it is not UTF-8 text", e);
        }

        return text.ToString();
    }

    // To open a pipe waits for who writes into it, to open a device may do anything, and neither need ever end.
    private static unsafe void RefuseWhatIsNoFile(string path)
    {
        stat status;
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            // What has no status cannot be opened either, and that says why.
            if (stat(name, &status) != 0)
            {
                return;
            }
        }

        if ((status.st_mode & S_IFMT) != S_IFREG)
        {
            throw new IOException((status.st_mode & S_IFMT) == S_IFDIR ? "it is a directory" : "it is not a regular file");
        }
    }
}
