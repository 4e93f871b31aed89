using System.Text;
using Microsoft.Win32.SafeHandles;

namespace DcosIsolation.Daemon.Commands;

/// <summary>The standard streams, which whoever starts the program may have closed.</summary>
internal static class StandardStream
{
    /// <summary>Standard output; if it is closed, one that fails at the first write.</summary>
    public static TextWriter Output => IfOpen(() => Console.Out) ?? new Closed();

    /// <summary>Standard error; if it is closed, <see cref="TextWriter.Null"/>.</summary>
    public static TextWriter Error => IfOpen(() => Console.Error) ?? TextWriter.Null;

    /// <summary>Standard output as bytes, for what is printed by the megabyte; if it is closed, one that fails at the first write.</summary>
    public static Stream Bytes => IfOpen(Console.OpenStandardOutput) ?? new ClosedBytes();

    /// <summary>Standard input; a file that can be read anywhere, if it is one.</summary>
    /// <exception cref="IOException">It is closed.</exception>
    public static Stream Input()
    {
        try
        {
            return new FileStream(new SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is ArgumentException or UnauthorizedAccessException)
        {
            throw new IOException($"standard input cannot be read: {e.Message}", e);
        }
    }

    private static T? IfOpen<T>(Func<T> stream)
        where T : class
    {
        try
        {
            return stream();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private sealed class Closed : TextWriter
    {
        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => throw Failure();
    }

    private sealed class ClosedBytes : MemoryStream
    {
        public override void Write(byte[] buffer, int offset, int count) => throw Failure();

        public override void Write(ReadOnlySpan<byte> buffer) => throw Failure();
    }

    private static IOException Failure() => new("standard output is closed");
}
