using Xunit;

namespace DcosIsolation.Netlink.Tests.Interop;

/// <summary>Every struct and constant of the interop namespace against the kernel's headers.</summary>
public sealed class LayoutTests(LayoutProgram program) : IClassFixture<LayoutProgram>
{
    private static readonly string[] s_managed =
    [
        .. LayoutLines.Of(LayoutLines.TypesIn(typeof(NetfilterFamily).Assembly, "DcosIsolation.Netlink.Interop")),
    ];

    [Fact]
    public void Every_managed_struct_field_and_constant_is_what_the_headers_say()
    {
        ILookup<string, string> native = program.Lines.ToLookup(NameOf);
        string[] wrong =
        [
            .. s_managed.Except(program.Lines)
                .Select(line => $"{line}  (headers: {native[NameOf(line)].FirstOrDefault() ?? "layout.c prints no such line"})"),
        ];
        Assert.True(wrong.Length == 0, $"managed types that the headers contradict or layout.c leaves out:\n{string.Join('\n', wrong)}");
    }

    [Fact]
    public void Layout_c_prints_nothing_that_no_managed_type_uses()
    {
        string[] unused = [.. program.Lines.ExceptBy(s_managed.Select(NameOf), NameOf)];
        Assert.True(unused.Length == 0, $"lines of native-tests/layout.c that can go:\n{string.Join('\n', unused)}");
    }

    [Fact]
    public void Layout_c_says_nothing_twice() => Assert.Equal(program.Lines, program.Lines.DistinctBy(NameOf));

    /// <summary>The line without its numbers.</summary>
    private static string NameOf(string line) => string.Join(' ', line.Split(' ')[..2]);
}
