using EdgeAgent.Outbox;

namespace EdgeAgent.Simulation.Tests;

/// <summary>
/// A disk that does what real ones do: what was not synced is lost, torn or applied in another order when the power is cut, and a write
/// can fail because the disk is full. One seed decides all of it.
/// </summary>
internal sealed class SimulatedDisk(Random random) : IDisk
{
    private const int SectorBytes = 512;

    private const long Roomy = 1L << 40;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SimulatedFile> _files = [];
    private readonly Dictionary<string, SimulatedFile> _unlinked = [];
    private long _capacity = Roomy;
    private int _generation;
    private int _operationsLeft = int.MaxValue;

    public long FreeBytes
    {
        get
        {
            lock (_gate) return _capacity - Used;
        }
    }

    /// <summary>While true, writes fail that need more space than deletions have given back.</summary>
    public bool IsFull
    {
        get => _capacity < Roomy;
        set
        {
            lock (_gate) _capacity = value ? Used : Roomy;
        }
    }

    /// <summary>While true, all writes fail.</summary>
    public bool IsBroken { get; set; }

    /// <summary>So many reads fail from now on, though what is on the disk is fine.</summary>
    public int ReadErrors { get; set; }

    public int FailedReads { get; private set; }

    /// <summary>True once the power is gone: everything fails until <see cref="Restart"/>.</summary>
    public bool PowerIsCut { get; private set; }

    public long Writes { get; private set; }

    public long Syncs { get; private set; }

    /// <summary>Bytes given to the file system to be written.</summary>
    public long BytesWritten { get; private set; }

    /// <summary>Cuts the power in the middle of what is done after so many operations.</summary>
    public void CutPowerAfter(int operations) => _operationsLeft = operations;

    /// <summary>The device starts again. Streams of before are dead. After a power cut the disk holds what reached it.</summary>
    public void Restart(bool powerCut)
    {
        lock (_gate)
        {
            _generation++;
            if (powerCut)
            {
                foreach (var file in _files.Values) file.LosePower(random);
                // A name whose removal was not synced may be there again.
                foreach (var (path, file) in _unlinked)
                {
                    if (random.Next(2) == 0) _files.TryAdd(path, file);
                }
            }
            _unlinked.Clear();
            _operationsLeft = int.MaxValue;
            PowerIsCut = false;
            IsFull = IsBroken = false;
        }
    }

    /// <summary>Streams that are open now are dead.</summary>
    public void Abandon()
    {
        lock (_gate) _generation++;
    }

    /// <summary>A file as it is, for whoever checks the device.</summary>
    public byte[]? TryPeek(string path)
    {
        lock (_gate) return _files.TryGetValue(path, out var file) ? file.Content() : null;
    }

