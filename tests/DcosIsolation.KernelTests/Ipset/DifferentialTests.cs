using System.Diagnostics;
using System.Globalization;
using DcosIsolation.KernelTests.Daemon;
using DcosIsolation.Netlink;
using DcosIsolation.Netlink.Ipset;
using Xunit;
using Xunit.Abstractions;

namespace DcosIsolation.KernelTests.Ipset;

/// <summary>
/// The binary's command ipset and the real ipset, told the same, answer the same: exit status, output, errors, and what is then in the
/// kernel.
/// </summary>
/// <remarks>
/// IPSET_FUZZ_SECONDS is how long random commands are tried; IPSET_FUZZ_SEED where they begin; IPSET_UNDER_TEST the program that is
/// compared, with its first arguments, instead of the binary.
/// </remarks>
public sealed class DifferentialTests(ITestOutputHelper output)
{
    private const string Hint = "To replay it, keep this as a file of tests/DcosIsolation.KernelTests/Ipset/scripts/:";

    private static readonly string s_scripts = Path.Combine(AppContext.BaseDirectory, "Ipset", "scripts");

    public static TheoryData<string> Scripts =>
        [.. Directory.GetFiles(s_scripts, "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order(StringComparer.Ordinal)];

    [SkippableTheory]
    [MemberData(nameof(Scripts))]
    public void Both_programs_do_the_same_with_each_script(string name)
    {
        Skip.IfNot(TwoWorlds.HasRealProgram(), "needs the ipset program");
        List<IpsetCommand> script = IpsetCommand.Parse(File.ReadLines(Path.Combine(s_scripts, name + ".txt")));
        string text = string.Join('\n', script);
        IReadOnlyList<string> missing = KernelsTypes().Missing;
        Skip.If(missing.Any(type => text.Contains($" {type}", StringComparison.Ordinal)), $"the kernel lacks {string.Join(' ', missing)}");

        using var worlds = new TwoWorlds(ProgramUnderTest());
        Difference? difference = worlds.Compare(script);
        Assert.True(difference is null, $"{name}, command {difference?.Index + 1}: {difference}");
    }

    [SkippableFact]
    public void Both_programs_do_the_same_with_random_commands()
    {
        Skip.IfNot(TwoWorlds.HasRealProgram(), "needs the ipset program");
        bool isOwnKernel = Environment.GetEnvironmentVariable("LAB_KERNEL") is null or "host";
        (IReadOnlyList<string> types, IReadOnlyList<string> missing) = KernelsTypes();
        Assert.True(isOwnKernel || missing.Count == 0, $"the lab's kernels have all set types, this one lacks {string.Join(' ', missing)}");
        output.WriteLine($"random commands for {string.Join(' ', types)}; lacking in this kernel: {string.Join(' ', missing)}.");

        int seed = Number("IPSET_FUZZ_SEED", 1), seconds = Number("IPSET_FUZZ_SECONDS", isOwnKernel ? 20 : 60);
        var clock = Stopwatch.StartNew();
        int commands = 0, scripts = 0;
        using var worlds = new TwoWorlds(ProgramUnderTest());
        for (; clock.Elapsed.TotalSeconds < seconds; scripts++, seed++)
        {
            List<IpsetCommand> script = new IpsetScript(seed, types).Next();
            commands += script.Count;
            try
            {
                if (worlds.Compare(script) is { } difference)
                {
                    Assert.Fail(Report(worlds, seed, script, difference));
                }
            }
            catch (TimeoutException e)
            {
                // Not shrunk, for each try would take as long.
                Assert.Fail($"IPSET_FUZZ_SEED={seed}: {e.Message}\n{Hint}\n{string.Join('\n', script)}");
            }
        }

        output.WriteLine($"{commands} commands in {scripts} scripts, {clock.Elapsed.TotalSeconds:0} s, the last seed {seed - 1}");
    }

    private static string Report(TwoWorlds worlds, int seed, List<IpsetCommand> script, Difference difference)
    {
        var shrinker = new Shrinker(candidate => worlds.Compare(candidate)?.Kind == difference.Kind);
        List<IpsetCommand> shrunk = shrinker.Shrink([.. script.Take(difference.Index + 1)]);

        // Should it not show twice, what was seen first is all there is.
        Difference? again = worlds.Compare(shrunk);
        string what = again is null ? $"(not seen again) {difference}" : again.ToString();
        return $"IPSET_FUZZ_SEED={seed}, command {difference.Index + 1}: {difference}\n{shrinker.Runs} runs made of it: {what}\n{Hint}\n"
            + string.Join('\n', again is null ? script : shrunk);
    }

    /// <summary>The set types that ipset and the library share, and of them those that this kernel has not.</summary>
    private static (IReadOnlyList<string> Types, IReadOnlyList<string> Missing) KernelsTypes()
    {
        ILookup<bool, string> names = null!;
        NewNamespace.Run(() =>
        {
            using var client = IpsetClient.Open();
            names = Enum.GetValues<IpsetType>().ToLookup(
                type => client.GetRevisions(type, type == IpsetType.ListSet ? NetfilterFamily.Unspecified : NetfilterFamily.Inet) is { },
                type => type.Name());
        });
        return ([.. names[true]], [.. names[false]]);
    }

    private static string[] ProgramUnderTest() =>
        Environment.GetEnvironmentVariable("IPSET_UNDER_TEST") is { Length: > 0 } program ? program.Split(' ') : [Node.Binary, "ipset"];

    private static int Number(string variable, int otherwise) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
