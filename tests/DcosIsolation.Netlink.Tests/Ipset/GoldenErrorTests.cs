using DcosIsolation.Netlink.Interop;
using DcosIsolation.Netlink.Ipset;
using DcosIsolation.Netlink.Sockets;
using DcosIsolation.Netlink.Tests.Golden;
using Xunit;

namespace DcosIsolation.Netlink.Tests.Ipset;

/// <summary>What the kernel's refusals become.</summary>
public sealed class GoldenErrorTests
{
    private const byte Create = IpsetConstants.IPSET_CMD_CREATE;
    private const byte Destroy = IpsetConstants.IPSET_CMD_DESTROY;
    private const byte Flush = IpsetConstants.IPSET_CMD_FLUSH;
    private const byte Rename = IpsetConstants.IPSET_CMD_RENAME;
    private const byte Swap = IpsetConstants.IPSET_CMD_SWAP;
    private const byte Add = IpsetConstants.IPSET_CMD_ADD;
    private const byte Delete = IpsetConstants.IPSET_CMD_DEL;
    private const byte Other = 0;

    [Theory]
    [InlineData("add-full", Add, false, IpsetError.HashFull, "the set is full (maxelem 7)")]
    [InlineData("add-net-inet-exists", Add, false, IpsetError.Exists, "the entry is there already")]
    [InlineData("add-net-port-net-inet6-exists", Add, false, IpsetError.Exists, "the entry is there already")]
    [InlineData("del-net-net-inet-missing", Delete, false, IpsetError.Exists, "the entry is not there")]
    [InlineData("add-missing", Add, false, IpsetError.None, "there is no set of that name")]
    [InlineData("add-hash-net-default-route", Add, false, IpsetError.InvalidPrefixLength,
        "the set type does not take this prefix length; for all addresses add two prefixes of length 1")]
    [InlineData("add-prefix-too-long", Add, false, IpsetError.InvalidPrefixLength,
        "the set type does not take this prefix length; for all addresses add two prefixes of length 1")]
    [InlineData("add-other-family", Add, false, IpsetError.Protocol,
        "the entry does not fit the set: it is of another family or type, or has an option that the set's revision lacks")]
    [InlineData("add-comment-without", Add, false, IpsetError.NoComments, "the set was created without comments")]
    [InlineData("add-timeout-without", Add, false, IpsetError.NoTimeouts, "the set was created without timeouts")]
    [InlineData("add-counters-without", Add, false, IpsetError.NoCounters, "the set was created without counters")]
    [InlineData("add-protocol-missing", Add, false, IpsetError.MissingProtocol, "a port needs a protocol")]
    [InlineData("add-protocol-zero", Add, false, IpsetError.InvalidProtocol, "the protocol is not valid")]
    [InlineData("add-list-missing-member", Add, true, IpsetError.MemberMissing, "the member is no existing set")]
    [InlineData("add-list-loop", Add, true, IpsetError.MemberIsList, "a list:set cannot be a member of a list:set")]
    [InlineData("add-list-exists", Add, true, IpsetError.Exists, "the entry is there already")]
    [InlineData("del-list-missing", Delete, true, IpsetError.Exists, "the entry is not there")]
    [InlineData("create-exists", Create, false, IpsetError.None, "a set of that name exists already")]
    [InlineData("create-exists-other", Create, false, IpsetError.None, "a set of that name exists already")]
    [InlineData("create-unknown-revision", Create, false, IpsetError.TypeNotFound,
        "the kernel has no such set type in this family and revision; load or build its module (ip_set_…)")]
    [InlineData("type-unknown", Other, false, IpsetError.TypeNotFound,
        "the kernel has no such set type in this family and revision; load or build its module (ip_set_…)")]
    [InlineData("destroy-missing", Destroy, false, IpsetError.None, "there is no set of that name")]
    [InlineData("destroy-referenced", Destroy, false, IpsetError.Busy, "a rule, a list or a dump uses it")]
    [InlineData("flush-missing", Flush, false, IpsetError.None, "there is no set of that name")]
    [InlineData("rename-missing", Rename, false, IpsetError.None, "there is no set of that name")]
    [InlineData("rename-exists", Rename, false, IpsetError.SecondName, "a set of the new name exists already")]
    [InlineData("rename-referenced", Rename, false, IpsetError.Referenced, "a rule or a list refers to it; remove that first")]
    [InlineData("swap-missing", Swap, false, IpsetError.SecondName, "there is no set of the second name")]
    [InlineData("swap-missing-first", Swap, false, IpsetError.None, "there is no set of that name")]
    [InlineData("swap-type-mismatch", Swap, false, IpsetError.TypeMismatch, "the two sets differ in type or family")]
    [InlineData("get-byname-missing", Other, false, IpsetError.None, "there is no set of that name")]
    [InlineData("error-protocol-5", Other, false, IpsetError.Protocol,
        "the kernel finds the request malformed, or its revision of the set type lacks an option")]
    [InlineData("error-no-protocol", Other, false, IpsetError.Protocol,
        "the kernel finds the request malformed, or its revision of the set type lacks an option")]
    [InlineData("error-name-too-long", Other, false, IpsetError.None, "the kernel does not accept the request (EINVAL)")]
    [InlineData("error-name-too-long-ext-ack", Other, false, IpsetError.None,
        "the kernel does not accept the request (EINVAL); the kernel says: Attribute failed policy validation (at byte 28 of the request)")]
    [InlineData("error-name-too-long-ext-ack-capped", Other, false, IpsetError.None,
        "the kernel does not accept the request (EINVAL); the kernel says: Attribute failed policy validation (at byte 28 of the request)")]
    public void A_refusal_is_decoded_for_the_type_of_the_set_and_put_into_words(
        string name, byte command, bool isList, IpsetError error, string reason)
    {
        NetlinkAnswer answer = GoldenAnswer.Of(GoldenFile.Load(name));
        var exception = new IpsetException(command, "do it", "s", answer, isList, capacity: 7);
        Assert.Equal((error, $"cannot do it: {reason}"), (exception.Error, exception.Message));
        Assert.Equal(error == IpsetError.Busy, exception.CanRetry);
    }

