using System.Security.Cryptography;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>The digest by which nodes agree that they have the same policy. Stateless; safe to call from any thread.</summary>
public static class PolicyDigest
{
    // In bytes. A policy may have millions of lines.
    private const int BufferSize = 64 * 1024;

    // Of a character; the text is ASCII.
    private const int MaxUtf8Length = 3;

    /// <summary>SHA-256 over <see cref="CanonicalPolicy"/> in UTF-8, as 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> is null.</exception>
    public static string Compute(IsolationPolicy policy)
    {
        using var writer = new HashWriter();
        CanonicalPolicy.Write(policy, writer);
        return writer.Digest();
    }

    /// <summary>Hashes text as it comes: what the framework's writers and streams do between costs as much as the hash.</summary>
    private sealed class HashWriter : TextWriter
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly byte[] _bytes = new byte[BufferSize];
        private int _length;

        public override Encoding Encoding => Encoding.UTF8;

        public override void Write(char value) => Write(new ReadOnlySpan<char>(in value));

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(ReadOnlySpan<char> text)
        {
            while (!text.IsEmpty)
            {
                if (BufferSize - _length < MaxUtf8Length)
                {
                    Append();
                }

                ReadOnlySpan<char> part = text[..Math.Min(text.Length, (BufferSize - _length) / MaxUtf8Length)];
                _length += Encoding.UTF8.GetBytes(part, _bytes.AsSpan(_length));
                text = text[part.Length..];
            }
        }

        public string Digest()
        {
            Append();
            return Convert.ToHexStringLower(_hash.GetHashAndReset());
        }

        protected override void Dispose(bool disposing)
        {
            _hash.Dispose();
            base.Dispose(disposing);
        }

        private void Append()
        {
            _hash.AppendData(_bytes, 0, _length);
            _length = 0;
        }
    }
}
