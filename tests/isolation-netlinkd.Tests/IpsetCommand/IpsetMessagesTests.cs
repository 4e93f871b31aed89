using DcosIsolation.Daemon.IpsetCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public class IpsetMessagesTests
{
    [Theory]
    [InlineData(IpsetVerb.List, 2, false, "The set with the given name does not exist")]
    [InlineData(IpsetVerb.Create, 17, false, "Set cannot be created: set with the same name already exists")]
    [InlineData(IpsetVerb.Destroy, 4100, false, "Set cannot be destroyed: it is in use by a kernel component")]
    [InlineData(IpsetVerb.Rename, 4101, false, "Set cannot be renamed: a set with the new name already exists")]
    [InlineData(IpsetVerb.Swap, 4101, false, "Sets cannot be swapped: the second set does not exist")]
    [InlineData(IpsetVerb.Rename, 4108, false, "Set cannot be renamed: it is in use by another system")]
    [InlineData(IpsetVerb.Add, 4103, false, "Element cannot be added to the set: it's already added")]
    [InlineData(IpsetVerb.Delete, 4103, true, "Element cannot be deleted from the set: it's not added")]
    [InlineData(IpsetVerb.Add, 4352, false, "Hash is full, cannot add more elements")]
    [InlineData(IpsetVerb.Add, 4352, true, "Set to be added/deleted/tested as element does not exist.")]
    [InlineData(IpsetVerb.Add, 4114, true, "Skbinfo mapping cannot be used: set was created without skbinfo support")]
    [InlineData(IpsetVerb.List, 1, false, "Kernel error received: Operation not permitted")]
    [InlineData(IpsetVerb.Add, 17, false, "Kernel error received: File exists")]
    [InlineData(IpsetVerb.Flush, 4100, false, "Undecoded error 4100 received from kernel")]
    [InlineData(IpsetVerb.Add, 4400, true, "Undecoded error 4400 received from kernel")]
    internal void An_error_reads_as_the_program_says_it(IpsetVerb verb, int error, bool isList, string expected) =>
        Assert.Equal(expected, IpsetMessages.For(verb, error, isList));
}