    [Fact]
    public void The_same_code_means_another_thing_to_a_list()
    {
        Assert.Equal(
            [
                (4352, IpsetError.HashFull, IpsetError.MemberMissing), (4353, IpsetError.NullEntry, IpsetError.MemberIsList),
                (4354, IpsetError.InvalidProtocol, IpsetError.ReferenceMissing),
                (4355, IpsetError.MissingProtocol, IpsetError.ReferenceMissing), (4356, IpsetError.Range, IpsetError.ListFull),
                (4357, IpsetError.Range, IpsetError.ReferenceMissing), (4358, IpsetError.None, IpsetError.None),
            ],
            Enumerable.Range(4352, 7).Select(code => (code, IpsetErrorText.Decode(code, false), IpsetErrorText.Decode(code, true))));
    }

    [Fact]
    public void Every_error_has_words_of_its_own()
    {
        IEnumerable<string> reasons = Enum.GetValues<IpsetError>()
            .Where(error => error != IpsetError.None).Select(error => IpsetErrorText.Reason(Other, 0, error));
        Assert.All(reasons, reason => Assert.DoesNotContain("error 0", reason, StringComparison.Ordinal));
        Assert.Equal("the kernel answered with error 4300", IpsetErrorText.Reason(Other, 4300, IpsetErrorText.Decode(4300, false)));
    }

    [Fact]
    public void The_failing_entry_of_a_batch_is_told_by_its_line()
    {
        uint line = 0;
        NetlinkAnswer answer = GoldenAnswer.Of(
            GoldenFile.Load("restore-entry-exists"), (ref message, ref _) => line = IpsetClient.FailedLine(message.Payload, message.Flags));
        Assert.Equal((IpsetErrors.IPSET_ERR_EXIST, 3u), (answer.Error, line));
    }

    [Theory]
    [InlineData("destroy-missing")]
    [InlineData("error-name-too-long-ext-ack")]
    [InlineData("error-name-too-long-ext-ack-capped")]
    public void A_refusal_without_lines_blames_no_entry(string name)
    {
        uint line = 1;
        GoldenAnswer.Of(GoldenFile.Load(name), (ref message, ref _) => line = IpsetClient.FailedLine(message.Payload, message.Flags));
        Assert.Equal(0u, line);
    }

    [Theory]
    [InlineData("restore-entry-exists")]
    [InlineData("add-full")]
    [InlineData("error-name-too-long-ext-ack")]
    [InlineData("error-name-too-long-ext-ack-capped")]
    [InlineData("add-prefix-too-long-ext-ack")]
    public void Whatever_is_cut_off_or_flipped_only_a_format_exception_comes_out(string name) =>
        Damage.Each(GoldenFile.Load(name).Datagrams[^1].Bytes[16..], payload =>
        {
            foreach (int flags in (int[])[0, NetlinkConstants.NLM_F_CAPPED, NetlinkConstants.NLM_F_ACK_TLVS,
                NetlinkConstants.NLM_F_CAPPED | NetlinkConstants.NLM_F_ACK_TLVS])
            {
                _ = NetlinkAnswer.FromError(payload, (ushort)flags);
                _ = IpsetClient.FailedLine(payload, (ushort)flags);
            }

        });
}
