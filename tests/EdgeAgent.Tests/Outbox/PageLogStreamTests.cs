using System.Buffers.Binary;
using System.IO.Hashing;
using CsCheck;
using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Outbox;

public sealed class PageLogStreamTests
{
    private readonly MemoryFile _file = new();

    [Fact]
    public void What_was_committed_is_there_and_what_was_not_is_gone()
    {
        using (var pages = new PageLogStream(_file))
        {
            Write(pages, 0, 1);
            Write(pages, 2, 3);
            pages.Commit();
            Write(pages, 0, 9);
            Write(pages, 1, 9);
            Assert.Equal(9, Read(pages, 0));
        }
        using var again = new PageLogStream(_file);
        Assert.Equal(3 * PageLogStream.PageSize, again.Length);
        Assert.Equal([1, 0, 3], [Read(again, 0), Read(again, 1), Read(again, 2)]);
        Assert.Equal(0, again.DamagedBytes);
    }

    [Fact]
    public void A_commit_cut_at_any_byte_leaves_the_one_before()
    {
        using (var pages = new PageLogStream(_file))
        {
            Write(pages, 0, 1);
            pages.Commit();
            Write(pages, 0, 2);
            pages.Commit();
        }
        byte[] whole = _file.ToArray();
        int half = whole.Length / 2;
        for (int cut = half; cut < whole.Length; cut += cut < half + 64 ? 1 : 997)
        {
            using var pages = new PageLogStream(new MemoryFile(whole[..cut]));
            pages.DiscardRest();
            Assert.Equal(1, Read(pages, 0));
            Assert.Equal(0, pages.DamagedBytes);
            Write(pages, 0, 3);
            pages.Commit();
            Assert.Equal(3, Read(pages, 0));
        }
    }

    [Fact]
    public void An_altered_byte_before_other_commits_is_told_from_a_power_cut()
    {
        using (var pages = new PageLogStream(_file))
        {
            for (byte i = 1; i <= 3; i++)
            {
                Write(pages, 0, i);
                pages.Commit();
            }
        }
        byte[] altered = _file.ToArray();
        int record = altered.Length / 3;
        altered[record + 100] ^= 1;
        var file = new MemoryFile(altered);
        using (var pages = new PageLogStream(file))
        {
            Assert.Equal(1, Read(pages, 0));
            Assert.Equal(2 * record, pages.DamagedBytes);
            pages.DiscardRest();
            Write(pages, 0, 7);
            pages.Commit();
        }
        using var again = new PageLogStream(file);
        Assert.Equal(7, Read(again, 0)); // and not the third commit, which lay behind the bad one
    }

    [Fact]
    public void A_commit_without_changes_writes_nothing()
    {
        using var pages = new PageLogStream(_file);
        pages.Commit();
        Assert.Equal(0, _file.Length);
    }

    [Fact]
    public void What_changed_is_all_that_is_written()
    {
        using var pages = new PageLogStream(_file);
        Write(pages, 0, 1);
        pages.Commit();
        long before = _file.Length;
        byte[] content = new byte[PageLogStream.PageSize];
        Array.Fill(content, (byte)1);
        content[100] = 2;
        content[PageLogStream.PageSize - 1] = 3;
        pages.Position = 0;
        pages.Write(content);
        pages.Commit();
        Assert.Equal(24 + 6 + 2 * 5, _file.Length - before); // header, page, two runs of a byte
    }

