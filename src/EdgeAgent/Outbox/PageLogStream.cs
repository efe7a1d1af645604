using System.Buffers.Binary;
using System.IO.Hashing;

namespace EdgeAgent.Outbox;

/// <summary>
/// The file of pages that LiteDB sees, kept as a log of commits: what LiteDB writes stays in memory until <see cref="Commit"/> appends all
/// of it as one checksummed record and syncs it. After a power cut the file holds every commit that returned and none in parts, whatever
/// order the disk wrote in; LiteDB's own log, which does not survive torn or reordered writes, is not needed on the disk at all.
/// </summary>
/// <remarks>
/// Nothing is ever overwritten, which also suits flash; a segment is small and is deleted whole. A record:
/// <code>
///  0        4        8                16               24
///  ┌────────┬────────┬────────────────┬────────────────┬─────────────────────────────────┐
///  │ magic  │ pages  │ logical length │ checksum       │ pages × (position, 8192 bytes)  │
///  └────────┴────────┴────────────────┴────────────────┴─────────────────────────────────┘
/// </code>
/// all little endian; the checksum (XXH3, 64 bits) covers everything else in the record. Reads and writes are whole pages, as LiteDB's are.
/// Not thread-safe: LiteDB wraps it in a lock of its own.
/// </remarks>
internal sealed class PageLogStream : Stream
{
    public const int PageSize = 8192;

    private const uint Magic = 0x474F4C50; // "PLOG"

    private const int HeaderSize = 24;

    private const int EntrySize = sizeof(long) + PageSize;

    /// <summary>More pages than a segment can hold are no record.</summary>
    private const int MaxPages = 1 << 16;

    private readonly Stream _file;
    private readonly Dictionary<long, long> _committed = [];
    private readonly Dictionary<long, byte[]> _dirty = [];
    private long _end;
    private long _length;
    private long _committedLength;

    /// <summary>Reads what was committed. Takes over the file.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public PageLogStream(Stream file)
    {
        _file = file;
        while (TryReplay(_end, out long next)) _end = next;
        _length = _committedLength;
        DamagedBytes = FindRecordBehind(_end) ? _file.Length - _end : 0;
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
        byte[] record = new byte[HeaderSize + _dirty.Count * EntrySize];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), _dirty.Count);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), _length);
        int at = HeaderSize;
        foreach (var (position, page) in _dirty)
        {
            BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(at), position);
            page.CopyTo(record, at + sizeof(long));
            at += EntrySize;
        }
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), Checksum(record));

        _file.Position = _end;
        _file.Write(record);
        Sync();

        Adopt(record, _end);
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
        if (_dirty.TryGetValue(page, out byte[]? dirty))
        {
            dirty.AsSpan(offset, destination.Length).CopyTo(destination);
        }
        else if (_committed.TryGetValue(page, out long place))
        {
            _file.Position = place + offset;
            _file.ReadExactly(destination);
        }
        else
        {
            destination.Clear();
        }
    }

    private bool TryReplay(long at, out long next)
    {
        next = at;
        if (TryReadRecord(at) is not { } record) return false;
        Adopt(record, at);
        next = at + record.Length;
        return true;
    }

    private void Adopt(ReadOnlySpan<byte> record, long at)
    {
        for (int entry = HeaderSize; entry < record.Length; entry += EntrySize)
            _committed[BinaryPrimitives.ReadInt64LittleEndian(record[entry..])] = at + entry + sizeof(long);
        _committedLength = BinaryPrimitives.ReadInt64LittleEndian(record[8..]);
    }

    private byte[]? TryReadRecord(long at)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        long size = RecordSize(at, header);
        if (size == 0 || at + size > _file.Length) return null;
        byte[] record = new byte[size];
        _file.Position = at;
        _file.ReadExactly(record);
        return Checksum(record) == BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(16)) ? record : null;
    }

    /// <summary>The size that the header at this place claims; 0 if there is none.</summary>
    private long RecordSize(long at, Span<byte> header)
    {
        if (at + HeaderSize > _file.Length) return 0;
        _file.Position = at;
        _file.ReadExactly(header);
        int pages = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(header) == Magic && pages is >= 0 and <= MaxPages ? HeaderSize + (long)pages * EntrySize : 0;
    }

    /// <summary>A commit that the power cut short is the last thing in a file. A whole one behind a bad one means that the bad one was altered later.</summary>
    private bool FindRecordBehind(long bad)
    {
        for (long at = bad + 8; at + HeaderSize <= _file.Length; at += 8)
        {
            if (TryReadRecord(at) is not null) return true;
        }
        return false;
    }

    private void Sync()
    {
        if (_file is FileStream file) file.Flush(flushToDisk: true);
        else _file.Flush();
    }

    private static ulong Checksum(ReadOnlySpan<byte> record)
    {
        var hash = new XxHash3();
        hash.Append(record[..16]);
        hash.Append(record[HeaderSize..]);
        return hash.GetCurrentHashAsUInt64();
    }
}
