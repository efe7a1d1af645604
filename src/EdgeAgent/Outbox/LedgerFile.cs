using System.Buffers.Binary;
using System.IO.Hashing;

namespace EdgeAgent.Outbox;

/// <summary>
/// A small document that survives power cuts and the damage of one file: two copies that are written in turn, each with a checksum and a
/// generation. Copies are overwritten in place, so that a full disk does not keep the ledger from telling what is about to be deleted.
/// Not thread-safe.
/// </summary>
/// <remarks>
/// <code>
///  0        4        8                16               24
///  ┌────────┬────────┬────────────────┬────────────────┬───────────┬────────────────────┐
///  │ magic  │ length │ generation     │ checksum       │ content   │ room to grow, 0 …  │
///  └────────┴────────┴────────────────┴────────────────┴───────────┴────────────────────┘
/// </code>
/// all little endian; the checksum (XXH3, 64 bits) covers everything but itself and the room.
/// </remarks>
internal sealed class LedgerFile(IDisk disk, string path)
{
    private const uint Magic = 0x4744454C; // "LEDG"

    private const int HeaderSize = 24;

    /// <summary>A copy has room for twice its content, in blocks of a file system.</summary>
    private const int BlockBytes = 4096;

    private readonly string[] _copies = [path + ".a", path + ".b"];
    private readonly long[] _sizes = new long[2];
    private int _newest = 1;
    private long _generation;

    /// <summary>True if a copy is there, sound or not.</summary>
    public bool Exists { get; private set; }

    /// <summary>True if the content may be one write behind, since the other copy is damaged or missing.</summary>
    public bool MayBeBehind { get; private set; }

    /// <summary>Reads the newer of the sound copies; null if there is none.</summary>
    public byte[]? Load()
    {
        byte[]? content = null;
        int sound = 0;
        for (int i = 0; i < _copies.Length; i++)
        {
            byte[]? copy = disk.TryRead(_copies[i]);
            Exists |= copy is not null;
            _sizes[i] = copy?.Length ?? 0;
            if (copy is null || !TryParse(copy, out long generation, out byte[] parsed)) continue;
            sound++;
            if (generation <= _generation) continue;
            (_newest, _generation, content) = (i, generation, parsed);
        }
        MayBeBehind = sound == 1 && (_generation > 1 || _sizes[1 - _newest] > 0);
        return content;
    }

    /// <summary>Writes the older copy; durable on return. If it fails, the newer copy is as it was.</summary>
    /// <exception cref="IOException">The disk cannot be written.</exception>
    public void Save(ReadOnlySpan<byte> content)
    {
        int copy = 1 - _newest;
        int size = HeaderSize + content.Length;
        bool fits = size <= _sizes[copy];
        byte[] record = new byte[fits ? size : (2 * size + BlockBytes - 1) / BlockBytes * BlockBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(record, Magic);
        BinaryPrimitives.WriteInt32LittleEndian(record.AsSpan(4), content.Length);
        BinaryPrimitives.WriteInt64LittleEndian(record.AsSpan(8), _generation + 1);
        content.CopyTo(record.AsSpan(HeaderSize));
        BinaryPrimitives.WriteUInt64LittleEndian(record.AsSpan(16), Checksum(record.AsSpan(0, size)));
        if (fits) disk.Overwrite(_copies[copy], record);
        else disk.Replace(_copies[copy], record);
        if (!fits) _sizes[copy] = record.Length;
        (_newest, _generation, Exists) = (copy, _generation + 1, true);
    }

    public void Delete()
    {
        foreach (string copy in _copies) disk.Delete(copy);
    }

    private static bool TryParse(byte[] copy, out long generation, out byte[] content)
    {
        (generation, content) = (0, []);
        if (copy.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(copy) != Magic) return false;
        int length = BinaryPrimitives.ReadInt32LittleEndian(copy.AsSpan(4));
        if (length < 0 || length > copy.Length - HeaderSize) return false;
        if (Checksum(copy.AsSpan(0, HeaderSize + length)) != BinaryPrimitives.ReadUInt64LittleEndian(copy.AsSpan(16))) return false;
        generation = BinaryPrimitives.ReadInt64LittleEndian(copy.AsSpan(8));
        content = copy[HeaderSize..(HeaderSize + length)];
        return generation > 0;
    }

    private static ulong Checksum(ReadOnlySpan<byte> record)
    {
        var hash = new XxHash3();
        hash.Append(record[..16]);
        hash.Append(record[HeaderSize..]);
        return hash.GetCurrentHashAsUInt64();
    }
}
