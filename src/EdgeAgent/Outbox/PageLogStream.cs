namespace EdgeAgent.Outbox;

/// <summary>
/// The file of pages that LiteDB sees, kept as a log of commits: what LiteDB writes stays in memory until <see cref="Commit"/> appends what
/// has changed as one checksummed record and syncs it. After a power cut the file holds every commit that returned and none in parts, whatever
/// order the disk wrote in; LiteDB's own log, which does not survive torn or reordered writes, is not needed on the disk at all.
/// </summary>
/// <remarks>
/// Nothing is ever overwritten, which also suits flash. LiteDB writes whole pages again for a few bytes, so a record (<see cref="PageRecord"/>)
/// holds the bytes alone that differ from the commit before. All pages are in memory while it is open: a segment is small, read once from its beginning
/// to its end, and deleted whole. Reads and writes are whole pages, as LiteDB's are. Not thread-safe: LiteDB wraps it in a lock of its own.
/// </remarks>
internal sealed class PageLogStream : Stream
{
    public const int PageSize = 8192;

    private readonly Stream _file;
    private readonly Dictionary<long, byte[]> _committed = [];
    private readonly Dictionary<long, byte[]> _dirty = [];
    private long _end;
    private long _length;
    private long _committedLength;

    /// <summary>Reads what was committed. Takes over the file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="InvalidDataException">What was committed makes no sense.</exception>
    public PageLogStream(Stream file)
    {
        _file = file;
        while (PageRecord.TryRead(_file, _end) is { } record)
        {
            _committedLength = PageRecord.Apply(record, _committed);
            _end += record.Length;
        }
        _length = _committedLength;
        DamagedBytes = PageRecord.IsAnyBehind(_file, _end) ? _file.Length - _end : 0;
    }

    /// <summary>Bytes of later, whole commits that cannot be used because one before them was altered. 0 for what a power cut leaves.</summary>
    public long DamagedBytes { get; }

    /// <summary>Cuts off what is no commit. To be called before anything is committed, or else a later record of the same size as a bad one
    /// would bring what lies behind it back to life.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void DiscardRest()
    {
        if (_end == _file.Length) return;
        _file.SetLength(_end);
        Sync();
    }

    /// <summary>The size of the file, all commits included.</summary>
    public long FileSize => _end;

    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => _length;

    public override long Position { get; set; }

    /// <summary>Makes everything written since the last commit durable as a whole.</summary>
    /// <exception cref="IOException">It is not: on the disk everything is as at the last commit. To be opened anew.</exception>
    public void Commit()
    {
        if (_dirty.Count == 0 && _length == _committedLength) return;
        byte[] record = PageRecord.Make(_dirty, _committed, _length);
        _file.Position = _end;
        _file.Write(record);
        Sync();

        foreach (var (position, page) in _dirty) _committed[position] = page;
        _committedLength = _length;
        _end += record.Length;
        _dirty.Clear();
    }

    public override int Read(Span<byte> buffer)
    {
        int total = 0;
        while (total < buffer.Length && Position < _length)
        {
            long page = Position / PageSize * PageSize;
            int offset = (int)(Position - page);
            int count = (int)Math.Min(Math.Min(buffer.Length - total, PageSize - offset), _length - Position);
            ReadPage(page, offset, buffer.Slice(total, count));
            Position += count;
            total += count;
        }
        return total;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (Position % PageSize != 0 || buffer.Length % PageSize != 0) throw new InvalidOperationException("Only whole pages are written.");
        for (int at = 0; at < buffer.Length; at += PageSize)
        {
            _dirty[Position] = buffer.Slice(at, PageSize).ToArray();
            Position += PageSize;
        }
        _length = Math.Max(_length, Position);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void SetLength(long value) => _length = value;

    public override long Seek(long offset, SeekOrigin origin) =>
        Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => _length + offset };

    /// <summary>LiteDB asks for it where its own files would be synced; here <see cref="Commit"/> decides.</summary>
    public override void Flush()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _file.Dispose();
        base.Dispose(disposing);
    }

    private void ReadPage(long page, int offset, Span<byte> destination)
    {
        if (_dirty.TryGetValue(page, out byte[]? content) || _committed.TryGetValue(page, out content)) content.AsSpan(offset, destination.Length).CopyTo(destination);
        else destination.Clear();
    }

    private void Sync()
    {
        if (_file is FileStream file) file.Flush(flushToDisk: true);
        else _file.Flush();
    }
}
