using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>The outbox on a real directory in which the first segment's file fails when it is told to.</summary>
public sealed class BadDiskTests : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DirectoryDisk _disk;
    private readonly FailingDisk _failing;
    private readonly BatchOutbox _outbox;
    private long _sequence = 1;

    public BadDiskTests()
    {
        _disk = DirectoryDisk.OpenRoot(_directory.Path);
        _failing = new FailingDisk(_disk);
        _outbox = new BatchOutbox(_failing, new OutboxOptions(TimeSpan.Zero, 1 << 20), _time, NullLogger.Instance);
    }

    public void Dispose()
    {
        (_failing.CannotOpen, _failing.CannotWrite) = (false, false);
        _outbox.Dispose();
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void What_was_passed_over_while_a_tenant_was_refused_comes_again_when_the_broker_takes_it()
    {
        for (int i = 0; i < 5; i++)
        {
            Append();
            _outbox.Flush();
        }
        _outbox.SetBrokerIsThere(true);
        var first = _outbox.TryTake()!;
        Append();
        _outbox.Refuse(_outbox.TryTake()!);
        Assert.Null(_outbox.TryTake());
        _outbox.Acknowledge(first);
        Assert.True(_outbox.ArrivalAsync().IsCompleted);

        List<long> taken = [];
        while (_outbox.TryTake() is { } delivery)
        {
            taken.Add(delivery.Batch.FirstSequence);
            _outbox.Acknowledge(delivery);
        }
        Assert.Equal([6L, 2, 3, 4, 5], taken);
    }

    [Fact]
    public void A_segment_that_cannot_be_opened_any_more_does_not_stop_the_storing_of_others()
    {
        Append();
        Assert.True(_outbox.Flush());
        (_failing.CannotOpen, _failing.CannotWrite) = (true, true);
        Append();
        bool stored = false;
        for (int minute = 0; minute < 10 && !stored; minute++)
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            stored = _outbox.Flush();
        }
        Assert.True(stored);
    }

    [Fact]
    public void Deletions_that_fail_do_not_put_off_storing()
    {
        for (int i = 0; i < 2; i++)
        {
            Append();
            _outbox.Flush();
        }
        _outbox.SetBrokerIsThere(true);
        _outbox.Acknowledge(_outbox.TryTake()!);
        _failing.CannotWrite = true;
        _outbox.SetBrokerIsThere(false);
        for (int i = 0; i < 400; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
            _outbox.Flush();
        }
        _failing.CannotWrite = false;
        Append();
        Assert.True(_outbox.Flush());
    }

    private void Append()
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        builder.Add(new Sample(_sequence++, 0, 0, 1));
        _outbox.Append(builder.Seal(default));
    }

    private sealed class FailingDisk(IDisk inner) : IDisk
    {
        public bool CannotOpen { get; set; }

        public bool CannotWrite { get; set; }

        public IReadOnlyList<string> List() => inner.List();

        public Stream Open(string path)
        {
            bool isFirst = path.EndsWith("00000001-normal.db", StringComparison.Ordinal);
            if (isFirst && CannotOpen) throw new IOException("Input/output error");
            return isFirst ? new FailingStream(inner.Open(path), this) : inner.Open(path);
        }

        public long FreeBytes => inner.FreeBytes;

        public void Overwrite(string path, ReadOnlySpan<byte> content) => inner.Overwrite(path, content);

        public byte[]? TryRead(string path) => inner.TryRead(path);

        public void Replace(string path, ReadOnlySpan<byte> content) => inner.Replace(path, content);

        public void Copy(string path, string newPath) => inner.Copy(path, newPath);

        public void Rename(string path, string newPath) => inner.Rename(path, newPath);

        public void Delete(string path) => inner.Delete(path);
    }

    private sealed class FailingStream(Stream inner, FailingDisk disk) : Stream
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

        public override void Write(byte[] buffer, int offset, int count)
        {
            if (disk.CannotWrite) throw new IOException("Input/output error");
            inner.Write(buffer, offset, count);
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) inner.Dispose();
        }
    }
}
