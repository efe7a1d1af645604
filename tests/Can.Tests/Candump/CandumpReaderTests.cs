using System.Text;
using EdgeAgent.Can.Candump;

namespace EdgeAgent.Can.Tests.Candump;

public sealed class CandumpReaderTests
{
    [Fact]
    public void Bad_lines_are_reported_with_their_number_and_the_others_are_read()
    {
        var records = Read("(1.0) can0 123#01\r\n\n  \nnonsense\n(2.0) can1 124#02");
        Assert.Equal([(1L, "can0"), (5L, "can1")], records.Where(r => r.Record.Error is null).Select(r => (r.Line, r.Record.Bus)));
        var (line, bad) = Assert.Single(records, r => r.Record.Error is not null);
        Assert.Equal(4, line);
        Assert.Equal(1, bad.Error!.Column);
    }

    [Theory]
    [InlineData(1025)]
    [InlineData(70_000)]
    [InlineData(1_000_000)]
    public void A_line_of_any_length_is_one_error_and_no_more(int length)
    {
        var records = Read("(1.0) can0 123#01\n" + new string('x', length) + "\n(2.0) can0 124#02\n");
        Assert.Equal([1, 2, 3], records.Select(r => r.Line));
        Assert.Contains("longer", records[1].Record.Error!.Expected, StringComparison.Ordinal);
        Assert.Equal(0x124u, records[2].Record.Frame.RawId);
    }

    [Fact]
    public void A_log_cut_in_the_middle_of_a_line_is_read_up_to_there()
    {
        var records = Read("(1.0) can0 123#01\n(2.0) can0 12");
        Assert.Null(records[0].Record.Error);
        Assert.NotNull(records[1].Record.Error);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(4096)]
    public void It_does_not_matter_how_the_stream_is_cut_into_reads(int chunk)
    {
        string text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"({i}.000001) can0 {i % 0x800:X3}#{i:X8}\n"));
        var reader = new CandumpReader(new ChunkedStream(Encoding.ASCII.GetBytes(text), chunk));
        int count = 0;
        while (reader.TryRead(out var record))
        {
            Assert.Equal(count * 1_000_000_000L + 1000, record.TimestampNs);
            count++;
        }
        Assert.Equal(5000, count);
    }

    [Fact]
    public void Reading_allocates_nothing_per_line()
    {
        byte[] text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("(1543509533.000838) can0 123#DEADBEEF\n", 55_000)));
        var reader = new CandumpReader(new MemoryStream(text));
        for (int i = 0; i < 5000; i++) reader.TryRead(out _);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (int i = 0; i < 10_000; i++) Assert.True(reader.TryRead(out _));
        }));
    }

    private static List<(long Line, CandumpRecord Record)> Read(string text)
    {
        var reader = new CandumpReader(new MemoryStream(Encoding.Latin1.GetBytes(text)));
        List<(long, CandumpRecord)> records = [];
        while (reader.TryRead(out var record)) records.Add((reader.LineNumber, record));
        return records;
    }

    private sealed class ChunkedStream(byte[] content, int chunk) : MemoryStream(content)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(chunk, buffer.Length)]);
    }
}
