using System.Security.Cryptography;
using System.Text;

namespace DcosIsolation.Policy;

/// <summary>The digest by which nodes agree that they have the same policy. Stateless; safe to call from any thread.</summary>
public static class PolicyDigest
{
    // In characters. A policy may have millions of lines.
    private const int BufferSize = 16 * 1024;

    /// <summary>SHA-256 over <see cref="CanonicalPolicy"/> in UTF-8, as 64 lower-case hexadecimal digits.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="policy"/> is null.</exception>
    public static string Compute(IsolationPolicy policy)
    {
        using SHA256 hash = SHA256.Create();
        using (CryptoStream stream = new(Stream.Null, hash, CryptoStreamMode.Write))
        using (StreamWriter writer = new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), BufferSize))
        {
            CanonicalPolicy.Write(policy, writer);
        }

        return Convert.ToHexStringLower(hash.Hash!);
    }
}
