using System.Text;

namespace DcosIsolation.Daemon.Commands;

/// <summary>Standard output and error, which whoever starts the program may have closed.</summary>
internal static class StandardStream
{
    /// <summary>Standard output; if it is closed, one that fails at the first write.</summary>
    public static TextWriter Output => IfOpen(() => Console.Out) ?? new Closed();

    /// <summary>Standard error; if it is closed, <see cref="TextWriter.Null"/>.</summary>
    public static TextWriter Error => IfOpen(() => Console.Error) ?? TextWriter.Null;

    private static TextWriter? IfOpen(Func<TextWriter> stream)
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

        public override void Write(char value) => throw new IOException("standard output is closed");
    }
}
