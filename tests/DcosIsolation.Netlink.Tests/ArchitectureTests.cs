using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using Xunit;

namespace DcosIsolation.Netlink.Tests;

/// <summary>Imports point one way: between the assemblies, and inside the library between its namespaces.</summary>
public sealed class ArchitectureTests
{
    private const string Library = "DcosIsolation.Netlink";

    // What each namespace of the library may name besides itself and the root, whose types are for all.
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["Interop"] = [],
        ["Wire"] = ["Interop"],
        ["Sockets"] = ["Wire", "Interop"],
        ["Ipset"] = ["Sockets", "Wire", "Interop"],
        ["Xtables"] = ["Interop"],
        [""] = [],
    };

    [Fact]
    public void Inside_the_library_imports_point_one_way()
    {
        string[] files =
        [
            .. Directory.EnumerateFiles(Source(Library), "*.cs", SearchOption.AllDirectories)
                .Where(path => !Path.GetRelativePath(Source(Library), path).StartsWith("obj", StringComparison.Ordinal)),
        ];
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Equal([], Violations(Path.GetRelativePath(Source(Library), file), File.ReadAllText(file))));
    }

    [Theory]
    [InlineData("Wire/A.cs", "using DcosIsolation.Netlink.Sockets;", "Sockets")]
    [InlineData("Wire/A.cs", "using static DcosIsolation.Netlink.Ipset.IpsetName;", "Ipset")]
    [InlineData("Sockets/A.cs", "class A { Ipset.IpsetClient _c; }", "Ipset")]
    [InlineData("Xtables/A.cs", "using Alias = DcosIsolation.Netlink.Sockets.NetlinkSocket;", "Sockets")]
    [InlineData("Xtables/Text/A.cs", "class A { Ipset.IpsetClient _c; }", "Ipset")]
    [InlineData("Ipset/A.cs", "class A { object _o = new Xtables.XtablesTable(); }", "Xtables")]
    [InlineData("A.cs", "/// <see cref=\"Wire.NetlinkMessageReader\"/>", "Wire")]
    [InlineData("Interop/A.cs", "namespace DcosIsolation.Netlink.Wire;", "Wire")]
    [InlineData("Ipset/A.cs", "using DcosIsolation.Netlink.Wire; class A { Interop.nlattr _a; }")]
    [InlineData("Ipset/A.cs", "// Xtables is another room; DcosIsolation.Netlink.Xtables too.")]
    public void A_violation_is_found(string file, string text, params string[] found) => Assert.Equal(found, Violations(file, text));

    [Fact]
    public void The_policy_knows_no_kernel_and_no_files()
    {
        string policy = Assembly("DcosIsolation.Policy");
        Assert.DoesNotContain(References(policy), name => name is Library or "Tmds.LibC" or "isolation-netlinkd");
        Assert.DoesNotContain(Types(policy), IsFileOrProcess);
        Assert.Equal(0, NativeLibraries(policy));

        // That these are found where they are.
        Assert.Contains(Types(Assembly("isolation-netlinkd")), IsFileOrProcess);
        Assert.NotEqual(0, NativeLibraries(Assembly(Library)));
    }

    [Fact]
    public void The_library_knows_no_policy() =>
        Assert.DoesNotContain(References(Assembly(Library)), name => name is "DcosIsolation.Policy" or "isolation-netlinkd");

    private static bool IsFileOrProcess(string type) => type is "System.IO.File" or "System.IO.Directory" or "System.IO.FileStream"
        or "System.IO.FileInfo" or "System.IO.DirectoryInfo" or "System.IO.StreamReader" or "System.IO.RandomAccess"
        or "System.Diagnostics.Process";

    /// <summary>The namespaces of the library that a file names and must not.</summary>
    private static string[] Violations(string file, string text)
    {
        // A folder within a namespace's folder is of that namespace.
        string own = (Path.GetDirectoryName(file) ?? "").Split('/')[0];
        string code = Regex.Replace(text, "^ *//[^/].*$", "", RegexOptions.Multiline);
        return
        [
            .. s_allowed.Keys.Where(name => name.Length > 0 && name != own && !s_allowed[own].Contains(name)
                && Regex.IsMatch(code, $@"\bDcosIsolation\.Netlink\.{name}\b|(?<![.\w]){name}\.[A-Za-z]")),
        ];
    }

    private static string Source(string project) => Path.Combine(RepositoryFiles.Root, "src", project);

    // As built in the configuration of the tests.
    private static string Assembly(string project)
    {
        string configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        return Path.Combine(Source(project), "bin", configuration, new DirectoryInfo(AppContext.BaseDirectory).Name, project + ".dll");
    }

    private static int NativeLibraries(string path) => Read(path, metadata => metadata.GetTableRowCount(TableIndex.ModuleRef));

    private static List<string> References(string path) => Read(path, metadata => (List<string>)
    [
        .. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name)),
    ]);

    private static List<string> Types(string path) => Read(path, metadata => (List<string>)
    [
        .. metadata.TypeReferences.Select(metadata.GetTypeReference)
            .Select(type => $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}"),
    ]);

    private static T Read<T>(string path, Func<MetadataReader, T> read)
    {
        using var file = new PEReader(File.OpenRead(path));
        return read(file.GetMetadataReader());
    }
}
