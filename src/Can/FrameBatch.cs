using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using EdgeAgent.Can.SocketCan;

namespace EdgeAgent.Can;

/// <summary>
/// A block of frames with their receive times that a source fills again and again. The memory is outside the managed heap and is
/// laid out for <c>recvmmsg(2)</c> once, so that a read prepares almost nothing. Owned by whoever reads; not thread-safe.
/// </summary>
public sealed unsafe class FrameBatch : IDisposable
{
    /// <summary>The capacity that suits a reader of one interface: more frames in one call bring no measurable gain.</summary>
    public const int DefaultCapacity = 64;

    /// <summary>The most frames that one system call takes (<c>UIO_MAXIOV</c>).</summary>
    public const int MaxCapacity = 1024;

    // Room for a timespec (32 bytes with its header), a drop count (24) and whatever else a kernel may add.
    private const int ControlSize = 128;

    private readonly void* _block;
    private readonly CanFrame* _frames;
    private readonly long* _timestamps;
    private int _count;
    private bool _freed;

    /// <summary>Allocates room for <paramref name="capacity"/> frames, 1–1024, about 300 bytes each.</summary>
    public FrameBatch(int capacity = DefaultCapacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, MaxCapacity);
        Capacity = capacity;

        // [ headers | io vectors | timestamps | control | frames ], each part a multiple of 8 bytes
        nuint each = (nuint)(sizeof(MultiMessageHeader) + sizeof(IoVector) + sizeof(long) + ControlSize + CanFrame.SizeOf);
        _block = NativeMemory.AlignedAlloc(each * (nuint)capacity, 64);
        NativeMemory.Clear(_block, each * (nuint)capacity);
        Headers = (MultiMessageHeader*)_block;
        var vectors = (IoVector*)(Headers + capacity);
        _timestamps = (long*)(vectors + capacity);
        var control = (byte*)(_timestamps + capacity);
        _frames = (CanFrame*)(control + (nint)ControlSize * capacity);
        for (int i = 0; i < capacity; i++)
        {
            vectors[i] = new IoVector { Base = &_frames[i], Length = CanFrame.SizeOf };
            Headers[i].Header.Vectors = &vectors[i];
            Headers[i].Header.VectorCount = 1;
            Headers[i].Header.Control = control + (nint)ControlSize * i;
            Headers[i].Header.ControlLength = ControlSize;
        }
    }

    /// <summary>The number of frames it can hold.</summary>
    public int Capacity { get; }

    /// <summary>The number of frames it holds now.</summary>
    public int Count => _count;

    /// <summary>Frame <paramref name="index"/>, valid until the next read.</summary>
    public ref readonly CanFrame this[int index]
    {
        get
        {
            ThrowIfOutside(index);
            return ref _frames[index];
        }
    }

    internal MultiMessageHeader* Headers { get; }

    /// <summary>When frame <paramref name="index"/> was received: nanoseconds since 1970-01-01 UTC by the wall clock of that moment.</summary>
    public long TimestampNs(int index)
    {
        ThrowIfOutside(index);
        return _timestamps[index];
    }

    /// <summary>Empties the batch.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a frame at the end.</summary>
    /// <exception cref="InvalidOperationException">The batch is full.</exception>
    public void Add(in CanFrame frame, long timestampNs)
    {
        if (_count == Capacity) throw new InvalidOperationException("The batch is full.");
        _frames[_count] = frame;
        _timestamps[_count++] = timestampNs;
    }

    /// <summary>Takes over what the kernel has put into the first <paramref name="received"/> places; frames of no known size are left out.</summary>
    internal void Accept(int received, long nowNs, ref DropCounter drops)
    {
        int kept = 0;
        for (int i = 0; i < received; i++)
        {
            ref var header = ref Headers[i];
            int bytes = (int)header.Length;
            if (bytes is CanFrame.ClassicSizeOf or CanFrame.SizeOf)
            {
                if (kept != i) _frames[kept] = _frames[i];
                _frames[kept].MarkReceived(bytes);
                _timestamps[kept++] = ControlMessages.Read(in header.Header, nowNs, ref drops);
            }
            header.Header.ControlLength = ControlSize;
            header.Header.Flags = 0;
        }
        _count = kept;
    }

    /// <summary>Frees the block.</summary>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    /// <summary>Frees the block of a batch that nobody disposed of.</summary>
    ~FrameBatch() => Free();

    private void Free()
    {
        if (_freed) return;
        _freed = true;
        _count = 0;
        NativeMemory.AlignedFree(_block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void ThrowIfOutside(int index)
    {
        if ((uint)index >= (uint)_count) ThrowOutside();
    }

    private static void ThrowOutside() => throw new ArgumentOutOfRangeException("index", "The batch holds fewer frames.");
}
