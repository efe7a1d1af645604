using System.Buffers;
using System.Buffers.Binary;
using System.IO.Hashing;

namespace EdgeAgent.Outbox;

/// <summary>One commit in the file of a <see cref="PageLogStream"/>: of each page that was written, the bytes that differ from the commit before.</summary>
/// <remarks>
/// <code>
///  0        4        8                16               24
///  ┌────────┬────────┬────────────────┬────────────────┬───────────────────────────────────────────────┬─────────┐
///  │ "PLG2" │ size   │ logical length │ checksum       │ pages × (number, runs × (at, length, bytes))  │ zeros   │
///  └────────┴────────┴────────────────┴────────────────┴───────────────────────────────────────────────┴─────────┘
/// </code>
/// all little endian. The size is that of the pages; zeros fill the record up to a multiple of 8 bytes. A page's number has 4 bytes, the
/// number of its runs, where a run is and its length 2 each. A page that is new differs from zeros. The checksum (XXH3, 64 bits) covers
/// everything else in the record. Records of earlier versions begin with "PLOG" and hold pages × (position, 8192 bytes); the size is then the
/// number of pages.
/// </remarks>
internal static class PageRecord
{
    private const uint Magic = 0x32474C50, MagicOfWholePages = 0x474F4C50; // "PLG2", "PLOG"

    private const int HeaderSize = 24, Alignment = 8;

    private const int PageHeaderSize = sizeof(int) + sizeof(ushort), RunHeaderSize = 2 * sizeof(ushort), WholePageSize = sizeof(long) + PageLogStream.PageSize;

    /// <summary>More pages than a segment can hold are no record.</summary>
    private const int MaxPages = 1 << 16;

