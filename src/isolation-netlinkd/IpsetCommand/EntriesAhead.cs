using System.Text;

namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>Counts the lines that add to a set further down in a file, without reading on in it.</summary>
internal static class EntriesAhead
{
    /// <summary>How many lines from <paramref name="offset"/> on, one after the other, add to <paramref name="set"/>, all spelt alike.</summary>
    public static int Count(FileStream file, long offset, string set)
    {
        byte[] buffer = new byte[256 * 1024];
        byte[]? start = null;
        int count = 0, kept = 0;
        while (true)
        {
            int read = RandomAccess.Read(file.SafeFileHandle, buffer.AsSpan(kept), offset);
            offset += read;
            ReadOnlySpan<byte> rest = buffer.AsSpan(0, kept + read);
            int length;
            while ((length = rest.IndexOf((byte)'\n') + 1) > 0)
            {
                start ??= StartOfEntry(rest[..length], set);
                if (start is null || !rest.StartsWith(start))
                {
                    return count;
                }

                count++;
                rest = rest[length..];
            }

            if (read == 0 || rest.Length == buffer.Length)
            {
                return count;
            }

            kept = rest.Length;
            rest.CopyTo(buffer);
        }
    }

    // How a line begins that adds to the set: up to the blank behind the set's name; null if it does not.
    private static byte[]? StartOfEntry(ReadOnlySpan<byte> line, string set)
    {
        int verb = line.IndexOf((byte)' ');
        int name = verb < 0 ? -1 : line[(verb + 1)..].IndexOf((byte)' ');
        return name >= 0
            && IpsetVerbs.Match(line[..verb]) == IpsetVerb.Add
            && line.Slice(verb + 1, name).SequenceEqual(Encoding.UTF8.GetBytes(set))
            ? line[..(verb + name + 2)].ToArray()
            : null;
    }
}
