using System.Text;

namespace DcosIsolation.Daemon.Tests.Commands;

/// <summary>What /dev/full is to a process.</summary>
internal sealed class FullWriter : TextWriter
{
    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => throw new IOException("No space left on device");
}
