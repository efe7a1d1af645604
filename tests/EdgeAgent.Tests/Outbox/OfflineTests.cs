using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>While the broker is away: the flash is written seldom and little. While the disk is at work: nobody waits for it.</summary>
public sealed class OfflineTests : IDisposable
{
    private static readonly SignalCatalog Catalog = new([new SignalDescription("can0/M/S", null)]);

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly DirectoryDisk _directoryDisk;
    private readonly SlowDisk _disk;
    private readonly BatchOutbox _outbox;
    private long _sequence = 1;

    public OfflineTests()
    {
        _directoryDisk = DirectoryDisk.OpenRoot(_directory.Path);
        _disk = new SlowDisk(_directoryDisk);
        _outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(5), 8_000_000), _time, NullLogger.Instance);
    }

    public void Dispose()
    {
        _outbox.Dispose();
        _directoryDisk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void What_is_sealed_waits_in_memory_until_the_oldest_has_to_be_stored_and_then_all_of_it_is_stored_with_one_sync()
    {
        for (int second = 0; second < 5; second++)
        {
            Append(10);
            Assert.True(_outbox.Flush());
            Assert.Equal(0, _disk.Syncs);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        Append(10);
        Assert.True(_outbox.Flush());
        Assert.Equal(1, _disk.Syncs);
        Assert.Equal((1L, 0L), (_outbox.Counts.StoredBatches, _outbox.Counts.MemoryBytes));

        var delivery = _outbox.TryTake()!;
        Assert.Equal((1L, 60), (delivery.Batch.FirstSequence, delivery.Batch.Count));
        _outbox.Acknowledge(delivery);
        Assert.Equal(60, _outbox.Counts.DeliveredSamples);
        Assert.Null(_outbox.TryTake());
    }

    [Fact]
    public void With_the_broker_there_only_what_has_waited_long_enough_is_stored_and_what_is_under_way_is_stored_for_itself()
    {
        _outbox.SetBrokerIsThere(true);
        Append(10);
        var underWay = _outbox.TryTake()!;
        Append(10);
        Append(10);
        _time.Advance(TimeSpan.FromSeconds(5));
        Append(10);
        Assert.True(_outbox.Flush());
        Assert.Equal(2, _outbox.Counts.StoredBatches); // the one under way, and the two behind it as one
        Assert.Equal([31L, 11], TakeAll());
        _outbox.Acknowledge(underWay);
    }

    [Fact]
    public void What_the_disk_refuses_can_be_taken()
    {
        _disk.IsBroken = true;
        Append(10);
        Append(10);
        Assert.False(_outbox.Flush(all: true));
        Assert.Equal([1L, 11], TakeAll());
    }

    [Fact]
    public async Task What_is_new_and_what_was_read_ahead_is_taken_while_the_disk_is_at_work_and_the_rest_when_it_is_free()
    {
        for (int i = 0; i < 70; i++)
        {
            Append(1);
            Assert.True(_outbox.Flush(all: true));
        }
        _outbox.SetBrokerIsThere(true);
        Assert.Equal(1, _outbox.TryTake()!.Batch.FirstSequence); // and 63 more are read with it

        Append(10);
        using var began = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        _disk.OnSync = () =>
        {
            began.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        };
        var storing = Task.Run(() => _outbox.Flush(all: true), TestContext.Current.CancellationToken);
        List<long> meanwhile;
        Task arrival;
        try
        {
            began.Wait(TestContext.Current.CancellationToken);
            Append(10); // captured and taken while the other thread waits for its sync
            meanwhile = TakeAll();
            arrival = _outbox.ArrivalAsync();
            Assert.False(arrival.IsCompleted);
        }
        finally
        {
            goOn.Set();
        }
        Assert.True(await storing);
        await arrival;
        Assert.Equal([71, 81, .. Enumerable.Range(2, 63).Select(number => (long)number)], meanwhile);
        Assert.Equal([65L, 66, 67, 68, 69, 70], TakeAll());
    }

    private void Append(int samples)
    {
        var builder = new BatchBuilder(TestStamps.Acme, Catalog);
        for (int i = 0; i < samples; i++) builder.Add(new Sample(_sequence++, i, 0, i));
        _outbox.Append(builder.Seal(default));
    }

    private List<long> TakeAll()
    {
        List<long> all = [];
        while (_outbox.TryTake() is { } delivery) all.Add(delivery.Batch.FirstSequence);
        return all;
    }

    /// <summary>Counts and delays the syncs of segments.</summary>
    private sealed class SlowDisk(IDisk inner) : IDisk
    {
        public int Syncs { get; private set; }

        public bool IsBroken { get; set; }

        public Action? OnSync { get; set; }

        public long FreeBytes => inner.FreeBytes;

        public IReadOnlyList<string> List() => inner.List();

        public Stream Open(string path) => IsBroken ? throw new IOException("Input/output error") : new SlowStream(this, inner.Open(path));

        public byte[]? TryRead(string path) => inner.TryRead(path);

        public void Replace(string path, ReadOnlySpan<byte> content) => inner.Replace(path, content);

        public void Overwrite(string path, ReadOnlySpan<byte> content) => inner.Overwrite(path, content);

        public void Copy(string path, string newPath) => inner.Copy(path, newPath);

        public void Rename(string path, string newPath) => inner.Rename(path, newPath);

        public void Delete(string path) => inner.Delete(path);

        private sealed class SlowStream(SlowDisk disk, Stream inner) : Stream
        {
            public override bool CanRead => true;

            public override bool CanSeek => true;

            public override bool CanWrite => true;

            public override long Length => inner.Length;

            public override long Position { get => inner.Position; set => inner.Position = value; }

            public override void Flush()
            {
                disk.Syncs++;
                disk.OnSync?.Invoke();
                inner.Flush();
            }

            public override int Read(byte[] buffer, int offset, int count) => inner.Read(buffer, offset, count);

            public override long Seek(long offset, SeekOrigin origin) => inner.Seek(offset, origin);

            public override void SetLength(long value) => inner.SetLength(value);

            public override void Write(byte[] buffer, int offset, int count) => inner.Write(buffer, offset, count);

            protected override void Dispose(bool disposing)
            {
                if (disposing) inner.Dispose();
            }
        }
    }
}
