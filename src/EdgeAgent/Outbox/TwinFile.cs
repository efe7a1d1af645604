using System.Buffers.Binary;
using System.IO.Hashing;

namespace EdgeAgent.Outbox;

/// <summary>
/// A small file that must never be lost and never go back: two copies with a generation and a checksum, written in turn. If one is damaged,
/// the other holds what was written before it.
/// </summary>
/// <remarks>A copy: generation (8 bytes) │ XXH3 of generation and content (8 bytes) │ content; little endian.</remarks>
internal sealed class TwinFile
{
    private const int HeaderSize = 16;

    private readonly IDisk _disk;
    private readonly string[] _paths;
    private long _generation;
    private int _older;

    private TwinFile(IDisk disk, string path)
    {
        _disk = disk;
        _paths = [path + ".0", path + ".1"];
    }

    /// <summary>What was written last, or before that if the last copy is damaged; null if there is nothing that can be used.</summary>
    public byte[]? Content { get; private set; }

    /// <summary>How many copies are there and cannot be used.</summary>
    public int Damaged { get; private set; }

    /// <param name="disk">Where it lies.</param>
    /// <param name="path">The name of its copies, to which <c>.0</c> and <c>.1</c> are added.</param>
    public static TwinFile Open(IDisk disk, string path)
    {
        var file = new TwinFile(disk, path);
        for (int i = 0; i < 2; i++) file.Look(i);
        return file;
    }

    /// <summary>Writes the older copy; durable on return.</summary>
    /// <exception cref="IOException">It could not be written; what was there before still is.</exception>
    public void Write(ReadOnlySpan<byte> content)
    {
        byte[] copy = new byte[HeaderSize + content.Length];
        BinaryPrimitives.WriteInt64LittleEndian(copy, _generation + 1);
        content.CopyTo(copy.AsSpan(HeaderSize));
        BinaryPrimitives.WriteUInt64LittleEndian(copy.AsSpan(8), Checksum(copy));
        _disk.Replace(_paths[_older], copy);
        _generation++;
        _older = 1 - _older;
        Content = content.ToArray();
    }

    private void Look(int index)
    {
        byte[]? copy = _disk.TryRead(_paths[index]);
        if (copy is null) return;
        if (copy.Length < HeaderSize || BinaryPrimitives.ReadUInt64LittleEndian(copy.AsSpan(8)) != Checksum(copy))
        {
            Damaged++;
            return;
        }
        long generation = BinaryPrimitives.ReadInt64LittleEndian(copy);
        if (Content is not null && generation <= _generation) return;
        _generation = generation;
        _older = 1 - index;
        Content = copy[HeaderSize..];
    }

    private static ulong Checksum(ReadOnlySpan<byte> copy)
    {
        var hash = new XxHash3();
        hash.Append(copy[..8]);
        hash.Append(copy[HeaderSize..]);
        return hash.GetCurrentHashAsUInt64();
    }
}
