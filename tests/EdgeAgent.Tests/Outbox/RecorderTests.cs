using System.Text;
using EdgeAgent.Capture;
using EdgeAgent.Outbox;
using EdgeAgent.Tenancy;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace EdgeAgent.Tests.Outbox;

/// <summary>What becomes of messages that come when they cannot be recorded.</summary>
public sealed class RecorderTests : IDisposable
{
    private static readonly TenantId Acme = TenantId.Parse("acme");

    private static readonly Channel Event = Channel.Event("vehicle/engine/running");

    private readonly TestDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ReadOnlyLedgerDisk _disk;
    private readonly BatchOutbox _outbox;
    private readonly Recorder _recorder;

    public RecorderTests()
    {
        _disk = new ReadOnlyLedgerDisk(DirectoryDisk.OpenRoot(_directory.Path));
        _outbox = new BatchOutbox(_disk, new OutboxOptions(TimeSpan.FromSeconds(5), 1 << 20), _time, NullLogger.Instance);
        _recorder = Recorder.Open(TestStamps.Of("acme", 1), _outbox, TimeSpan.FromSeconds(1), new WallClock(_time), _time, NullLogger.Instance, ringCapacity: 64);
    }

    public void Dispose()
    {
        _disk.IsReadOnly = false;
        _outbox.Dispose();
        _disk.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Of_a_message_that_no_record_holds_the_size_is_recorded()
    {
        _recorder.Append(Event, new byte[BatchBuilder.MaxBytes + 1]);
        _recorder.Append(Event, new byte[BatchBuilder.MaxBytes]);
        Assert.Equal("\"oversize\":65537", Encoding.UTF8.GetString(_outbox.TryTake()!.Batch.Payload));
        Assert.Equal(BatchBuilder.MaxBytes, _outbox.TryTake()!.Batch.Payload.Length);
    }

    [Fact]
    public void After_its_end_nothing_is_recorded_and_no_other_key_is_made()
    {
        _recorder.Append(Event, "\"a\":1"u8.ToArray());
        Assert.NotEmpty(FilesOfTheTenant());
        _recorder.Close();
        _outbox.Purge(Acme);
        _recorder.Append(Event, "\"a\":2"u8.ToArray());
        Assert.True(_outbox.Flush(all: true));
        Assert.Empty(FilesOfTheTenant());
        Assert.Null(_outbox.TryTake());
        Assert.Equal([new LedgerRange(1, 1, LedgerOutcome.Purged, LedgerReason.Purge)], Ranges());
    }

    [Fact]
    public void What_waits_for_a_number_gets_it_at_the_end()
    {
        _disk.IsReadOnly = true;
        _recorder.Append(Event, "\"a\":1"u8.ToArray());
        Assert.Null(_outbox.TryTake());
        _disk.IsReadOnly = false;
        _recorder.Close();
        Assert.Equal("\"a\":1", Encoding.UTF8.GetString(_outbox.TryTake()!.Batch.Payload));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_cannot_get_a_number_until_the_end_is_lost_and_the_ledger_says_so(bool atProperStop)
    {
        _disk.IsReadOnly = true;
        _recorder.Append(Event, "\"a\":1"u8.ToArray());
        _recorder.Append(Event, "\"a\":2"u8.ToArray());
        if (atProperStop) _recorder.AccountFor();
        else _recorder.Close();
        Assert.Null(_outbox.TryTake());
        Assert.Equal([new LedgerRange(1, 2, LedgerOutcome.Lost, LedgerReason.DiskFull)], Ranges());
        _disk.IsReadOnly = false;
        _recorder.AccountFor();
        Assert.Equal(3, _recorder.NextMessage);
        Assert.Equal([new LedgerRange(1, 2, LedgerOutcome.Lost, LedgerReason.DiskFull)], Ranges());
    }

    private IReadOnlyList<LedgerRange> Ranges() => _outbox.Ledgers(Acme).First(entry => entry.Stream == RecordStream.Messages).Ranges;

    /// <summary>Keys and segments.</summary>
    private string[] FilesOfTheTenant() =>
        [.. Directory.GetFiles(_directory.Path, "*", SearchOption.AllDirectories).Where(path => path.EndsWith(".db", StringComparison.Ordinal) || Path.GetFileName(path) == "key")];

    private sealed class ReadOnlyLedgerDisk(DirectoryDisk inner) : DiskOver(inner), IDisposable
    {
        public bool IsReadOnly { get; set; }

        public override void Overwrite(string path, ReadOnlySpan<byte> content)
        {
            Check(path);
            base.Overwrite(path, content);
        }

        public override void Replace(string path, ReadOnlySpan<byte> content)
        {
            Check(path);
            base.Replace(path, content);
        }

        public void Dispose() => inner.Dispose();

        private void Check(string path)
        {
            if (IsReadOnly && path.Contains("ledger", StringComparison.Ordinal)) throw new IOException("Read-only file system");
        }
    }
}
