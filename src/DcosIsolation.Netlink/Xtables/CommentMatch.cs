using DcosIsolation.Netlink.Interop;

namespace DcosIsolation.Netlink.Xtables;

/// <summary>The match <c>comment</c> (struct xt_comment_info): always true, a note for who reads the rules.</summary>
/// <param name="Comment">The text: at most 255 bytes of UTF-8, without NUL.</param>
public sealed record CommentMatch(string Comment) : XtablesMatch
{
    internal override unsafe Extension Extension(NetfilterFamily family) => new("comment", 0, sizeof(xt_comment_info));

    internal override void Write(Span<byte> data) => SavedText.Write(Comment, data[..xt_comment.XT_MAX_COMMENT_LEN], "a comment");

    internal static CommentMatch? TryRead(ReadOnlySpan<byte> data) =>
        data.Length >= xt_comment.XT_MAX_COMMENT_LEN && SavedText.TryRead(data[..xt_comment.XT_MAX_COMMENT_LEN]) is { } text
            ? new(text)
            : null;

    /// <summary>The match as iptables-save prints it.</summary>
    public override string ToString() => $"-m comment --comment \"{Comment.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
