using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Tmds.Linux;
using static Tmds.Linux.LibC;

namespace DcosIsolation.Daemon.Commands;

/// <summary>Opens files, and says in a few words why one cannot be read; the caller names the file.</summary>
internal static class InputFile
{
    private const int GroupOrOthersWrite = 0b010_010;
    private const int Sticky = 0x200;

    private const string Override = ", or run with --insecure-policy-file";

    /// <summary>Opens a file, for one reading in large pieces from its beginning to its end.</summary>
    /// <param name="path">The path.</param>
    /// <param name="trust">Whose file it may be.</param>
    /// <exception cref="IOException">The file cannot be opened; the message is the reason alone, for behind the path.</exception>
    public static FileStream Open(string path, FileTrust trust = FileTrust.Anyones)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new IOException("it is no path");
        }

        // To open a pipe waits for who writes into it, to open a device may do anything: first just take hold of what the name stands for.
        // What is then read is the same, whatever the name has come to mean.
        using SafeFileHandle found = OpenAt(path, O_PATH | (trust == FileTrust.Roots ? O_NOFOLLOW : 0));
        Check(found, trust);
        if (trust == FileTrust.Roots)
        {
            using SafeFileHandle directory = OpenAt(Path.GetDirectoryName(Path.GetFullPath(path))!, O_PATH | O_DIRECTORY);
            CheckDirectory(directory);
        }

        SafeFileHandle file = OpenAt($"/proc/self/fd/{found.DangerousGetHandle()}", O_RDONLY | O_NOCTTY);
        return new FileStream(file, FileAccess.Read, bufferSize: 0);
    }

    /// <summary>
    /// Reads a text file, UTF-8: all of it, or somewhat more than the given number of characters. A byte order mark is one, too.
    /// </summary>
    /// <exception cref="IOException">The file cannot be read; the message is the reason alone, for behind the path.</exception>
    public static string ReadBeyond(int length, string path, FileTrust trust)
    {
        using StreamReader reader = new(
            Open(path, trust), new UTF8Encoding(false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: false);
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

    private static unsafe SafeFileHandle OpenAt(string path, int flags)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
        {
            int file = open(name, flags | O_CLOEXEC);
            return file >= 0 ? new SafeFileHandle(file, ownsHandle: true) : throw new IOException(Reason(errno));
        }
    }

    private static unsafe void Check(SafeFileHandle file, FileTrust trust)
    {
        stat status;
        if (fstat((int)file.DangerousGetHandle(), &status) != 0)
        {
            throw new IOException(Reason(errno));
        }

        mode_t kind = status.st_mode & S_IFMT;
        if (kind == S_IFLNK)
        {
            throw new IOException("it is a symbolic link, which could come to point at another file; give the path of the file itself"
                + Override);
        }

        if (kind != S_IFREG)
        {
            throw new IOException(kind == S_IFDIR ? "it is a directory" : "it is not a regular file");
        }

        if (trust == FileTrust.Roots && ((uint)status.st_uid != 0 || ((int)status.st_mode & GroupOrOthersWrite) != 0))
        {
            throw new IOException($"it belongs to user {(uint)status.st_uid} and has mode {Convert.ToString((int)status.st_mode & 0xfff, 8)}, and only "
                + $"root may be able to change it: chown root, chmod go-w{Override}");
        }
    }

    // Whoever may write a directory can put another of root's files in this one's place, unless it is sticky, as /tmp is.
    private static unsafe void CheckDirectory(SafeFileHandle directory)
    {
        stat status;
        if (fstat((int)directory.DangerousGetHandle(), &status) != 0)
        {
            throw new IOException(Reason(errno));
        }

        int mode = (int)status.st_mode & 0xfff;
        if ((uint)status.st_uid != 0 || ((mode & GroupOrOthersWrite) != 0 && (mode & Sticky) == 0))
        {
            throw new IOException($"its directory belongs to user {(uint)status.st_uid} and has mode {Convert.ToString(mode, 8)}, and only root may be able "
                + $"to put another file in its place: chown root, chmod go-w{Override}");
        }
    }

    private static string Reason(int error) =>
        error == ENOENT || error == ENOTDIR ? "there is no such file"
        : error == EACCES || error == EPERM ? "the process may not read it"
        : error == ENAMETOOLONG ? "it is no path: a name is too long"
        : error == ELOOP ? "its symbolic links lead nowhere"
        : $"{Marshal.GetPInvokeErrorMessage(error)} (errno {error})";
}

/// <summary>Whose file may be read.</summary>
internal enum FileTrust
{
    /// <summary>Any, through any link: who runs the command answers for it.</summary>
    Anyones,

    /// <summary>A file that belongs to root, that only root can write, and whose name is no symbolic link.</summary>
    Roots,
}
