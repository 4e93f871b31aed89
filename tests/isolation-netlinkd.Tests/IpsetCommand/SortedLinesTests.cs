using System.Text;
using DcosIsolation.Daemon.IpsetCommand.Listing;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public class SortedLinesTests
{
    [Theory]
    [InlineData(CapturedOrders.HashNet, CapturedOrders.HashNetSorted)]
    [InlineData(CapturedOrders.HashNet6, CapturedOrders.HashNet6Sorted)]
    [InlineData(CapturedOrders.HashNetNet6, CapturedOrders.HashNetNet6Sorted)]
    [InlineData(CapturedOrders.HashNetPortNet, CapturedOrders.HashNetPortNetSorted)]
    [InlineData(CapturedOrders.HashNetPortNet6, CapturedOrders.HashNetPortNet6Sorted)]
    public void The_order_is_the_programs(string entries, string expected) => Assert.Equal(expected.Split('\n'), Sort(entries.Split('\n')));

    [Fact]
    public void What_stands_before_an_entry_does_not_count() =>
        Assert.Equal(["add n 9.0.0.0", "add n 10.0.0.0"], Sort(["add n 10.0.0.0", "add n 9.0.0.0"], offset: "add n ".Length));

    [Fact]
    public void Names_are_sorted_as_bytes() => Assert.Equal(["a-b", "a.b", "b"], Sort(["b", "a.b", "a-b"], isBytewise: true));

    [Fact]
    public void More_lines_than_are_inserted_come_in_the_same_order()
    {
        string[] sorted = [.. from a in Enumerable.Range(1, 100) from b in Enumerable.Range(0, 200) select $"10.{a}.{b}.0/24"];
        string[] shuffled = [.. sorted];
        new Random(1).Shuffle(shuffled);

        Assert.Equal(sorted, Sort(shuffled));
    }

    [Fact]
    public void Lines_that_go_round_in_circles_are_all_printed()
    {
        string[] lines = [.. from i in Enumerable.Range(0, 5_000) from tail in new[] { "/64", "d00", "db8:1" } select $"{i:x}::{tail}"];

        Assert.Equal(lines.Order(), Sort(lines).Order());
    }

    private static string[] Sort(string[] lines, int offset = 0, bool isBytewise = false)
    {
        var sorted = new SortedLines();
        foreach (string line in lines)
        {
            sorted.Add(Encoding.UTF8.GetBytes(line + "\n", sorted.Reserve(1000)));
        }

        using var stream = new MemoryStream();
        var output = new OutputBuffer(stream);
        sorted.Print(output, offset, isBytewise);
        output.Flush();
        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n')[..^1];
    }
}
