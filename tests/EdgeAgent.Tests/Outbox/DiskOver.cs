using EdgeAgent.Outbox;

namespace EdgeAgent.Tests.Outbox;

/// <summary>A disk that does what another does, for those that do some of it otherwise.</summary>
internal abstract class DiskOver(IDisk inner) : IDisk
{
    public virtual long FreeBytes => inner.FreeBytes;

    public virtual IReadOnlyList<string> List() => inner.List();

    public virtual Stream Open(string path) => inner.Open(path);

    public virtual byte[]? TryRead(string path) => inner.TryRead(path);

    public virtual void Replace(string path, ReadOnlySpan<byte> content) => inner.Replace(path, content);

    public virtual void Overwrite(string path, ReadOnlySpan<byte> content) => inner.Overwrite(path, content);

    public virtual void Copy(string path, string newPath) => inner.Copy(path, newPath);

    public virtual void Rename(string path, string newPath) => inner.Rename(path, newPath);

    public virtual void Delete(string path) => inner.Delete(path);
}

/// <summary>The same of a file.</summary>
internal abstract class StreamOver(Stream inner) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => true;

    public override bool CanWrite => true;

    public override long Length => inner.Length;

    public override long Position { get => inner.Position; set => inner.Position = value; }

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

    public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

    public override void SetLength(long value) => inner.SetLength(value);

    public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

    protected override void Dispose(bool disposing)
    {
        if (disposing) inner.Dispose();
    }
}
