using EdgeAgent.Outbox;

namespace EdgeAgent.Benchmarks;

/// <summary>A directory that counts what is written to it. Names and lengths of files, which the file system writes too, are not in it.</summary>
internal sealed class CountingDisk(DirectoryDisk disk) : IDisk, IDisposable
{
    public long Written { get; private set; }

    public long Syncs { get; private set; }

    public long FreeBytes => disk.FreeBytes;

    public IReadOnlyList<string> List() => disk.List();

    public Stream Open(string path) => new CountingStream(this, disk.Open(path));

    public byte[]? TryRead(string path) => disk.TryRead(path);

    public void Replace(string path, ReadOnlySpan<byte> content)
    {
        Count(content.Length);
        disk.Replace(path, content);
    }

    public void Overwrite(string path, ReadOnlySpan<byte> content)
    {
        Count(content.Length);
        disk.Overwrite(path, content);
    }

    public void Copy(string path, string newPath)
    {
        Count(disk.TryRead(path)?.Length ?? 0);
        disk.Copy(path, newPath);
    }

    public void Rename(string path, string newPath) => disk.Rename(path, newPath);

    public void Delete(string path) => disk.Delete(path);

    public void Dispose() => disk.Dispose();

    private void Count(int bytes)
    {
        Written += bytes;
        Syncs++;
    }

    private sealed class CountingStream(CountingDisk owner, Stream file) : Stream
    {
        public override bool CanRead => file.CanRead;

        public override bool CanSeek => file.CanSeek;

        public override bool CanWrite => file.CanWrite;

        public override long Length => file.Length;

        public override long Position
        {
            get => file.Position;
            set => file.Position = value;
        }

        public override void Flush()
        {
            owner.Syncs++;
            if (file is FileStream real) real.Flush(flushToDisk: true);
            else file.Flush();
        }

        public override int Read(byte[] buffer, int offset, int count) => file.Read(buffer, offset, count);

        public override int Read(Span<byte> buffer) => file.Read(buffer);

        public override long Seek(long offset, SeekOrigin origin) => file.Seek(offset, origin);

        public override void SetLength(long value) => file.SetLength(value);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            owner.Written += buffer.Length;
            file.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) file.Dispose();
            base.Dispose(disposing);
        }
    }
}
