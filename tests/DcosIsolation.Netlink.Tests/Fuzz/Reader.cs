namespace DcosIsolation.Netlink.Tests.Fuzz;

/// <summary>Reads bytes to their end and says in a word what they are, or throws.</summary>
internal delegate string Read(ReadOnlySpan<byte> bytes);

/// <summary>One way into the library for bytes that come from a kernel.</summary>
/// <param name="Name">What it is called in failures.</param>
/// <param name="Read">Reads.</param>
/// <param name="Documented">The exceptions that may come out.</param>
internal sealed record Reader(string Name, Read Read, params Type[] Documented)
{
    /// <summary>What came of the bytes, without what is the bytes' own: names and numbers.</summary>
    public string Outcome(ReadOnlySpan<byte> bytes)
    {
        try
        {
            return Read(bytes);
        }
        catch (NetlinkFormatException e) when (Documented.Contains(typeof(NetlinkFormatException)))
        {
            return string.Concat(e.Message.Where(c => !char.IsAsciiDigit(c)));
        }
        catch (Exception e) when (Documented.Contains(e.GetType()))
        {
            return e.GetType().Name;
        }
    }
}
