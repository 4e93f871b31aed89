using System.Text;
using DcosIsolation.Daemon.IpsetCommand;
using Xunit;

namespace DcosIsolation.Daemon.Tests.IpsetCommand;

public sealed class LineReaderTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a\nb\n", "a\n|b\n")]
    [InlineData("a\n\nb", "a\n|\n|b")]
    public void Lines_keep_their_line_feeds(string text, string lines) => Assert.Equal(lines, string.Join('|', Read(text, 1000)));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(65536)]
    public void However_the_stream_is_cut_the_lines_are_the_same(int piece)
    {
        string text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"add a 10.{i >> 8}.{i & 255}.0/24 {new string('x', i % 50)}\n"));
        Assert.Equal(text, string.Concat(Read(text, piece)));
        Assert.Equal(5000, Read(text, piece).Count);
    }

    [Fact]
    public void A_line_of_1023_bytes_fits_and_a_longer_one_is_refused()
    {
        string longest = new string('x', 1022) + "\n";
        Assert.Equal([longest, longest], Read(longest + longest, 100));
        Assert.Throws<IpsetFailure>(() => Read("x" + longest, 100));
        Assert.Throws<IpsetFailure>(() => Read(new string('x', 200_000), 65536));
    }

    [Fact]
    public void What_was_consumed_is_where_the_next_line_begins()
    {
        var reader = new LineReader(new MemoryStream("one\nthree\n"u8.ToArray()));
        reader.TryRead(out _);
        Assert.Equal(4, reader.Consumed);
    }

    [Theory]
    [InlineData("create a hash:net\nadd a 1.1.1.1\nadd a 1.1.1.2\nadd b 1.1.1.1\nadd a 1.1.1.3\n", 2)]
    [InlineData("create a hash:net\n-A a 1.1.1.1\n-A a 1.1.1.2\n", 2)]
    [InlineData("create a hash:net\nadd ab 1.1.1.1\n", 0)]
    [InlineData("create a hash:net\n", 0)]
    [InlineData("create a hash:net\ndel a 1.1.1.1\n", 0)]
    public void The_entries_that_follow_are_counted_without_reading_on(string text, int count)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, text);
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            var reader = new LineReader(file);
            Assert.True(reader.TryRead(out _));
            Assert.Equal(count, EntriesAhead.Count(file, reader.Consumed, "a"));
            while (reader.TryRead(out _))
            {
            }

            Assert.Equal(text.Length, reader.Consumed);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_long_file_is_counted_to_its_end()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllLines(path, Enumerable.Range(0, 100_000).Select(i => $"add a 10.{i >> 16}.{(i >> 8) & 255}.{i & 255}"));
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            Assert.Equal(100_000, EntriesAhead.Count(file, 0, "a"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static List<string> Read(string text, int piece)
    {
        var reader = new LineReader(new Pieces(Encoding.UTF8.GetBytes(text), piece));
        var lines = new List<string>();
        while (reader.TryRead(out ReadOnlySpan<byte> line))
        {
            lines.Add(Encoding.UTF8.GetString(line));
        }

        return lines;
    }

    private sealed class Pieces(byte[] bytes, int size) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, size));
    }
}
