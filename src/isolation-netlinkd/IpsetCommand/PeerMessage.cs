namespace DcosIsolation.Daemon.IpsetCommand;

/// <summary>
/// How full the message is in which the ipset program would gather the lines of a restore. It sends a message when the page is full, and
/// what it holds back when it meets a line that it does not understand is never sent: to leave behind what ipset leaves behind, one must
/// know where its messages end.
/// </summary>
internal struct PeerMessage
{
    private const int Header = 4;
    private const int Word = Header + 4;

    // nlmsghdr, nfgenmsg, IPSET_ATTR_PROTOCOL, IPSET_ATTR_LINENO, the header of IPSET_ATTR_ADT.
    private const int Frame = 16 + 4 + Word + Word + Header;

    // ipset leaves room for the nlmsgerr of an answer.
    private const int Reserve = 20;

    private int _length;

    /// <summary>Puts a line into the message.</summary>
    /// <returns>Whether it is the first of a new message: all before it are sent.</returns>
    public bool Add(KnownSet set, PeerLength line)
    {
        bool isNew = _length == 0 || _length + line.Needed + Reserve > Environment.SystemPageSize;
        _length = (isNew ? Frame + PeerLength.OfText(set.NameUtf8.Length) : _length) + line.Length;
        return isNew;
    }

    /// <summary>The message is sent.</summary>
    public void Clear() => _length = 0;
}