    /// <summary>Whether these bytes are in any file, or would be after a power cut.</summary>
    public bool Holds(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            foreach (var file in _files.Values.Concat(_unlinked.Values))
            {
                if (file.Holds(bytes)) return true;
            }
            return false;
        }
    }

    /// <summary>Alters bytes of a file, as a worn-out card does.</summary>
    public bool Damage(Func<string, bool> choose, int bytes)
    {
        lock (_gate)
        {
            var chosen = _files.Where(pair => choose(pair.Key) && pair.Value.Length > 0).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => pair.Value).ToArray();
            if (chosen.Length == 0) return false;
            chosen[random.Next(chosen.Length)].Damage(random, bytes);
            return true;
        }
    }

    public IReadOnlyList<string> List()
    {
        lock (_gate) return [.. _files.Keys.Order(StringComparer.Ordinal)];
    }

    public Stream Open(string path)
    {
        lock (_gate)
        {
            Operate(writes: false);
            if (!_files.TryGetValue(path, out var file)) _files[path] = file = new SimulatedFile();
            return new SimulatedStream(this, file, _generation);
        }
    }

    public byte[]? TryRead(string path)
    {
        lock (_gate)
        {
            if (!_files.TryGetValue(path, out var file)) return null;
            FailRead();
            return file.Content();
        }
    }

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            // The old one goes once the new one is there.
            Operate(writes: true, content.Length);
            var file = new SimulatedFile();
            file.Write(0, content);
            file.Sync();
            BytesWritten += content.Length;
            Syncs++;
            _files[path] = file;
        }
    }

    public void Overwrite(string path, ReadOnlySpan<byte> content)
    {
        lock (_gate)
        {
            Operate(writes: true);
            var file = _files[path];
            file.Write(0, content);
            BytesWritten += content.Length;
            // The power may fail between the write and the sync.
            Operate(writes: false);
            file.Sync();
            Syncs++;
        }
    }

    public void Copy(string path, string newPath) => Replace(newPath, TryRead(path));

    public void Rename(string path, string newPath)
    {
        lock (_gate)
        {
            Operate(writes: true);
            if (_files.Remove(path, out var file)) _files[newPath] = file;
        }
    }

    public void Delete(string path)
    {
        lock (_gate)
        {
            Operate(writes: false);
            if (_files.Remove(path, out var file)) _unlinked[path] = file;
        }
    }

    private long Used => _files.Values.Sum(file => file.Length);

    private void Operate(bool writes, long growth = 0)
    {
        if (PowerIsCut) throw new IOException("The power is off.");
        if (--_operationsLeft <= 0)
        {
            PowerIsCut = true;
            throw new IOException("The power is off.");
        }
        if (!writes) return;
        if (IsBroken) throw new IOException("Input/output error");
        if (growth > 0 && Used + growth > _capacity) throw new IOException("No space left on device");
        Writes++;
    }

    private void FailRead()
    {
        if (ReadErrors == 0 || PowerIsCut) return;
        ReadErrors--;
        FailedReads++;
        throw new IOException("Input/output error");
    }

    private sealed class SimulatedFile
    {
        private readonly List<(long Position, byte[]? Bytes, long NewLength)> _unsynced = [];
        private byte[] _durable = [];
        private byte[] _current = [];

        public long Length => _current.Length;

        public byte[] Content() => [.. _current];

        public int Read(long position, Span<byte> buffer)
        {
            if (position >= _current.Length) return 0;
            var available = _current.AsSpan((int)position);
            if (available.Length > buffer.Length) available = available[..buffer.Length];
            available.CopyTo(buffer);
            return available.Length;
        }

        public void Write(long position, ReadOnlySpan<byte> bytes)
        {
            _unsynced.Add((position, bytes.ToArray(), 0));
            Apply(ref _current, position, bytes);
        }

        public void SetLength(long length)
        {
            _unsynced.Add((0, null, length));
            Array.Resize(ref _current, (int)length);
        }

        public void Sync()
        {
            if (_unsynced.Count == 0) return;
            _unsynced.Clear();
            _durable = [.. _current];
        }

        public void LosePower(Random random)
        {
            var operations = _unsynced.ToArray();
            if (random.Next(3) == 0) random.Shuffle(operations);
            foreach (var (position, bytes, newLength) in operations)
            {
                switch (random.Next(3))
                {
                    case 0: // lost
                        continue;
                    case 1 when bytes is { Length: > SectorBytes }: // torn at a sector
                        Apply(ref _durable, position, bytes.AsSpan(0, SectorBytes * random.Next(1, bytes.Length / SectorBytes + 1)));
                        break;
                    default:
                        if (bytes is null) Array.Resize(ref _durable, (int)newLength);
                        else Apply(ref _durable, position, bytes);
                        break;
                }
            }
            _unsynced.Clear();
            _current = [.. _durable];
        }

        public bool Holds(ReadOnlySpan<byte> bytes)
        {
            if (_current.AsSpan().IndexOf(bytes) >= 0 || _durable.AsSpan().IndexOf(bytes) >= 0) return true;
            foreach (var (_, written, _) in _unsynced)
            {
                if (written.AsSpan().IndexOf(bytes) >= 0) return true;
            }
            return false;
        }

        public void Damage(Random random, int bytes)
        {
            for (int i = 0; i < bytes; i++) _current[random.Next(_current.Length)] ^= (byte)random.Next(1, 256); // whatever was there, it is altered
            _unsynced.Clear();
            _durable = [.. _current];
        }

        private static void Apply(ref byte[] content, long position, ReadOnlySpan<byte> bytes)
        {
            if (content.Length < position + bytes.Length) Array.Resize(ref content, (int)(position + bytes.Length));
            bytes.CopyTo(content.AsSpan((int)position));
        }
    }

    private sealed class SimulatedStream(SimulatedDisk disk, SimulatedFile file, int generation) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => true;

        public override bool CanWrite => true;

        public override long Length
        {
            get
            {
                lock (disk._gate) return file.Length;
            }
        }

        public override long Position { get; set; }

        public override int Read(Span<byte> buffer)
        {
            lock (disk._gate)
            {
                Require(writes: false);
                disk.FailRead();
                int read = file.Read(Position, buffer);
                Position += read;
                return read;
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            lock (disk._gate)
            {
                Require(writes: true, Position + buffer.Length - file.Length);
                file.Write(Position, buffer);
                disk.BytesWritten += buffer.Length;
                Position += buffer.Length;
            }
        }

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void SetLength(long value)
        {
            lock (disk._gate)
            {
                Require(writes: true);
                file.SetLength(value);
            }
        }

        public override void Flush()
        {
            lock (disk._gate)
            {
                Require(writes: false);
                file.Sync();
                disk.Syncs++;
            }
        }

        public override long Seek(long offset, SeekOrigin origin) =>
            Position = origin switch { SeekOrigin.Begin => offset, SeekOrigin.Current => Position + offset, _ => Length + offset };

        private void Require(bool writes, long growth = 0)
        {
            if (generation != disk._generation) throw new IOException("This stream belongs to an earlier life of the device.");
            disk.Operate(writes, growth);
        }
    }
}