    [Fact]
    public void Whatever_is_written_in_whatever_order_is_there_when_the_file_is_opened_again() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, PageLogStream.PageSize - 1], Gen.Byte.Array[1, 60], Gen.Bool).Array[1, 40].Sample(writes =>
        {
            var file = new MemoryFile();
            byte[][] expected = [.. Enumerable.Range(0, 6).Select(_ => new byte[PageLogStream.PageSize])];
            using (var pages = new PageLogStream(file))
            {
                foreach (var (page, at, bytes, isCommitted) in writes)
                {
                    bytes.AsSpan(0, Math.Min(bytes.Length, PageLogStream.PageSize - at)).CopyTo(expected[page].AsSpan(at));
                    pages.Position = page * PageLogStream.PageSize;
                    pages.Write(expected[page]);
                    if (isCommitted) pages.Commit();
                }
                pages.Commit();
            }
            using var again = new PageLogStream(file);
            for (int page = 0; page < again.Length / PageLogStream.PageSize; page++)
            {
                byte[] content = new byte[PageLogStream.PageSize];
                again.Position = page * PageLogStream.PageSize;
                again.ReadExactly(content);
                if (!content.AsSpan().SequenceEqual(expected[page])) return false;
            }
            return again.DamagedBytes == 0;
        });

    [Fact]
    public void A_file_of_whole_pages_as_earlier_versions_wrote_them_is_read_and_goes_on()
    {
        _file.Write(WholePages((0, 1), (2, 3)));
        _file.Write(WholePages((2, 4)));
        using (var pages = new PageLogStream(_file))
        {
            Assert.Equal([1, 0, 4], [Read(pages, 0), Read(pages, 1), Read(pages, 2)]);
            Write(pages, 1, 5);
            pages.Commit();
        }
        using var again = new PageLogStream(_file);
        Assert.Equal([1, 5, 4], [Read(again, 0), Read(again, 1), Read(again, 2)]);
    }

    [Theory]
    [InlineData(-1, 1, 0, 1)]
    [InlineData(1 << 16, 1, 0, 1)]
    [InlineData(0, 2, 0, 1)]
    [InlineData(0, 1, PageLogStream.PageSize, 1)]
    [InlineData(0, 1, 0, 9)]
    public void A_commit_that_makes_no_sense_is_refused(int page, ushort runs, ushort at, ushort length)
    {
        byte[] record = new byte[40];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x32474C50);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), 11);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(24), page);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(28), runs);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(30), at);
        BinaryPrimitives.WriteUInt16LittleEndian(record.AsSpan(32), length);
        _file.Write(Checked(record));
        Assert.Throws<InvalidDataException>(() => new PageLogStream(_file));
    }

    /// <summary>A commit of an earlier version: pages by their position, each filled with one value.</summary>
    private static byte[] WholePages(params (int Page, byte Value)[] pages)
    {
        byte[] record = new byte[24 + pages.Length * (8 + PageLogStream.PageSize)];
        BinaryPrimitives.WriteUInt32LittleEndian(record, 0x474F4C50);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), pages.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), 3 * PageLogStream.PageSize);
        for (int i = 0; i < pages.Length; i++)
        {
            int at = 24 + i * (8 + PageLogStream.PageSize);
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at), pages[i].Page * PageLogStream.PageSize);
            record.AsSpan(at + 8, PageLogStream.PageSize).Fill(pages[i].Value);
        }
        return Checked(record);
    }

    private static byte[] Checked(byte[] record)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), XxHash3.HashToUInt64([.. record[..16], .. record[24..]]));
        return record;
    }

    private static void Write(PageLogStream pages, int page, byte value)
    {
        byte[] content = new byte[PageLogStream.PageSize];
        Array.Fill(content, value);
        pages.Position = page * PageLogStream.PageSize;
        pages.Write(content);
    }

    private static byte Read(PageLogStream pages, int page)
    {
        byte[] content = new byte[PageLogStream.PageSize];
        pages.Position = page * PageLogStream.PageSize;
        pages.ReadExactly(content);
        Assert.All(content, value => Assert.Equal(content[0], value));
        return content[0];
    }

    /// <summary>Outlives the stream that owns it, as a file does.</summary>
    private sealed class MemoryFile : MemoryStream
    {
        public MemoryFile(byte[]? content = null)
        {
            if (content is null) return;
            Write(content);
            Position = 0;
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
