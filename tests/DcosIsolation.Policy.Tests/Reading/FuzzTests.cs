using System.Text;
using CsCheck;
using Xunit;

namespace DcosIsolation.Policy.Tests.Reading;

/// <summary>Whatever the text: a policy or errors, never an exception, and always places that are in the file.</summary>
public class FuzzTests
{
    private const string Sample = """
        # HR and IT
        version: 1
        default: deny
        deny-with: reject
        networks:
          hr:
            subnets: [192.168.0.0/16, "fd00:1::/64"]
          it:
            subnets:
              - 10.250.0.0/16
              - fd00:2::/64
            subnets-file: 'it.txt'
            internal: allow
        allow:
          - {from: hr, to: it, ports: [80/tcp, 443, 8000-8100/udp, icmp, icmpv6/echo-request]}
          - {from: [it, 10.250.9.0/24], to: "*"}
        deny:
          - from: hr
            to: it
            ports: [22/tcp]
        exceptions:
          - [10.250.1.0/24, 192.168.5.0/24]
        failsafe:
          - {from: [192.168.1.0/24, "fd00:1::/80"], to: 10.250.0.0/16, ports: [22/tcp]}
        log-denied: {prefix: "denied: ", limit: 10/second, nflog-group: 7}

        """;

    private const string SubnetsFile = "10.251.0.0/16 # more\r\n\r\nfd00:3::/64\r\n10.252.0.1\r\n";

    private static readonly string[] Pieces =
    [
        "[", "]", "{", "}", ":", ": ", "- ", ",", "\n", "\r\n", "  ", "\t", "#", "&a ", "*a", "*", "!!str ", "!", "|", ">", "'",
        "\"", "\\", "%", "@", "? ", "---\n", "...\n", "null", "~", "<<", "\0", "\u2028", "\ufeff",
        "\ud800", "é", "0", "-1", "/", "::", "10.0.0.0/8", "hr", "icmp/",
    ];

    [Fact]
    public void Every_truncation_of_a_policy_is_read()
    {
        for (int length = 0; length <= Sample.Length; length++)
        {
            Check(Sample[..length], SubnetsFile);
        }
    }

    [Fact]
    public void Every_truncation_of_a_subnets_file_is_read()
    {
        for (int length = 0; length <= SubnetsFile.Length; length++)
        {
            Check(Sample, SubnetsFile[..length]);
        }
    }

    [Fact]
    public void Mutations_of_a_policy_are_read() =>
        Gen.Select(Gen.Int[0, Sample.Length], Gen.Int[0, 6], Gen.Int[0, Pieces.Length - 1]).Array[1, 8].Sample(
            edits => Check(Mutate(Sample, edits), SubnetsFile), iter: 5000);

    [Fact]
    public void Mutations_of_a_subnets_file_are_read() =>
        Gen.Select(Gen.Int[0, SubnetsFile.Length], Gen.Int[0, 6], Gen.Int[0, Pieces.Length - 1]).Array[1, 8].Sample(
            edits => Check(Sample, Mutate(SubnetsFile, edits)), iter: 5000);

    [Fact]
    public void Piles_of_yaml_are_read() =>
        Gen.Int[0, Pieces.Length - 1].Array[0, 60].Sample(
            pieces => Check(string.Concat(pieces.Select(piece => Pieces[piece])), SubnetsFile), iter: 5000);

    // What the mutations found: the parser threw exceptions of other kinds, or left a value out.
    [Theory]
    [InlineData("...\nx")]
    [InlineData("- :")]
    [InlineData("[- :]")]
    public void Texts_on_which_the_parser_fails_are_errors(string text)
    {
        Check(text, SubnetsFile);
        Assert.Null(Reader.Read(text).Policy);
    }

    private static string Mutate(string text, (int At, int Remove, int Piece)[] edits)
    {
        StringBuilder mutated = new(text);
        foreach ((int at, int remove, int piece) in edits)
        {
            int start = Math.Min(at, mutated.Length);
            mutated.Remove(start, Math.Min(remove, mutated.Length - start)).Insert(start, Pieces[piece]);
        }

        return mutated.ToString();
    }

    private static void Check(string policy, string subnetsFile)
    {
        PolicyReadResult result = PolicyReader.Read("policy.yaml", policy, _ => Reader.Bytes(subnetsFile));
        int lines = policy.AsSpan().Count('\n') + policy.AsSpan().Count('\r') + 2;
        bool failed = false;
        foreach (PolicyDiagnostic diagnostic in result.Diagnostics)
        {
            failed |= diagnostic.Severity == DiagnosticSeverity.Error;
            Assert.True(diagnostic.Location.Line >= 1 && diagnostic.Location.Column >= 1, diagnostic.ToString());
            Assert.True(diagnostic.Location.File != "policy.yaml" || diagnostic.Location.Line <= lines, diagnostic.ToString());
            Assert.DoesNotContain('\n', diagnostic.Message);
        }

        Assert.Equal(failed, result.Policy is null);
    }
}