    /// <param name="written">The pages that were written, by position.</param>
    /// <param name="before">The pages as the commit before left them.</param>
    /// <param name="length">Of all pages.</param>
    public static byte[] Make(Dictionary<long, byte[]> written, Dictionary<long, byte[]> before, long length)
    {
        var pages = new ArrayBufferWriter<byte>();
        Span<(int At, int Length)> runs = stackalloc (int, int)[PageLogStream.PageSize / RunHeaderSize];
        foreach (var (position, page) in written)
        {
            int count = FindRuns(page, before.TryGetValue(position, out byte[]? old) ? old : [], runs);
            var header = pages.GetSpan(PageHeaderSize);
            BinaryPrimitives.WriteInt32LittleEndian(header, (int)(position / PageLogStream.PageSize));
            BinaryPrimitives.WriteUInt16LittleEndian(header[sizeof(int)..], (ushort)count);
            pages.Advance(PageHeaderSize);
            foreach (var (at, size) in runs[..count])
            {
                var run = pages.GetSpan(RunHeaderSize + size);
                BinaryPrimitives.WriteUInt16LittleEndian(run, (ushort)at);
                BinaryPrimitives.WriteUInt16LittleEndian(run[sizeof(ushort)..], (ushort)size);
                page.AsSpan(at, size).CopyTo(run[RunHeaderSize..]);
                pages.Advance(RunHeaderSize + size);
            }
        }
        byte[] record = new byte[Aligned(HeaderSize + pages.WrittenCount)];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), pages.WrittenCount);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), length);
        pages.WrittenSpan.CopyTo(record.AsSpan(HeaderSize));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), Checksum(record));
        return record;
    }

    /// <summary>The record at this place; null if there is none or its checksum is wrong.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static byte[]? TryRead(Stream file, long at)
    {
        Span<byte> header = stackalloc byte[HeaderSize];
        if (at + HeaderSize > file.Length) return null;
        file.Position = at;
        file.ReadExactly(header);
        int size = BinaryPrimitives.ReadInt32LittleEndian(header[4..]);
        long total = BinaryPrimitives.ReadUInt32LittleEndian(header) switch
        {
            Magic when size is >= 0 and <= MaxPages * PageLogStream.PageSize => Aligned(HeaderSize + size),
            MagicOfWholePages when size is >= 0 and <= MaxPages => HeaderSize + (long)size * WholePageSize,
            _ => 0,
        };
        if (total == 0 || at + total > file.Length) return null;
        byte[] record = new byte[total];
        header.CopyTo(record);
        file.ReadExactly(record.AsSpan(HeaderSize));
        return Checksum(record) == BinaryPrimitives.ReadUInt64LittleEndian(record.AsSpan(16)) ? record : null;
    }

    /// <summary>Brings the pages to where the record's commit left them.</summary>
    /// <returns>Their length.</returns>
    /// <exception cref="InvalidDataException">The record makes no sense, though its checksum is right.</exception>
    public static long Apply(byte[] record, Dictionary<long, byte[]> pages)
    {
        int size = BinaryPrimitives.ReadInt32LittleEndian(record.AsSpan(4));
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) == Magic) ApplyRuns(record.AsSpan(HeaderSize, size), pages);
        else ApplyWholePages(record.AsSpan(HeaderSize), pages);
        return BinaryPrimitives.ReadInt64LittleEndian(record.AsSpan(8));
    }

    /// <summary>A commit that the power cut short is the last thing in a file. A whole one behind a bad one means that the bad one was altered later.</summary>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static bool IsAnyBehind(Stream file, long bad)
    {
        for (long at = bad + Alignment; at + HeaderSize <= file.Length; at += Alignment)
        {
            if (TryRead(file, at) is not null) return true;
        }
        return false;
    }

    /// <summary>Where two pages differ. A run goes on over fewer equal bytes than another run would cost.</summary>
    private static int FindRuns(ReadOnlySpan<byte> page, ReadOnlySpan<byte> old, Span<(int At, int Length)> runs)
    {
        int count = 0;
        for (int at = 0; at < page.Length;)
        {
            at += EqualBytes(page[at..], old.IsEmpty ? old : old[at..]);
            if (at == page.Length) break;
            int end = at, equal = 0;
            while (end < page.Length && equal <= RunHeaderSize)
            {
                equal = page[end] == (old.IsEmpty ? 0 : old[end]) ? equal + 1 : 0;
                end++;
            }
            runs[count++] = (at, end - equal - at);
            at = end;
        }
        return count;
    }

    private static int EqualBytes(ReadOnlySpan<byte> page, ReadOnlySpan<byte> old)
    {
        if (!old.IsEmpty) return page.CommonPrefixLength(old);
        int zeros = page.IndexOfAnyExcept((byte)0);
        return zeros < 0 ? page.Length : zeros;
    }

    private static void ApplyRuns(ReadOnlySpan<byte> rest, Dictionary<long, byte[]> pages)
    {
        while (!rest.IsEmpty)
        {
            if (rest.Length < PageHeaderSize) throw Senseless();
            int number = BinaryPrimitives.ReadInt32LittleEndian(rest);
            int count = BinaryPrimitives.ReadUInt16LittleEndian(rest[sizeof(int)..]);
            rest = rest[PageHeaderSize..];
            if (number is < 0 or >= MaxPages) throw Senseless();
            long position = (long)number * PageLogStream.PageSize;
            if (!pages.TryGetValue(position, out byte[]? page)) pages.Add(position, page = new byte[PageLogStream.PageSize]);
            for (; count > 0; count--)
            {
                if (rest.Length < RunHeaderSize) throw Senseless();
                int at = BinaryPrimitives.ReadUInt16LittleEndian(rest), length = BinaryPrimitives.ReadUInt16LittleEndian(rest[sizeof(ushort)..]);
                rest = rest[RunHeaderSize..];
                if (at + length > page.Length || length > rest.Length) throw Senseless();
                rest[..length].CopyTo(page.AsSpan(at));
                rest = rest[length..];
            }
        }
    }

    private static void ApplyWholePages(ReadOnlySpan<byte> rest, Dictionary<long, byte[]> pages)
    {
        for (; !rest.IsEmpty; rest = rest[WholePageSize..])
            pages[BinaryPrimitives.ReadInt64LittleEndian(rest)] = rest[sizeof(long)..WholePageSize].ToArray();
    }

    private static InvalidDataException Senseless() => new("A commit makes no sense.");

    private static int Aligned(int size) => (size + Alignment - 1) / Alignment * Alignment;

    private static ulong Checksum(ReadOnlySpan<byte> record)
    {
        var hash = new XxHash3();
        hash.Append(record[..16]);
        hash.Append(record[HeaderSize..]);
        return hash.GetCurrentHashAsUInt64();
    }
}
