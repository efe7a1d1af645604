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
