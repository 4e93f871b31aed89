using System.Text;
using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The match <c>comment</c> (struct xt_comment_info): always true, a note for who reads the rules.</summary>
/// <param name="Comment">The text: at most 255 bytes of UTF-8, without NUL.</param>
public sealed record CommentMatch(string Comment) : XtablesMatch
{
    internal override unsafe Extension Extension(NetfilterFamily family) => new("comment", 0, sizeof(xt_comment_info));

    internal override void Write(Span<byte> data)
    {
        if (Encoding.UTF8.GetByteCount(Comment) >= xt_comment.XT_MAX_COMMENT_LEN || Comment.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"a comment is at most {xt_comment.XT_MAX_COMMENT_LEN - 1} bytes of UTF-8, without NUL");
        }

        Encoding.UTF8.GetBytes(Comment, data);
    }

    internal static CommentMatch? TryRead(ReadOnlySpan<byte> data)
    {
        int length = data.IndexOf((byte)0);
        return length is < 0 or >= xt_comment.XT_MAX_COMMENT_LEN ? null : new(Encoding.UTF8.GetString(data[..length]));
    }

    /// <summary>The match as iptables-save prints it.</summary>
    public override string ToString() => $"-m comment --comment \"{Comment.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
