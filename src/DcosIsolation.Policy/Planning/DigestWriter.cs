using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>
/// Feeds values to a SHA-256 in a form that no two sequences of values share: texts carry their length, entries their number.
/// </summary>
internal sealed class DigestWriter : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _filled;

    public void WriteSet(string logicalName, string typeName, SetSpec? content)
    {
        WriteText($"set {logicalName} {typeName}");
        WriteNumber(content is null ? -1 : (int)content.Family);
        WriteNumber(content?.Count ?? -1);
        switch (content)
        {
            case NetSet set:
                foreach (Prefix entry in set.Entries)
                {
                    WritePrefix(entry);
                }

                break;
            case NetNetSet set:
                foreach (NetNetEntry entry in set.Entries)
                {
                    WritePrefix(entry.Source);
                    WritePrefix(entry.Destination);
                }

                break;
            case NetPortNetSet set:
                foreach (NetPortNetEntry entry in set.Entries)
                {
                    WritePrefix(entry.Source);
                    WriteNumber(((int)entry.Protocol << 16) | entry.Port);
                    WritePrefix(entry.Destination);
                }

                break;
            case ListSet set:
                foreach (ListEntry entry in set.Entries)
                {
                    WriteText((entry with { Set = KernelNames.LogicalOf(entry.Set) }).ToString());
                }

                break;
        }
    }

    public void WriteText(string text)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        WriteNumber(bytes.Length);
        Flush();
        _hash.AppendData(bytes);
    }

    public void WriteNumber(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(4), value);

    public string Finish()
    {
        Flush();
        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void WritePrefix(Prefix prefix)
    {
        Span<byte> bytes = Take(17);
        bytes[0] = prefix.Length;
        BinaryPrimitives.WriteUInt128BigEndian(bytes[1..], prefix.Bits);
    }

    private Span<byte> Take(int count)
    {
        if (_buffer.Length - _filled < count)
        {
            Flush();
        }

        _filled += count;
        return _buffer.AsSpan(_filled - count, count);
    }

    private void Flush()
    {
        _hash.AppendData(_buffer.AsSpan(0, _filled));
        _filled = 0;
    }
}
